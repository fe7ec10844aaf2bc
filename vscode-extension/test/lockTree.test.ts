import assert from "node:assert/strict";
import { test } from "node:test";
import {
  childrenOf,
  configText,
  counts,
  description,
  doubtful,
  kernelNodes,
  label,
  type LockNode,
  type LockRow,
  spoken,
  together,
  tooltip,
  tuneOptions,
  worst,
  writtenOf,
} from "../src/lockTree";

const at = (line: number): LockRow["range"] => ({ start: { line, character: 4 }, end: { line, character: 9 } });

function row(more: Partial<LockRow> = {}): LockRow {
  return {
    uri: "file:///a.py",
    kernel: "scale",
    called: "scale",
    device: "NVIDIA H200",
    signature: "f32[64,32]",
    state: "locked",
    remarks: [],
    served_by: "",
    evidence: "measured 10.0 µs (default 20.0 µs) on 2026-11-20",
    estimated: false,
    config: { block_sizes: [32, 32], indexing: "pointer", range_flattens: [null, true] },
    target: null,
    range: at(5),
    kernelRange: at(9),
    ...more,
  };
}

const ROWS = [
  row(),
  row({ signature: "f32[64,512]", state: "stale", remarks: ["the kernel's body was changed since it was tuned"] }),
  row({
    device: "sm_80",
    target: "sm_80",
    state: "missing",
    evidence: null,
    config: null,
    served_by: "served by another",
  }),
  row({ kernel: "first", kernelRange: at(2), device: "*", signature: null, state: "given" }),
  row({ uri: "file:///B.py", kernel: "scale", state: "estimated" }),
];

test("kernels that share a name stay apart", () => {
  const rows = [
    row({ kernel: "f", called: "f#1", kernelRange: at(4) }),
    row({ kernel: "f#2", called: "f#2", kernelRange: at(12), state: "missing" }),
  ];
  assert.deepEqual(kernelNodes(rows).map(label), ["f", "f#2"]);
});

const shown = (node: LockNode): unknown => [`${label(node)} | ${description(node)}`, ...childrenOf(node).map(shown)];

test("kernels by file and line, devices with several signatures opened up, single ones in one line", () => {
  assert.deepEqual(kernelNodes(ROWS).map(shown), [
    ["scale | 1 estimated", ["NVIDIA H200 | f32[64,32] · estimated"]],
    ["first | 1 given", ["every device | every signature · given"]],
    [
      "scale | 1 missing, 1 stale, 1 locked",
      ["NVIDIA H200 | 1 stale, 1 locked", ["f32[64,32] | locked"], ["f32[64,512] | stale"]],
      ["sm_80 | f32[64,32] · missing"],
    ],
  ]);
});

test("what needs a look, the worst of several, and what can be unlocked", () => {
  assert.deepEqual(
    doubtful(ROWS).map(({ state }) => state),
    ["stale", "missing"],
  );
  assert.equal(worst(ROWS), "missing");
  assert.equal(worst([row()]), "locked");
  assert.equal(counts([]), "");
  const [, , scale] = kernelNodes(ROWS);
  assert.ok(scale);
  assert.deepEqual(
    writtenOf(scale).map(({ device }) => device),
    ["NVIDIA H200", "NVIDIA H200"],
  );
});

test("a tooltip says the evidence, the doubts and the config", () => {
  const [, stale, missing] = ROWS as [LockRow, LockRow, LockRow];
  const versions = { triton: "3.7.1", torch: "2.13.0" };
  assert.equal(
    tooltip({ ...stale, versions }),
    [
      "**scale** on NVIDIA H200, `f32[64,512]`",
      "",
      "- **stale**",
      "- measured 10.0 µs (default 20.0 µs) on 2026-11-20",
      "- the kernel's body was changed since it was tuned",
      "- with triton 3.7.1, torch 2.13.0",
      "",
      "```python",
      'helion.Config(block_sizes=[32, 32], indexing="pointer", range_flattens=[None, True])',
      "```",
    ].join("\n"),
  );
  assert.equal(tooltip(missing), "**scale** on sm_80, `f32[64,32]`\n\n- **missing**: served by another");
  assert.equal(spoken(missing), "scale on sm_80, f32[64,32]: missing; served by another");
});

test("a config with many keys has a line for each", () => {
  const config = { a: 1, b: [2], c: true, d: "x", e: 2.5 };
  assert.equal(configText(config), 'helion.Config(\n    a=1,\n    b=[2],\n    c=True,\n    d="x",\n    e=2.5,\n)');
});

test("an entry is tuned here when its device is here, an architecture, any, or elsewhere by ssh", () => {
  const [measured, , missing] = ROWS as [LockRow, LockRow, LockRow];
  assert.deepEqual(tuneOptions(missing, null, false), { args: "f32[64,32]", target: "sm_80" });
  assert.deepEqual(tuneOptions(measured, "NVIDIA H200", false), { args: "f32[64,32]" });
  assert.deepEqual(tuneOptions(measured, null, true), { args: "f32[64,32]" });
  assert.deepEqual(tuneOptions(row({ device: "*", signature: null }), null, false), {});
  assert.equal(tuneOptions(measured, null, false), "this machine has no GPU, and the lock is for NVIDIA H200");
  assert.equal(
    tuneOptions(measured, "NVIDIA B200", false),
    "this machine has an NVIDIA B200, and the lock is for NVIDIA H200",
  );
});

test("what several servers say of their folders is one overview, as complete as the least complete", () => {
  const one = { rows: [row()], complete: true, truncated: false, here: "NVIDIA H200" };
  const other = { rows: [row({ uri: "file:///b.py" })], complete: false, truncated: true, here: null, message: "late" };
  const both = together([one, other]);
  assert.deepEqual(
    both.rows.map(({ uri }) => uri),
    ["file:///a.py", "file:///b.py"],
  );
  assert.deepEqual([both.complete, both.truncated, both.message], [false, true, "late"]);
  assert.deepEqual(together([one]), { ...one, message: undefined });
});
