// The page of the tune panel: shows what the extension tells of a tuning, and tells it what was pressed.
import { type FromPage, type Listed, merged, type ToPage, type Tuning } from "../src/tuning/model";
import { facts, spent, stateInWords, title } from "../src/tuning/words";
import { Chart } from "./chart";
import { element } from "./elements";
import { FailureHistogram, Influences } from "./sections";
import "./style.css";
import { Table } from "./table";

declare function acquireVsCodeApi(): { postMessage(message: FromPage): void };

const TOLD_SECONDS = 12;
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
const influences = new Influences();
const failures = new FailureHistogram();
const table = new Table({
  lock: (number) => code.postMessage({ type: "lock", number }),
  triton: (number) => code.postMessage({ type: "triton", number }),
  copy: (number) => code.postMessage({ type: "copy", number }),
  current: (number) => chart.mark(number),
});
const whole = [
  element("header", {}, element("div", { class: "title" }, heading, badge), choice, state, progress),
  told,
  summary,
  chart.root,
  element("div", { class: "columns" }, influences.root, failures.root),
  table.root,
];

let tuning: Tuning | undefined;
let forgetting: ReturnType<typeof setTimeout> | undefined;

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
  influences.show(found);
  failures.show(found);
  table.show(found);
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
      clearTimeout(forgetting);
      forgetting = data.isProblem ? undefined : setTimeout(() => told.replaceChildren(), TOLD_SECONDS * 1000);
      if (!main.contains(told)) {
        main.append(told);
      }
      break;
  }
});
code.postMessage({ type: "ready" });
