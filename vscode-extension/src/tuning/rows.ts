// The trials of a tuning in the order that was asked for, as the texts of a table's cells; knows no page.
import type { Row, Tuning } from "./model";

export const COLUMNS = ["number", "us", "registers", "shared_memory"] as const;
export type Column = (typeof COLUMNS)[number];

export interface Order {
  readonly column: Column;
  readonly isDescending: boolean;
}

export const BEST_FIRST: Order = { column: "us", isDescending: false };

/** What a click on a column's title makes of the order. */
export function reordered(order: Order, column: Column): Order {
  return { column, isDescending: order.column === column && !order.isDescending };
}

/** A new list; rows without a value come last either way, in the order they were tried. */
export function ordered(rows: readonly Row[], { column, isDescending }: Order): Row[] {
  const sign = isDescending ? -1 : 1;
  return [...rows].sort((a, b) => {
    const [left, right] = [a[column], b[column]];
    if (left === null || right === null) {
      return left === right ? a.number - b.number : left === null ? 1 : -1;
    }
    return sign * (left - right) || a.number - b.number;
  });
}

/** `12.30 µs`, with as many digits as tell neighbours apart. */
export function time(us: number | null): string {
  return us === null ? "–" : `${us.toFixed(us < 1 ? 3 : us < 1000 ? 2 : 0)} µs`;
}

/** `1.52×` as fast as the default. */
export function speedup(us: number | null, plain: number | null): string {
  return us === null || plain === null || us === 0 ? "" : `${(plain / us).toFixed(2)}×`;
}

export function registers({ registers: used, spills }: Row): string {
  return used === null ? "" : `${used}${spills ? ` + ${spills} spilled` : ""}`;
}

export function sharedMemory({ shared_memory: bytes }: Row): string {
  return bytes === null ? "" : bytes < 1024 ? `${bytes} B` : `${Math.round(bytes / 1024)} KiB`;
}

/** What is special about a row, the most important first. */
export function marks(row: Row, tuning: Pick<Tuning, "locked" | "winner" | "best_us">): string[] {
  return [
    ...(row.number === tuning.locked ? ["locked"] : []),
    ...(row.number === tuning.winner ? ["winner"] : []),
    ...(row.us !== null && row.us === tuning.best_us ? ["fastest"] : []),
    ...(row.changes.length === 0 ? ["default"] : []),
  ];
}

/** Why a row cannot be locked; undefined when it can. The server has the last word. */
export function whyNotLocked(row: Row, tuning: Pick<Tuning, "locked" | "state" | "stale">): string | undefined {
  if (row.failure) {
    return "It has no time, so there is nothing to lock.";
  }
  if (row.number === tuning.locked) {
    return "This is what is locked now.";
  }
  if (tuning.state === "running") {
    return "The tuning is still running: its end would replace the lock. Cancel it to choose.";
  }
  return tuning.stale === null ? undefined : `Stale: ${tuning.stale}. Tune again.`;
}

/** `helion.Config(block_sizes=[64, 64], num_warps=8)`. */
export function configText(config: Readonly<Record<string, unknown>>): string {
  const entries = Object.entries(config).map(([key, value]) => `${key}=${pythonText(value)}`);
  return `helion.Config(${entries.join(", ")})`;
}

function pythonText(value: unknown): string {
  if (Array.isArray(value)) {
    return `[${value.map(pythonText).join(", ")}]`;
  }
  if (typeof value === "boolean") {
    return value ? "True" : "False";
  }
  return value === null ? "None" : JSON.stringify(value);
}
