// An open trial: its whole config, why it failed, and what can be done with it; also how a difference from the default looks.
import type { Change, Row, Tuning } from "../src/tuning/model";
import { configText, time, whyNotLocked } from "../src/tuning/rows";
import { button, element } from "./elements";

export interface Acts {
  lock(number: number): void;
  triton(number: number): void;
  copy(number: number): void;
  /** The row that the keyboard is at. */
  current(number: number): void;
}

export function changeOf([knob, plain, own]: Change): HTMLElement {
  const values = [element("del", {}, plain), " ", element("ins", {}, own)];
  return element("span", { class: "change" }, element("code", {}, knob), " ", ...values);
}

/** The content of its cell; `changes` are those that the row had no place for. */
export function detailOf(row: Row, tuning: Tuning, changes: readonly Change[], acts: Acts): HTMLElement[] {
  const why = whyNotLocked(row, tuning);
  const label = tuning.estimated ? "Lock this one instead (estimated)" : "Lock this one instead";
  const lock =
    why === undefined
      ? button(label, () => acts.lock(row.number), { class: "primary" })
      : element("p", { class: "soft" }, why);
  const actions = [
    lock,
    ...(row.failure ? [] : [button("Show its Triton", () => acts.triton(row.number))]),
    button("Copy the config", () => acts.copy(row.number)),
  ];
  const isNoisy = row.us !== null && row.noise_us > 0;
  return [
    ...(changes.length > 0 ? [element("p", {}, ...changes.map(changeOf))] : []),
    element("code", { class: "config" }, configText(row.config)),
    ...(isNoisy ? [element("p", { class: "soft" }, `${time(row.us)} ± ${time(row.noise_us)}`)] : []),
    ...(row.failure ? [element("pre", { class: "failed" }, row.failure.message)] : []),
    element("div", { class: "actions" }, ...actions),
  ];
}
