// Where everything of a tuning's curve stands in a drawing of some size, times on a log scale; and the same in words.
import type { Row, Tuning } from "./model";
import { time } from "./rows";

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Point {
  readonly row: Row;
  readonly x: number;
  readonly y: number;
  /** Slower than what the drawing reaches: it stands at the upper edge instead. */
  readonly isAbove: boolean;
}

export interface Tick {
  readonly at: number;
  readonly label: string;
}

export interface Curve {
  readonly points: readonly Point[];
  /** The best so far, as the path of an SVG. */
  readonly path: string;
  readonly default: number | undefined;
  readonly times: readonly Tick[];
  readonly numbers: readonly Tick[];
  readonly inner: { readonly left: number; readonly right: number; readonly top: number; readonly bottom: number };
}

type Drawn = Pick<Tuning, "rows" | "best_so_far" | "default_us">;

const MARGIN = { left: 62, right: 14, top: 12, bottom: 26 };
/** Trials slower than so many times the default stand at the upper edge: they would squeeze what matters into a corner. */
const MOST_OF_DEFAULT = 4;
const WIDE = 5;

/** Nothing when no trial has a time. */
export function curve(
  { rows, best_so_far: steps, default_us: plain }: Drawn,
  { width, height }: Size,
): Curve | undefined {
  const timed = rows.filter((row): row is Row & { us: number } => row.us !== null);
  const best = steps.at(-1);
  if (timed.length === 0 || !best) {
    return undefined;
  }
  const high = upper(rows, best[1], plain);
  const low = best[1] / 1.08;
  const inner = { left: MARGIN.left, right: width - MARGIN.right, top: MARGIN.top, bottom: height - MARGIN.bottom };
  const last = Math.max(1, rows.length - 1);
  const x = (number: number): number => round(inner.left + ((inner.right - inner.left) * (number - 1)) / last);
  const y = (us: number): number => {
    const share = Math.log(Math.min(Math.max(us, low), high) / low) / Math.log(high / low);
    return round(inner.bottom - (inner.bottom - inner.top) * share);
  };
  return {
    points: timed.map((row) => ({ row, x: x(row.number), y: y(row.us), isAbove: row.us > high })),
    path: `${steps.map(([number, us], i) => (i === 0 ? `M${x(number)} ${y(us)}` : `H${x(number)}V${y(us)}`)).join("")}H${x(rows.length)}`,
    default: plain === null ? undefined : y(plain),
    times: ticks(low, high).map((tick) => ({ at: y(tick), label: `${tick} µs` })),
    numbers: [...new Set([1, Math.floor((rows.length + 1) / 2), rows.length])].map((number) => ({
      at: x(number),
      label: String(number),
    })),
    inner,
  };
}

/** The time at the upper edge. */
function upper(rows: readonly Row[], best: number, plain: number | null): number {
  const slowest = rows.reduce((most, row) => Math.max(most, row.us ?? 0), 0);
  return Math.max(Math.min(slowest, MOST_OF_DEFAULT * (plain ?? best)), best * 1.3) * 1.08;
}

/** The point nearest to a place, if any is near. */
export function nearest(points: readonly Point[], x: number, y: number, within: number): Point | undefined {
  let found: Point | undefined;
  let distance = within;
  for (const point of points) {
    const own = Math.hypot(point.x - x, point.y - y);
    if (own <= distance) {
      [found, distance] = [point, own];
    }
  }
  return found;
}

/** What the drawing shows, in a sentence. */
export function curveInWords(
  tuning: Pick<Tuning, "rows" | "best_so_far" | "default_us" | "trials" | "estimated">,
): string {
  const [first, last] = [tuning.best_so_far[0], tuning.best_so_far.at(-1)];
  const trials = `${tuning.trials} ${tuning.trials === 1 ? "trial" : "trials"}`;
  if (!first || !last) {
    return `Best time so far: none of ${trials} has a time.`;
  }
  const word = tuning.estimated ? "estimated " : "";
  const plain = tuning.default_us === null ? "" : ` The default takes ${word}${time(tuning.default_us)}.`;
  const high = upper(tuning.rows, last[1], tuning.default_us);
  const above = tuning.rows.filter(({ us }) => us !== null && us > high).length;
  const beyond =
    above === 0 ? "" : ` ${above} slower, above: ${above === 1 ? "a triangle" : "triangles"} at the upper edge.`;
  return `Best time so far over ${trials}: from ${word}${time(first[1])} at trial ${first[0]} to ${word}${time(last[1])} at trial ${last[0]}.${plain}${beyond}`;
}

/** Round values between two: four or five at equal distances, or 1, 2 and 5 of each power of ten where those would leave a gap below. */
function ticks(low: number, high: number): number[] {
  if (high / low > WIDE) {
    const powers = Array.from(
      { length: Math.ceil(Math.log10(high / low)) + 1 },
      (_, i) => Math.floor(Math.log10(low)) + i,
    );
    const values = powers.flatMap((power) => [1, 2, 5].map((factor) => Number((factor * 10 ** power).toPrecision(3))));
    return values.filter((value) => value >= low && value <= high);
  }
  const raw = (high - low) / 4;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= raw) ?? 10);
  const first = Math.ceil(low / step);
  const count = Math.max(0, Math.floor(high / step) - first + 1);
  return Array.from({ length: count }, (_, i) => Number(((first + i) * step).toPrecision(10)));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
