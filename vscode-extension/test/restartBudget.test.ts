import assert from "node:assert/strict";
import { test } from "node:test";
import { RestartBudget } from "../src/restartBudget";

test("five ends within three minutes are enough", () => {
  const budget = new RestartBudget();
  assert.deepEqual(
    [0, 1000, 2000, 3000, 4000].map((now) => budget.allows(now)),
    [true, true, true, true, false],
  );
});

test("ends long ago are forgiven", () => {
  const budget = new RestartBudget();
  assert.ok([0, 60_000, 120_000, 180_000, 240_000, 300_000].every((now) => budget.allows(now)));
});
