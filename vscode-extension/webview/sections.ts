// What mattered and what failed, as tables with bars.
import type { Tuning } from "../src/tuning/model";
import { gist, valuesInWords } from "../src/tuning/words";
import { bar, button, element } from "./elements";

const MOST_VALUES = 5;
const MOST_KNOBS = 5;

export class Influences {
  readonly root = element("section", { "aria-label": "What mattered" });
  private showsAll = false;

  show(tuning: Tuning): void {
    const found = tuning.influence;
    this.root.hidden = found.length === 0;
    const shown = this.showsAll ? found : found.slice(0, MOST_KNOBS);
    const rows = shown.map(({ knob, share, values }) =>
      rowOf(knob, share, `${Math.round(share * 100)} %`, valuesInWords(values, MOST_VALUES)),
    );
    const showAll = button(`Show all ${found.length} knobs`, () => {
      this.showsAll = true;
      this.show(tuning);
    });
    const words = "How much of the spread of times each knob accounts for. Knobs that were varied together share it.";
    this.root.replaceChildren(
      element("h2", {}, "What mattered"),
      element("p", { class: "soft" }, words),
      tableOf("What mattered", ["Knob", "Share", "Values: best time (trials)"], rows),
      ...(shown.length < found.length ? [element("p", {}, showAll)] : []),
    );
  }
}

export class FailureHistogram {
  readonly root = element("section", { "aria-label": "Failures" });

  show({ failures: found }: Tuning): void {
    this.root.hidden = found.length === 0;
    const most = Math.max(1, ...found.map(({ count }) => count));
    const rows = found.map(({ kind, count, first }) => {
      const message = element(
        "details",
        {},
        element("summary", {}, gist(first) || "its message"),
        element("pre", {}, first),
      );
      return rowOf(kind, count / most, String(count), message);
    });
    const words = "The tuner filters these configs; they say nothing against the kernel unless all fail.";
    this.root.replaceChildren(
      element("h2", {}, "Failures"),
      element("p", { class: "soft" }, words),
      tableOf("Failures", ["Kind", "Count", "The first"], rows),
    );
  }
}

function rowOf(name: string, share: number, number: string, said: Node | string): HTMLTableRowElement {
  return element(
    "tr",
    {},
    element("th", { scope: "row" }, element("code", {}, name)),
    element("td", { class: "share" }, bar(share), element("span", { class: "number" }, number)),
    element("td", { class: "soft" }, said),
  );
}

function tableOf(label: string, titles: readonly string[], rows: readonly HTMLTableRowElement[]): HTMLElement {
  const head = element("tr", {}, ...titles.map((text) => element("th", { scope: "col" }, text)));
  const table = element("table", { "aria-label": label }, element("thead", {}, head), element("tbody", {}, ...rows));
  return element("div", { class: "wide" }, table);
}
