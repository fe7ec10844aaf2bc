import assert from "node:assert/strict";
import { test } from "node:test";
import { kernelAt } from "../src/kernels";

const TEXT = [
  "import helion",
  "@helion.kernel",
  "def first(x):",
  "    return x",
  "",
  "@helion.kernel(",
  "    config=helion.Config(),",
  ")",
  "def second(x):",
  "    return x",
];
const KERNELS = [
  { kernel: "second", line: 8 },
  { kernel: "first", line: 2 },
  { kernel: "first", line: 2 },
];

test("a kernel holds its decorator, however long, its signature and its body", () => {
  const found = TEXT.map((_, line) => kernelAt(KERNELS, TEXT, line));
  const [first, second] = ["first", "second"];
  assert.deepEqual(found, [undefined, first, first, first, first, second, second, second, second, second]);
});

test("a file without kernels has none at the cursor", () => {
  assert.equal(kernelAt([], TEXT, 3), undefined);
});
