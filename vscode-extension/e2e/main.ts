// main.ts PYTHON OUT: drives the packaged extension in a real VS Code, once trusted and once not; pictures and logs go to OUT.
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { killedServer } from "./scenarios/killedServer.ts";
import { language } from "./scenarios/language.ts";
import { previews } from "./scenarios/previews.ts";
import { trust } from "./scenarios/trust.ts";
import { tuning } from "./scenarios/tuning.ts";
import { Stage } from "./stage.ts";

const [python, folder] = process.argv.slice(2);
assert.ok(python && folder, "usage: main.ts PYTHON OUT");
const out = resolve(folder);
mkdirSync(out, { recursive: true });
for (const name of readdirSync(out).filter((entry) => entry.startsWith("failed-"))) {
  rmSync(join(out, name));
}
const machine = { "helion.interpreter": resolve(python), "helion.tuneBudget": 20 };
const user = { "helion.inlayHints.shapes": true };

async function session(
  name: string,
  options: { asksForTrust?: boolean },
  scenarios: readonly ((stage: Stage) => Promise<void>)[],
): Promise<void> {
  const stage = await Stage.open(name, "matmul.py", out, { ...options, machine, user, examples: ["matmul.py"] });
  try {
    for (const scenario of scenarios) {
      await scenario(stage);
    }
  } finally {
    await stage.close();
  }
}

const started = performance.now();
await session("trusted", {}, [language, previews, tuning, killedServer]);
await session("untrusted", { asksForTrust: true }, [trust]);
console.log(`ok in ${((performance.now() - started) / 1000).toFixed(0)} s`);
