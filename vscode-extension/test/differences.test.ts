import assert from "node:assert/strict";
import { test } from "node:test";
import { areFarApart } from "../src/differences";

const assembly = (lines: number, register: number): string =>
  Array.from({ length: lines }, (_, at) => `\tadd.s32 \t%r${register + at}, %r${at}, 7;`).join("\n");

test("the assembly for other sizes is far from what it was, however long one of them is", () => {
  assert.ok(areFarApart(assembly(1500, 0), assembly(1500, 5000)));
  assert.ok(areFarApart(assembly(2000, 0), assembly(500, 5000)));
});

test("a line that was changed, moved or added is near, and so is a text beside an empty one", () => {
  const text = assembly(2000, 0);
  const lines = text.split("\n");
  assert.ok(!areFarApart(text, text));
  assert.ok(!areFarApart(text, text.replace("%r7,", "%r9999,")));
  assert.ok(!areFarApart(text, [...lines.slice(100), ...lines.slice(0, 100)].join("\n")));
  assert.ok(!areFarApart(text, `${text}\n\tret;`));
  assert.ok(!areFarApart(text, ""));
  assert.ok(!areFarApart("", text));
});

test("what comes twice counts twice", () => {
  const twice = `${assembly(1500, 0)}\n${assembly(1500, 0)}`;
  assert.ok(areFarApart(twice, `${assembly(1500, 0)}\n${assembly(1500, 5000)}`));
});
