import assert from "node:assert/strict";
import { test } from "node:test";
import { candidates, findPython, hasToolkit } from "../src/python";

test("the setting alone counts when it is given", () => {
  assert.deepEqual(candidates("/opt/python", "/other", ["/w"]), ["/opt/python"]);
});

test("else the Python extension's, the workspace's, the system's", () => {
  assert.deepEqual(candidates("", "/other", ["/w"]), ["/other", "/w/.venv/bin/python", "python3"]);
});

test("what does not exist has no toolkit", async () => {
  assert.equal(await hasToolkit("/nowhere/python"), false);
  assert.equal(await findPython(["/nowhere/python"]), undefined);
});
