import assert from "node:assert/strict";
import { test } from "node:test";
import { type Fault, withoutSame } from "../src/sameFault";

const ours = (code: string, message: string, line = 3): Fault => ({
  code,
  message,
  line,
  severity: 0,
  source: "helion",
});
const pyright = (code: string | undefined, message: string, line = 3): Fault => ({
  code,
  message,
  line,
  severity: 0,
  source: "Pyright",
});
const kept = (own: Fault, ...others: Fault[]): boolean => withoutSame([own], others).length > 0;

const UNDEFINED = ours("undefined-name", "`tile_q` is not defined");

test("what a Python server says of the same name on the same line is said once", () => {
  assert.ok(!kept(UNDEFINED, pyright("reportUndefinedVariable", '"tile_q" is not defined')));
  assert.ok(!kept(UNDEFINED, { ...pyright("F821", "Undefined name `tile_q`"), source: "Ruff" }));
  const attribute = ours(
    "unknown-attribute",
    "module `helion.language` has no attribute `zeroes`; did you mean `zeros`?",
  );
  assert.ok(!kept(attribute, pyright("x", '"zeroes" is not a known attribute of module "helion.language"')));
  const call = ours("call-mismatch", "`hl.zeros`: got an unexpected keyword argument 'dtyp'");
  assert.ok(!kept(call, pyright("reportCallIssue", 'No parameter named "dtyp"')));
});

test("another name, another line, a mere hint and our own words do not count", () => {
  assert.ok(kept(UNDEFINED));
  assert.ok(kept(UNDEFINED, pyright("reportUndefinedVariable", '"tile_r" is not defined')));
  assert.ok(kept(UNDEFINED, pyright("reportUndefinedVariable", '"tile_q" is not defined', 4)));
  assert.ok(kept(UNDEFINED, { ...pyright("x", '"tile_q" is not accessed'), severity: 3 }));
  assert.ok(kept(UNDEFINED, UNDEFINED));
});

test("a syntax error is said once, and is not a lint of the same line", () => {
  const own = ours("syntax-error", "'[' was never closed");
  assert.ok(!kept(own, pyright(undefined, '"[" was not closed')));
  assert.ok(!kept(own, { ...pyright("invalid-syntax", "Expected `]`"), source: "Ruff" }));
  assert.ok(kept(own, { ...pyright("E501", "Line too long"), source: "Ruff" }));
});

test("what nobody else can know stays, whatever others say there", () => {
  const own = ours("shape-mismatch", "`tile_n` and `tile_m` cannot be broadcast together");
  assert.ok(kept(own, pyright("reportCallIssue", '"tile_n" is wrong')));
});
