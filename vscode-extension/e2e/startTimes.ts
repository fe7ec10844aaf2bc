// startTimes.ts PYTHON OUT JSON: how long the extension takes to activate in a real VS Code, and from opening a file to its first typed hover.
// cold: the window is new and no server runs; warm: another file is opened beside a running server. Medians of ROUNDS windows, as JSON.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { plain } from "./editor.ts";
import { PATIENCE } from "./polling.ts";
import { Stage } from "./stage.ts";

const ROUNDS = 3;
const BETWEEN_LOOKS_MS = 100;
const EXAMPLES = join(import.meta.dirname, "../../examples");
const PACE = { steps: /(?:)/, slowKeys: 0, slowWindow: 1, slowHost: 1 };
const VSIX = join(import.meta.dirname, "../helion-toolkit.vsix");

interface Times {
  readonly activationMs: number;
  readonly coldHoverMs: number;
  readonly warmHoverMs: number;
}

const [python, folder, output] = process.argv.slice(2);
assert.ok(python && folder && output, "usage: startTimes.ts PYTHON OUT JSON");
const out = resolve(folder);
mkdirSync(out, { recursive: true });
const rounds: Times[] = [];
for (let round = 0; round < ROUNDS; round++) {
  rounds.push(await oneWindow(resolve(python)));
  console.log(JSON.stringify(rounds.at(-1)));
}
const found = {
  command: "vscode-extension/e2e/startTimes.sh PYTHON OUT JSON",
  date: new Date().toISOString().slice(0, 10),
  cores: cpus().length,
  rounds: ROUNDS,
  activation_ms: median(rounds.map((times) => times.activationMs)),
  cold_hover_ms: median(rounds.map((times) => times.coldHoverMs)),
  warm_hover_ms: median(rounds.map((times) => times.warmHoverMs)),
  vsix_bytes: statSync(VSIX).size,
};
writeFileSync(output, `${JSON.stringify(found, undefined, 1)}\n`);
console.log(JSON.stringify(found, undefined, 1));

async function oneWindow(interpreter: string): Promise<Times> {
  const text = (name: string): string => readFileSync(join(EXAMPLES, name), "utf8");
  const files = {
    "notes.txt": "nothing of Python\n",
    "matmul.py": text("matmul.py"),
    "softmax.py": text("softmax.py"),
  };
  const stage = await Stage.open(
    "times",
    "notes.txt",
    out,
    { machine: { "helion.interpreter": interpreter }, user: {}, files },
    PACE,
  );
  try {
    const coldHoverMs = await openToHover(stage, "matmul.py", "acc = hl.zeros", "f32[tile_m, tile_n]");
    const warmHoverMs = await openToHover(stage, "softmax.py", "row = ", "f32[tile_m, ");
    return { activationMs: await activation(stage), coldHoverMs, warmHoverMs };
  } finally {
    await stage.close();
  }
}

/** Milliseconds from where a file begins to open to the hover of a name that says its type, the keys that go there included. */
async function openToHover(stage: Stage, name: string, at: string, says: string): Promise<number> {
  const { page } = stage.editor;
  const lines = readFileSync(join(EXAMPLES, name), "utf8").split("\n");
  const line = lines.findIndex((text) => text.includes(at));
  assert.ok(line >= 0, `${name} has no ${at}`);
  await stage.editor.quick.openFile(name);
  const began = performance.now();
  await stage.editor.goTo([line + 1, (lines[line] ?? "").indexOf(at) + 1]);
  let shown = "";
  while (!shown.includes(says)) {
    assert.ok(
      performance.now() - began < PATIENCE,
      `no hover in ${name} that says ${says}; the last one said: ${shown}`,
    );
    await page.keyboard.press("Control+k");
    await page.keyboard.press("Control+i");
    await pause(BETWEEN_LOOKS_MS);
    shown = plain((await page.locator(".monaco-hover:visible").allInnerTexts()).join("\n"));
  }
  const took = performance.now() - began;
  await page.keyboard.press("Escape");
  return Math.round(took);
}

/** Milliseconds that VS Code says the extension's activation took. */
async function activation(stage: Stage): Promise<number> {
  await stage.editor.runCommand("Developer: Show Running Extensions");
  const row = stage.editor.page.locator(".runtime-extensions-editor .extension", { hasText: "Helion" }).first();
  await row.waitFor();
  const said = /(\d+)ms/.exec(await row.innerText());
  assert.ok(said?.[1], await row.innerText());
  return Number(said[1]);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
