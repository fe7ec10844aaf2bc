// The page of the tune panel: shows what the extension tells of a tuning, and tells it what was pressed.
import { type FromPage, type Listed, merged, type ToPage, type Tuning } from "../src/tuning/model";
import { facts, gist, spent, stateInWords, title, valuesInWords } from "../src/tuning/words";
import { Chart } from "./chart";
import { bar, element } from "./elements";
import "./style.css";
import { Table } from "./table";

declare function acquireVsCodeApi(): { postMessage(message: FromPage): void };

const MOST_VALUES = 6;
const code = acquireVsCodeApi();
const main = document.getElementById("tuning") ?? document.body;

const heading = element("h1");
const badge = element("span", { class: "badge" });
const choice = element("select", { "aria-label": "Tuning" });
const state = element("p", { class: "state" });
const progress = element("progress", { max: 1, "aria-label": "Budget spent" });
const told = element("p", { class: "told", role: "status", "aria-live": "polite" });
const summary = element("dl", { class: "facts" });
const chart = new Chart((number) => table.open(number));
const influence = element("section", { "aria-label": "What mattered" });
const failures = element("section", { "aria-label": "Failures" });
const table = new Table({
  lock: (number) => code.postMessage({ type: "lock", number }),
  triton: (number) => code.postMessage({ type: "triton", number }),
  copy: (number) => code.postMessage({ type: "copy", number }),
  current: (number) => chart.mark(number),
});
const whole = [
  element("header", {}, element("div", { class: "title" }, heading, badge), choice, state, progress, told),
  summary,
  chart.root,
  element("div", { class: "columns" }, influence, failures),
  table.root,
];

let tuning: Tuning | undefined;

function showList(kernel: string, tunings: readonly Listed[]): void {
  heading.textContent = kernel;
  const options = tunings.map((listed) => element("option", { value: listed.id }, title(listed)));
  choice.replaceChildren(...options);
  choice.hidden = tunings.length === 0;
  if (tuning) {
    choice.value = tuning.id;
  }
}

function showNothing(): void {
  const words =
    "Nothing of this kernel was tuned on this machine yet. “Tune and lock” above the kernel starts a search.";
  main.replaceChildren(element("p", { class: "nothing" }, words), told);
}

function show(found: Tuning): void {
  if (!main.contains(summary)) {
    main.replaceChildren(...whole);
  }
  heading.textContent = found.kernel;
  badge.textContent = found.estimated ? "estimated" : "measured";
  badge.title = found.estimated
    ? "Times are a model's, for the compiled code; nothing was run."
    : "Times were measured.";
  choice.value = found.id;
  state.textContent = found.stale === null ? stateInWords(found) : `${stateInWords(found)} Stale: ${found.stale}.`;
  state.classList.toggle("stale", found.stale !== null);
  const share = spent(found);
  progress.hidden = share === undefined;
  progress.value = share ?? 0;
  summary.replaceChildren(
    ...facts(found).map(({ name, value }) => element("div", {}, element("dt", {}, name), element("dd", {}, value))),
  );
  chart.show(found);
  showInfluence(found);
  showFailures(found);
  table.show(found);
}

function showInfluence({ influence: found }: Tuning): void {
  influence.hidden = found.length === 0;
  const rows = found.map(({ knob, share, values }) =>
    element(
      "tr",
      {},
      element("th", { scope: "row" }, element("code", {}, knob)),
      element(
        "td",
        { class: "share" },
        bar(share),
        element("span", { class: "number" }, `${Math.round(share * 100)} %`),
      ),
      element("td", { class: "soft" }, valuesInWords(values, MOST_VALUES)),
    ),
  );
  const head = ["Knob", "Share", "Values: best time (trials)"].map((text) => element("th", { scope: "col" }, text));
  influence.replaceChildren(
    element("h2", {}, "What mattered"),
    element(
      "p",
      { class: "soft" },
      "How much of the spread of times each knob accounts for. Knobs that were varied together share it.",
    ),
    element(
      "div",
      { class: "wide" },
      element(
        "table",
        { "aria-label": "What mattered" },
        element("thead", {}, element("tr", {}, ...head)),
        element("tbody", {}, ...rows),
      ),
    ),
  );
}

function showFailures({ failures: found }: Tuning): void {
  failures.hidden = found.length === 0;
  const most = Math.max(1, ...found.map(({ count }) => count));
  const rows = found.map(({ kind, count, first }) =>
    element(
      "tr",
      {},
      element("th", { scope: "row" }, element("code", {}, kind)),
      element("td", { class: "share" }, bar(count / most), element("span", { class: "number" }, String(count))),
      element(
        "td",
        {},
        element("details", {}, element("summary", {}, gist(first) || "its message"), element("pre", {}, first)),
      ),
    ),
  );
  const head = ["Kind", "Count", "The first"].map((text) => element("th", { scope: "col" }, text));
  failures.replaceChildren(
    element("h2", {}, "Failures"),
    element(
      "p",
      { class: "soft" },
      "The tuner filters these configs; they say nothing against the kernel unless all fail.",
    ),
    element(
      "div",
      { class: "wide" },
      element(
        "table",
        { "aria-label": "Failures" },
        element("thead", {}, element("tr", {}, ...head)),
        element("tbody", {}, ...rows),
      ),
    ),
  );
}

choice.addEventListener("change", () => code.postMessage({ type: "choose", id: choice.value }));
window.addEventListener("message", ({ data }: MessageEvent<ToPage>) => {
  switch (data.type) {
    case "list":
      showList(data.kernel, data.tunings);
      break;
    case "tuning":
      tuning = data.answer === null ? undefined : merged(tuning, data.answer);
      if (tuning) {
        show(tuning);
      } else {
        showNothing();
      }
      break;
    case "told":
      told.textContent = data.message;
      told.classList.toggle("problem", data.isProblem);
      if (!main.contains(told)) {
        main.append(told);
      }
      break;
  }
});
code.postMessage({ type: "ready" });
