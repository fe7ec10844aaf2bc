import assert from "node:assert/strict";
import { test } from "node:test";
import { reasonIn } from "../src/pipFailure";

test("the last error is the reason, not what comes behind it", () => {
  const found = `/p -m pip install helion-toolkit
ERROR: Could not find a version that satisfies the requirement helion-toolkit (from versions: none)
ERROR: No matching distribution found for helion-toolkit

[notice] A new release of pip is available: 23.2.1 -> 26.0
`;
  assert.equal(reasonIn(found), "ERROR: No matching distribution found for helion-toolkit");
  const managed =
    "error: externally-managed-environment\r\n\r\n× This environment is externally managed\nhint: See PEP 668\n";
  assert.equal(reasonIn(managed), "error: externally-managed-environment");
});

test("without an error it is what was said last, which is something always", () => {
  assert.equal(reasonIn("Collecting torch\nKilled\n"), "Killed");
  assert.equal(reasonIn("errors are counted\n\n"), "errors are counted");
  assert.equal(reasonIn(""), "it said nothing");
});
