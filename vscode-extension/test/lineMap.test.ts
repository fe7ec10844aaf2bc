import assert from "node:assert/strict";
import { test } from "node:test";
import { firstBlock, type LineMapEntry, type LinePair, pairedLines, previewLines, sourceLines } from "../src/lineMap";

const MAP: LineMapEntry[] = [
  [10, 3, 9],
  [11, 5, 5],
  [12, 5, 5],
  [13, 7, 7],
];

test("a source line shows the lines of its narrowest span", () => {
  assert.deepEqual(previewLines(MAP, 5), [11, 12]);
  assert.deepEqual(previewLines(MAP, 4), [10]);
  assert.deepEqual(previewLines(MAP, 40), []);
});

test("a preview line shows its source lines", () => {
  assert.deepEqual(sourceLines(MAP, 13), { first: 7, last: 7 });
  assert.equal(sourceLines(MAP, 99), undefined);
});

test("assembly and Triton lead to one another", () => {
  const pairs: LinePair[] = [
    [20, 4],
    [21, 4],
    [30, 5],
  ];
  assert.deepEqual(pairedLines(pairs, 4, false), [20, 21]);
  assert.deepEqual(pairedLines(pairs, 21, true), [4]);
  assert.deepEqual(pairedLines(pairs, 22, true), []);
});

test("what is brought into view are the first lines that stand together, whole", () => {
  assert.deepEqual(firstBlock([41, 42, 43, 60, 61]), [41, 43]);
  assert.deepEqual(firstBlock([7, 5, 6]), [5, 7]);
  assert.deepEqual(firstBlock([9]), [9, 9]);
  assert.equal(firstBlock([]), undefined);
});
