// The tune panel without a page: merging, ordering, drawing and saying what a tuning is.
import assert from "node:assert/strict";
import { test } from "node:test";
import { curve, curveInWords, nearest } from "../src/tuning/curve";
import { type Answer, merged, type Row, type Tuning } from "../src/tuning/model";
import { page } from "../src/tuning/page";
import {
  BEST_FIRST,
  configText,
  marks,
  ordered,
  registers,
  reordered,
  sharedMemory,
  speedup,
  time,
  whyNotLocked,
} from "../src/tuning/rows";
import { facts, gist, spent, stateInWords, title, valuesInWords } from "../src/tuning/words";

function row(number: number, us: number | null, more: Partial<Row> = {}): Row {
  const failure = us === null ? { kind: "timeout", message: "it took\ntoo long\n" } : null;
  const plain = { noise_us: 0, registers: 32, spills: 0, shared_memory: 2048, config: { num_warps: 4 } };
  return { number, us, failure, ...plain, changes: number === 1 ? [] : [["num_warps", "4", "8"]], ...more };
}

const ROWS = [row(1, 20), row(2, null, { registers: null, shared_memory: null }), row(3, 8), row(4, 12), row(5, 500)];
const ANSWER: Answer = {
  id: "matmul-1",
  signature: "f32[8]",
  device: "sm_90",
  estimated: true,
  state: "ended",
  date: "2026-11-21",
  stale: null,
  kernel: "matmul",
  run: 1,
  trials: 5,
  failed: 1,
  default_us: 20,
  best_us: 8,
  winner: 3,
  locked: 4,
  best_so_far: [
    [1, 20],
    [3, 8],
  ],
  influence: [],
  failures: [],
  result: { us: 8, correctness: { passed: null } },
  message: "",
  phase: "",
  search: "pattern",
  budget_seconds: 60,
  seconds_left: null,
  rows: ROWS,
  after: 0,
};
const TUNING: Tuning = merged(undefined, ANSWER);

test("new rows go after those that are known", () => {
  const first = merged(undefined, { ...ANSWER, rows: ROWS.slice(0, 2) });
  const second = merged(first, { ...ANSWER, rows: ROWS.slice(2), after: 2 });
  assert.deepEqual(second.rows, ROWS);
  assert.deepEqual(merged(second, { ...ANSWER, rows: [], after: 5 }).rows, ROWS);
});

test("another tuning and another run take the place of what was known", () => {
  const others: Partial<Answer>[] = [{ id: "matmul-2" }, { run: 2 }];
  for (const other of others) {
    assert.deepEqual(merged(TUNING, { ...ANSWER, ...other, rows: [row(1, 3)], after: 0 }).rows, [row(1, 3)]);
  }
});

test("what failed comes last in either order", () => {
  const numbers = (order: Parameters<typeof ordered>[1]): number[] => ordered(ROWS, order).map(({ number }) => number);
  assert.deepEqual(numbers(BEST_FIRST), [3, 4, 1, 5, 2]);
  assert.deepEqual(numbers(reordered(BEST_FIRST, "us")), [5, 1, 4, 3, 2]);
  assert.deepEqual(numbers(reordered(BEST_FIRST, "number")), [1, 2, 3, 4, 5]);
  assert.deepEqual(numbers(reordered(reordered(BEST_FIRST, "number"), "number")), [5, 4, 3, 2, 1]);
});

test("cells say units, and nothing where nothing is known", () => {
  assert.deepEqual([0.1234, 12.3, 1234.5, null].map(time), ["0.123 µs", "12.30 µs", "1235 µs", "–"]);
  assert.equal(speedup(8, 20), "2.50×");
  assert.equal(speedup(null, 20), "");
  assert.equal(registers(row(1, 1, { spills: 4 })), "32 + 4 spilled");
  assert.equal(registers(row(1, 1, { registers: null })), "");
  assert.deepEqual(
    [512, 2048].map((shared_memory) => sharedMemory(row(1, 1, { shared_memory }))),
    ["512 B", "2 KiB"],
  );
});

test("a config is what one would write", () => {
  const config = { block_sizes: [64, 32], flatten_loops: [true], reduction_loops: [null], pid_type: "flat" };
  assert.equal(
    configText(config),
    'helion.Config(block_sizes=[64, 32], flatten_loops=[True], reduction_loops=[None], pid_type="flat")',
  );
});

test("rows are marked by what they are", () => {
  assert.deepEqual(
    ROWS.map((one) => marks(one, TUNING)),
    [["default"], [], ["winner", "fastest"], ["locked"], []],
  );
});

test("what cannot be locked says why", () => {
  assert.equal(whyNotLocked(row(3, 8), TUNING), undefined);
  assert.match(whyNotLocked(row(2, null), TUNING) ?? "", /no time/);
  assert.match(whyNotLocked(row(4, 12), TUNING) ?? "", /locked now/);
  assert.match(whyNotLocked(row(3, 8), { ...TUNING, state: "running" }) ?? "", /still running/);
  assert.match(whyNotLocked(row(3, 8), { ...TUNING, stale: "matmul was changed since" }) ?? "", /Stale: matmul was/);
});

