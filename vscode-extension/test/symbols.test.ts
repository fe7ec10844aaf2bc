import assert from "node:assert/strict";
import { test } from "node:test";
import { withoutFunctions } from "../src/symbols";

interface Symbol {
  name: string;
  detail: string;
  children: Symbol[];
}

const symbol = (name: string, detail: string, ...children: Symbol[]): Symbol => ({ name, detail, children });

test("beside a Python server the loops are listed, with their kernel, and no kernel twice", () => {
  const loop = symbol("for tile_m", "grid", symbol("for tile_k", ""));
  const found = withoutFunctions([symbol("matmul", "", loop, symbol("for tile_n", "")), symbol("plain", "")]);
  assert.deepEqual(
    found.map(({ name, detail }) => `${name}: ${detail}`),
    ["for tile_m: matmul · grid", "for tile_n: matmul"],
  );
  assert.deepEqual(
    found[0]?.children.map(({ name }) => name),
    ["for tile_k"],
  );
});
