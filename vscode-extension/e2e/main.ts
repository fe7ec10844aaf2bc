// main.ts PYTHON OUT [SESSION]: drives the packaged extension in a real VS Code, a session after another; pictures and logs go to OUT.
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Options } from "./codeServer.ts";
import { cancelledTuning } from "./scenarios/cancelledTuning.ts";
import { folders, FOLDERS, PLAIN } from "./scenarios/folders.ts";
import { killedServer } from "./scenarios/killedServer.ts";
import { language } from "./scenarios/language.ts";
import { LOCKED, LOCK_FILES, lockTree } from "./scenarios/lockTree.ts";
import { looking } from "./scenarios/looking.ts";
import { neighbouring, neighbours } from "./scenarios/neighbours.ts";
import { pickers } from "./scenarios/pickers.ts";
import { previews } from "./scenarios/previews.ts";
import { pythonWithoutToolkit, startUp } from "./scenarios/startUp.ts";
import { trust } from "./scenarios/trust.ts";
import { tuning } from "./scenarios/tuning.ts";
import { tunePanel } from "./scenarios/tunePanel.ts";
import { Stage } from "./stage.ts";

interface Session {
  readonly name: string;
  readonly options: Options;
  /** What is open at the start; else the kernel. */
  readonly opened?: string;
  readonly scenarios: readonly ((stage: Stage) => Promise<void>)[];
}

const [python, folder, only] = process.argv.slice(2);
assert.ok(python && folder, "usage: main.ts PYTHON OUT [SESSION]");
const out = resolve(folder);
mkdirSync(out, { recursive: true });
for (const name of readdirSync(out).filter((entry) => entry.startsWith("failed-"))) {
  rmSync(join(out, name));
}

const kernel = readFileSync(join(import.meta.dirname, "../../examples/matmul.py"), "utf8");
const files = { "matmul.py": kernel };
const machine = { "helion.interpreter": resolve(python), "helion.tuneBudget": 20 };
const user = { "helion.inlayHints.shapes": true };
const interpreters = [pythonWithoutToolkit(resolve(python), out), resolve(python)];
const SESSIONS: readonly Session[] = [
  {
    name: "trusted",
    options: { machine, user, files },
    scenarios: [language, previews, tuning, tunePanel, looking, pickers, killedServer],
  },
  {
    name: "untrusted",
    options: { machine: { ...machine, "helion.tuneBudget": 600 }, user, files, asksForTrust: true },
    scenarios: [trust, cancelledTuning],
  },
  {
    name: "interpreters",
    options: {
      machine: {},
      files,
      user: { "stub.interpreters": interpreters },
      stubs: ["python-extension"],
      // The system's programs alone, whose Python has no toolkit.
      path: "/usr/bin:/bin",
    },
    scenarios: [startUp],
  },
  {
    name: "folders",
    options: {
      machine,
      files: { [PLAIN]: "import math\n\nprint(math.pi)\n", "kernels/matmul.py": kernel },
      folders: FOLDERS,
    },
    opened: PLAIN,
    scenarios: [folders],
  },
  {
    name: "locks",
    options: { machine: { ...machine, "helion.tuneBudget": 5 }, files: LOCK_FILES },
    opened: LOCKED,
    scenarios: [lockTree],
  },
  {
    name: "neighbours",
    options: {
      machine,
      files,
      user: neighbouring(resolve(python)),
      stubs: ["python-servers"],
    },
    scenarios: [neighbours],
  },
];

// Ended from outside: as an exit, at which the servers are ended too.
for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.once(signal, () => process.exit(1));
}
const started = performance.now();
for (const { name, options, opened, scenarios } of SESSIONS.filter((session) => !only || session.name === only)) {
  const stage = await Stage.open(name, opened ?? "matmul.py", out, options);
  try {
    for (const scenario of scenarios) {
      await scenario(stage);
    }
  } finally {
    await stage.close();
  }
}
console.log(`ok in ${((performance.now() - started) / 1000).toFixed(0)} s`);