test("the curve goes down, stays inside, and puts what is far too slow at the edge", () => {
  const found = curve(TUNING, { width: 600, height: 240 });
  assert.ok(found);
  const { left, right, top, bottom } = found.inner;
  assert.deepEqual(
    found.points.map(({ row: { number } }) => number),
    [1, 3, 4, 5],
  );
  for (const { x, y } of found.points) {
    assert.ok(x >= left && x <= right && y >= top && y <= bottom);
  }
  const [first, third, , slow] = found.points;
  assert.ok(first && third && slow && third.y > first.y);
  assert.equal(slow.y, top);
  assert.deepEqual(
    found.points.map(({ isAbove }) => isAbove),
    [false, false, false, true],
  );
  assert.equal(found.default, first.y);
  assert.equal(found.path, `M${left} ${first.y}H${third.x}V${third.y}H${right}`);
  assert.deepEqual(
    found.numbers.map(({ label }) => label),
    ["1", "3", "5"],
  );
  assert.ok(found.times.length >= 3 && found.times.length <= 9);
  assert.equal(nearest(found.points, third.x + 3, third.y - 3, 14)?.row.number, 3);
  assert.equal(nearest(found.points, third.x + 30, third.y - 30, 14), undefined);
});

test("times far apart have a tick wherever they are", () => {
  const rows = [row(1, 300), row(2, 3)];
  const found = curve(
    {
      ...TUNING,
      rows,
      best_so_far: [
        [1, 300],
        [2, 3],
      ],
      default_us: 300,
    },
    { width: 600, height: 240 },
  );
  const labels = found?.times.map(({ label }) => label);
  assert.deepEqual(labels, ["5 µs", "10 µs", "20 µs", "50 µs", "100 µs", "200 µs"]);
});

test("a single trial is drawn, none is not", () => {
  const one = curve({ rows: [row(1, 20)], best_so_far: [[1, 20]], default_us: 20 }, { width: 600, height: 240 });
  assert.equal(one?.points.length, 1);
  assert.ok(one.times.length > 0 && one.times.every(({ at }) => Number.isFinite(at)));
  assert.equal(
    curve({ rows: [row(1, null)], best_so_far: [], default_us: null }, { width: 600, height: 240 }),
    undefined,
  );
});

test("the curve in words says estimated where it is", () => {
  const words = "Best time so far over 5 trials: from estimated 20.00 µs at trial 1 to estimated 8.00 µs at trial 3.";
  const plain = " The default takes estimated 20.00 µs.";
  assert.equal(curveInWords(TUNING), `${words}${plain} 1 slower, above: a triangle at the upper edge.`);
  const near = TUNING.rows.filter(({ number }) => number !== 5);
  assert.equal(curveInWords({ ...TUNING, rows: near }), `${words}${plain}`);
  assert.ok(!curveInWords({ ...TUNING, estimated: false }).includes("estimated"));
  assert.equal(
    curveInWords({ ...TUNING, trials: 1, best_so_far: [] }),
    "Best time so far: none of 1 trial has a time.",
  );
});

test("the facts and the state say what came of it", () => {
  assert.deepEqual(
    facts(TUNING).map(({ name, value }) => `${name}: ${value}`),
    [
      "best, estimated: 8.00 µs",
      "default, estimated: 20.00 µs",
      "speed-up: 2.50×",
      "trials: 5",
      "failed: 1",
      "search: pattern",
    ],
  );
  const running: Tuning = { ...TUNING, state: "running", seconds_left: 29.2, phase: "confirming 3 finalists" };
  assert.equal(stateInWords(running), "Running · confirming 3 finalists · 30 s left");
  assert.equal(spent({ ...running, seconds_left: 15 }), 0.75);
  assert.equal(spent(TUNING), undefined);
  assert.match(stateInWords({ ...TUNING, result: {} }), /did not come to its end/);
  assert.match(stateInWords({ ...TUNING, result: { failed: "no-config", message: "all timed out" } }), /all timed out/);
  assert.match(stateInWords({ ...TUNING, result: { partial: true } }), /not confirmed/);
  assert.match(
    stateInWords({ ...TUNING, result: { significant: false } }),
    /beyond the model's own error.* Measure on a GPU/,
  );
  assert.match(stateInWords({ ...TUNING, estimated: false, result: { significant: false } }), /Nothing was faster/);
  assert.match(
    stateInWords({ ...TUNING, estimated: false, result: { correctness: { passed: true, reference: "eager" } } }),
    /match eager/,
  );
  assert.match(stateInWords(TUNING), /estimated: nothing was run/);
  assert.match(stateInWords({ ...TUNING, state: "cancelled" }), /neither confirmed nor checked/);
});

test("a tuning in the list says what it is of", () => {
  assert.equal(title(TUNING), "sm_90 · f32[8] · estimated · 2026-11-21");
  assert.equal(
    title({ ...TUNING, state: "running", stale: "changed" }),
    "sm_90 · f32[8] · estimated · running · stale",
  );
});

test("long things are said in short", () => {
  assert.equal(gist("it took\n  too long \n\n"), "too long");
  const values = [
    ["64", 8, 9, 12],
    ["32", 12, 14, 3],
  ] as const;
  assert.equal(valuesInWords(values, 1), "64: 8.00 µs (12), 1 more");
});

test("the page lets nothing in but its own script and style", () => {
  const html = page('a "kernel" <b>', {
    csp: "https://own",
    script: "https://own/a.js",
    style: "https://own/a.css",
    nonce: "n0",
  });
  assert.match(html, /default-src 'none'; style-src https:\/\/own; script-src 'nonce-n0';/);
  assert.ok(!html.includes("unsafe"));
  assert.ok(!/ on\w+=|style="|<style/.test(html));
  assert.ok(html.includes("<title>a &quot;kernel&quot; &lt;b></title>"));
  assert.equal(html.match(/<script/g)?.length, 1);
});
