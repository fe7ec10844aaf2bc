import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import {
  candidates,
  describe,
  type Examined,
  examine,
  examineOutside,
  findPython,
  installation,
  judge,
} from "../src/python";

const MISSING: Examined = { python: "/a", state: "no-toolkit", missing: ["helion_lsp"] };
const REQUIREMENT = "helion-toolkit[lsp]";
const OLD: Examined = { python: "/old", state: "too-old", version: "3.9.2" };
const READY: Examined = { python: "/b", state: "ready" };
const looking =
  (known: readonly Examined[]) =>
  (python: string): Promise<Examined> =>
    Promise.resolve(known.find((one) => one.python === python) ?? { python, state: "unusable", reason: "ENOENT" });

test("the setting alone counts when it is given", () => {
  assert.deepEqual(candidates("/opt/python", "/other", ["/w"]), ["/opt/python"]);
});

test("else the Python extension's, each folder's, the system's, none of them twice", () => {
  const found = candidates("", "/w/.venv/bin/python", ["/v", "/w"]);
  assert.deepEqual(found, ["/w/.venv/bin/python", "/v/.venv/bin/python", "python3"]);
});

test("the first that can start the server is used, and what came before it is said", async () => {
  const found = await findPython(["/nowhere", "/a", "/b", "/c"], looking([MISSING, READY]));
  assert.equal(found.python, "/b");
  assert.deepEqual(
    found.refused.map(({ state }) => state),
    ["unusable", "no-toolkit"],
  );
});

test("the toolkit is installed into the first that lacks nothing else", async () => {
  const { python, refused } = await findPython(["/nowhere", "/old", "/a"], looking([MISSING, OLD]));
  assert.equal(python, undefined);
  assert.deepEqual(installation(refused, ["/w"], REQUIREMENT)?.commands, [["/a", "-m", "pip", "install", REQUIREMENT]]);
  assert.equal(installation([OLD], ["/w"], REQUIREMENT), undefined);
});

test("the system's Python is left alone where a folder can have an environment", () => {
  const system: Examined = { ...MISSING, python: "python3" };
  const made = installation([system], ["/w", "/v"], REQUIREMENT);
  assert.deepEqual(made?.commands, [
    ["python3", "-m", "venv", "/w/.venv"],
    ["/w/.venv/bin/python", "-m", "pip", "install", REQUIREMENT],
  ]);
  assert.match(made.choice, /Create \.venv/);
  assert.deepEqual(installation([system, MISSING], ["/w"], REQUIREMENT)?.commands, [
    [MISSING.python, "-m", "pip", "install", REQUIREMENT],
  ]);
  assert.deepEqual(installation([system], [], REQUIREMENT)?.commands, [
    ["python3", "-m", "pip", "install", REQUIREMENT],
  ]);
});

test("an answer is judged by version first, then by what is missing", () => {
  assert.deepEqual(judge("/p", "[[3, 12, 1], []]\n"), { python: "/p", state: "ready" });
  assert.deepEqual(judge("/p", '[[3, 9, 2], ["helion"]]'), { python: "/p", state: "too-old", version: "3.9.2" });
  assert.deepEqual(judge("/p", '[[3, 11, 0], ["pygls"]]'), { python: "/p", state: "no-toolkit", missing: ["pygls"] });
  assert.equal(judge("/p", "hello").state, "unusable");
});

test("an interpreter is asked what it has", async () => {
  assert.equal((await examine("/nowhere/python")).state, "unusable");
  assert.match((await examine("python3")).state, /^(ready|no-toolkit|too-old)$/);
});

test("nothing that lies in folders without trust is run", async () => {
  const root = mkdtempSync(join(tmpdir(), "helion-"));
  const path = process.env.PATH;
  try {
    const bin = join(root, "w", "bin");
    mkdirSync(bin, { recursive: true });
    mkdirSync(join(root, "w-too"));
    writeFileSync(join(bin, "python3"), "", { mode: 0o755 });
    symlinkSync("/bin/sh", join(bin, "linked"));
    symlinkSync(bin, join(root, "seems-outside"));
    symlinkSync(join(bin, "python3"), join(root, "linked-into"));
    const look = examineOutside([join(root, "w")], (python) => Promise.resolve({ python, state: "ready" }));
    const states = (among: readonly string[]): Promise<string[]> =>
      Promise.all(among.map(async (python) => (await look(python)).state));
    const inside = [join(bin, "python3"), join(bin, "linked"), "bin/python3", join(root, "w-too", "..", "w", "python")];
    const linked = [join(root, "seems-outside", "linked"), join(root, "linked-into")];
    assert.deepEqual(new Set(await states([...inside, ...linked])), new Set(["untrusted"]));
    assert.deepEqual(await states([join(root, "w-too", "python"), "/bin/sh", "sh", "nowhere"]), Array(4).fill("ready"));
    process.env.PATH = `${bin}:${path ?? ""}`;
    assert.deepEqual(await states(["python3", "sh"]), ["untrusted", "ready"]);
  } finally {
    process.env.PATH = path;
    rmSync(root, { recursive: true });
  }
});

test("what is said beside the button names the checkout", () => {
  assert.match(
    installation([MISSING], [], REQUIREMENT)?.words ?? "",
    /pip install -e '\.\[all\]' in a checkout.*helion\.package/,
  );
});

test("every reason names the interpreter", () => {
  for (const examined of [MISSING, OLD, READY, { python: "/w/python", state: "untrusted" } as const]) {
    assert.ok(describe(examined).startsWith(examined.python));
  }
});
