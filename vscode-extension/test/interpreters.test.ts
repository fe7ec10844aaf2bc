import assert from "node:assert/strict";
import { test } from "node:test";
import { isSame, once, type Served, served, servedBy } from "../src/interpreters";
import type { Examined, Found } from "../src/python";

const MISSING: Examined = { python: "/usr/bin/python3", state: "no-toolkit", missing: ["helion"] };
const usual = (python: string): Found => ({ python, refused: [] });
const NONE: Found = { python: undefined, refused: [MISSING] };
const among =
  (known: Readonly<Record<string, Found>>) =>
  (folder: string): Promise<Found> =>
    Promise.resolve(known[folder] ?? NONE);
const shape = (found: readonly Served[]): (readonly [string | undefined, readonly string[]])[] =>
  found.map(({ python, folders }) => [python, folders] as const);

test("folders with the same interpreter share a server, each other one has its own", async () => {
  const find = among({ "/a": usual("/p"), "/b": usual("/q"), "/c": usual("/p") });
  assert.deepEqual(shape(await served(["/a", "/b", "/c"], find)), [
    ["/p", ["/a", "/c"]],
    ["/q", ["/b"]],
  ]);
});

test("folders that lack an interpreter for the same reason are told of once, beside those that have one", async () => {
  const find = among({ "/b": usual("/q") });
  assert.deepEqual(shape(await served(["/a", "/b", "/c"], find)), [
    [undefined, ["/a", "/c"]],
    ["/q", ["/b"]],
  ]);
});

test("a folder inside another one goes with it, and is not asked for", async () => {
  const asked: string[] = [];
  const found = await served(["/w/inner", "/w", "/w-too"], (folder) => {
    asked.push(folder);
    return Promise.resolve(usual(folder));
  });
  assert.deepEqual(shape(found), [
    ["/w", ["/w/inner", "/w"]],
    ["/w-too", ["/w-too"]],
  ]);
  assert.deepEqual(asked, ["/w", "/w-too"]);
});

test("a file is served with its folder, the first server's where it is in none", async () => {
  const found = await served(["/a", "/b"], among({ "/a": usual("/p"), "/b": usual("/q") }));
  assert.equal(servedBy(found, "/b/deep/kernel.py")?.python, "/q");
  assert.equal(servedBy(found, "/elsewhere/kernel.py")?.python, "/p");
  assert.equal(servedBy(found, "/bb/kernel.py")?.python, "/p");
  const nobody: readonly Served[] = [];
  assert.equal(servedBy(nobody, "/b/kernel.py"), undefined);
});

test("a server goes on only for the same interpreter and the same folders", () => {
  const one = { ...usual("/p"), folders: ["/a"] };
  assert.equal(isSame(one, { ...usual("/p"), folders: ["/a"] }), true);
  assert.equal(isSame(one, { ...usual("/q"), folders: ["/a"] }), false);
  assert.equal(isSame(one, { ...usual("/p"), folders: ["/a", "/b"] }), false);
});

test("an interpreter is asked once for all folders", async () => {
  let asked = 0;
  const look = once((python) => {
    asked += 1;
    return Promise.resolve({ python, state: "ready" });
  });
  await Promise.all([look("/p"), look("/p"), look("/q")]);
  assert.equal(asked, 2);
});
