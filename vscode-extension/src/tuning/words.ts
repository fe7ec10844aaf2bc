// A tuning in, what the panel says of it in words out.
import type { Listed, Tuning } from "./model";
import { speedup, time } from "./rows";

export interface Fact {
  readonly name: string;
  readonly value: string;
}

/** Numbers worth a place at the top. */
export function facts(tuning: Tuning): Fact[] {
  const word = tuning.estimated ? "estimated" : "measured";
  const faster = speedup(tuning.best_us, tuning.default_us);
  return [
    { name: `best, ${word}`, value: time(tuning.best_us) },
    ...(tuning.default_us === null ? [] : [{ name: `default, ${word}`, value: time(tuning.default_us) }]),
    ...(faster === "" ? [] : [{ name: "speed-up", value: faster }]),
    { name: "trials", value: String(tuning.trials) },
    { name: "failed", value: String(tuning.failed) },
    ...(tuning.search === null ? [] : [{ name: "search", value: tuning.search }]),
  ];
}

/** How it stands with the tuning. */
export function stateInWords(tuning: Tuning): string {
  switch (tuning.state) {
    case "running": {
      const left = tuning.seconds_left;
      return [
        "Running",
        ...(tuning.phase === "" ? [] : [tuning.phase]),
        ...(left === null ? [] : [`${Math.ceil(left)} s left`]),
      ].join(" · ");
    }
    case "cancelled":
      return "Cancelled: the best so far is neither confirmed nor checked.";
    case "failed":
      return `No config was kept: ${tuning.message || "the tuning failed"}`;
    case "ended":
      return conclusion(tuning);
  }
}

function conclusion({ result, estimated }: Tuning): string {
  if (Object.keys(result).length === 0) {
    return "This tuning did not come to its end: it was stopped, or something else still runs it.";
  }
  if (typeof result.failed === "string") {
    return `No config was kept: ${typeof result.message === "string" ? result.message : result.failed}`;
  }
  if (result.partial === true) {
    return "The search was stopped before its end; its winner was not confirmed.";
  }
  if (result.significant === false && estimated) {
    return "No estimated gain is beyond the model's own error: what was in use stays. Measure on a GPU.";
  }
  if (result.significant === false) {
    return "Nothing was faster by more than the noise than what was in use.";
  }
  if (estimated) {
    return "The winner is estimated: nothing was run, so its results were not compared.";
  }
  const checked = result.correctness as { passed?: boolean | null; reference?: string } | undefined;
  return checked?.passed === true
    ? `The winner was confirmed, and its results match ${checked.reference ?? "the reference"}.`
    : "The winner was confirmed.";
}

/** How much of the budget is spent, from 0 to 1; undefined when nothing runs or there is no budget. */
export function spent({ state, budget_seconds: budget, seconds_left: left }: Tuning): number | undefined {
  return state !== "running" || !budget || left === null ? undefined : Math.min(1, Math.max(0, 1 - left / budget));
}

/** A tuning in the list to choose from. */
export function title(listed: Listed): string {
  const parts = [listed.device ?? "?", listed.signature ?? "?", listed.estimated ? "estimated" : "measured"];
  const state = listed.state === "running" ? "running" : listed.date;
  return [...parts, state, ...(listed.stale === null ? [] : ["stale"])].join(" · ");
}

/** The last line of a message that says something: a compiler's is the one that names the problem. */
export function gist(message: string): string {
  const lines = message.split("\n").filter((line) => line.trim() !== "");
  return (lines.at(-1) ?? "").trim().slice(0, 160);
}

/** `64: 8.10 µs (12 trials)` for the best values of a knob. */
export function valuesInWords(values: Tuning["influence"][number]["values"], most: number): string {
  const shown = values.slice(0, most).map(([value, best, , trials]) => `${value}: ${time(best)} (${trials})`);
  return [...shown, ...(values.length > most ? [`${values.length - most} more`] : [])].join(", ");
}
