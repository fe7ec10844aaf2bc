// main.ts PYTHON OUT [SESSION] [OPTIONS]: drives the packaged extension in a real VS Code; pictures and logs go to OUT.
//   --step REGEX       only the steps whose names match
//   --times N          each session's scenarios so often, in one window
//   --slow-keys MS     so long after each key and click
//   --slow-window RATE the window is so many times slower
//   --slow-host RATE   VS Code's extension host is: keys and clicks are as fast for it as on a faster machine
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import type { Options } from "./codeServer.ts";
import { cancelledTuning } from "./scenarios/cancelledTuning.ts";
import { folderFiles, folders, FOLDERS, PLAIN } from "./scenarios/folders.ts";
import { killedServer } from "./scenarios/killedServer.ts";
import { language } from "./scenarios/language.ts";
import { LOCKED, LOCK_FILES, lockTree } from "./scenarios/lockTree.ts";
import { looking } from "./scenarios/looking.ts";
import { neighbouring, neighbours } from "./scenarios/neighbours.ts";
import { pickers } from "./scenarios/pickers.ts";
import { previews } from "./scenarios/previews.ts";
import { BareEnvironment, pythonWithoutToolkit, startUp } from "./scenarios/startUp.ts";
import { trust } from "./scenarios/trust.ts";
import { tuning } from "./scenarios/tuning.ts";
import { tunePanel } from "./scenarios/tunePanel.ts";
import { type Pace, Stage } from "./stage.ts";
import { Waits } from "./waits.ts";

interface Session {
  readonly name: string;
  readonly options: Options;
  /** What is open at the start; else the kernel. */
  readonly opened?: string;
  readonly scenarios: readonly ((stage: Stage) => Promise<void>)[];
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    step: { type: "string", default: "" },
    times: { type: "string", default: "1" },
    "slow-keys": { type: "string", default: "0" },
    "slow-window": { type: "string", default: "1" },
    "slow-host": { type: "string", default: "1" },
  },
});
const [python, folder, only] = positionals;
assert.ok(python && folder, "usage: main.ts PYTHON OUT [SESSION] [OPTIONS]");
const pace: Pace = {
  steps: new RegExp(values.step),
  slowKeys: Number(values["slow-keys"]),
  slowWindow: Number(values["slow-window"]),
  slowHost: Number(values["slow-host"]),
};
const out = resolve(folder);
mkdirSync(out, { recursive: true });
for (const name of readdirSync(out).filter((entry) => entry.startsWith("failed-"))) {
  rmSync(join(out, name));
}

const kernel = readFileSync(join(import.meta.dirname, "../../examples/matmul.py"), "utf8");
const files = { "matmul.py": kernel };
const machine = { "helion.interpreter": resolve(python), "helion.tuneBudget": 20 };
const user = { "helion.inlayHints.shapes": true };
const withoutToolkit = pythonWithoutToolkit(out);
const bare = new BareEnvironment(resolve(python), out);
const interpreters = [withoutToolkit, resolve(python), bare.python];
const SESSIONS: readonly Session[] = [
  {
    name: "trusted",
    options: { machine, user, files },
    scenarios: [language, previews, tuning, tunePanel, looking, pickers, killedServer],
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
      environment: bare.variables,
    },
    scenarios: [(stage) => startUp(stage, bare)],
  },
  {
    name: "folders",
    options: {
      machine,
      files: folderFiles(resolve(python), withoutToolkit, out, kernel),
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
];

const started = performance.now();
const seconds = (): string => ((performance.now() - started) / 1000).toFixed(0);
const wanted = SESSIONS.filter(({ name }) => !only || name === only);
assert.ok(wanted.length > 0, `no session is called ${only}: ${SESSIONS.map(({ name }) => name).join(", ")}`);
const playing = new Set<Waits>();

// Ended from outside: as an exit, at which the servers are ended too.
for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.once(signal, () => {
    console.error(`${signal} after ${seconds()} s; waiting for ${[...playing].join("; ") || "nothing"}`);
    process.exit(1);
  });
}

/** Each waits more than it works: for budgets of tunings, for servers to start, for what must not happen. */
async function play({ name, options, opened, scenarios }: Session): Promise<void> {
  const before = performance.now();
  const waits = new Waits(name);
  playing.add(waits);
  const stage = await Stage.open(name, opened ?? "matmul.py", out, options, pace, waits);
  try {
    for (let time = 0; time < Number(values.times); time++) {
      for (const scenario of scenarios) {
        await scenario(stage);
      }
    }
  } finally {
    await stage.close();
    playing.delete(waits);
  }
  console.log(`ok ${name} (${((performance.now() - before) / 1000).toFixed(0)} s)`);
}

// Two at a time, the longest first.
const waiting = [...wanted];
const lanes = ["one", "other"].map(async () => {
  for (let session = waiting.shift(); session; session = waiting.shift()) {
    await play(session);
  }
});
const problems = (await Promise.allSettled(lanes)).filter((lane) => lane.status === "rejected");
for (const { reason } of problems) {
  console.error(reason);
}
console.log(problems.length === 0 ? `ok in ${seconds()} s` : `FAILED in ${seconds()} s`);
process.exit(problems.length === 0 ? 0 : 1);
