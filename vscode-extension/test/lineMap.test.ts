import assert from "node:assert/strict";
import { test } from "node:test";
import { type LineMapEntry, previewLines, sourceLines } from "../src/lineMap";

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
