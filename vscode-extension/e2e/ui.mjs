// ui.mjs PORT SCRATCH OUT SERVER: what a person does with examples/matmul.py, done in a browser; fails at the first step that goes wrong.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { chromium } from "playwright-core";

const [port, scratch, out, server] = process.argv.slice(2);
const workspace = `${scratch}/workspace`;
const file = `${workspace}/matmul.py`;
const original = readFileSync(file);
const lines = original.toString().split("\n");
const started = Date.now();

const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
const page = await browser.newPage({ viewport: { width: 1500, height: 900 } });
page.setDefaultTimeout(30000);
const source = page.locator(".editor-group-container").first();
const preview = page.locator(".editor-group-container").nth(1);

/** The 1-based place of a text, `within` characters after its start. */
function placeOf(text, within = 0) {
  const line = lines.findIndex((candidate) => candidate.includes(text));
  assert.notEqual(line, -1, `examples/matmul.py has no line with ${text}`);
  return [line + 1, lines[line].indexOf(text) + 1 + within];
}

async function goTo([line, column]) {
  await page.keyboard.press("Control+g");
  const input = page.locator(".quick-input-widget input.input");
  await input.waitFor();
  await input.fill(`:${line}:${column}`);
  await page.keyboard.press("Enter");
  await page.locator(".quick-input-widget").waitFor({ state: "hidden" });
}

async function hover(place) {
  await goTo(place);
  await page.keyboard.press("Control+k");
  await page.keyboard.press("Control+i");
}

async function until(what, holds, milliseconds = 30000) {
  const end = Date.now() + milliseconds;
  while (!(await holds())) {
    assert.ok(Date.now() < end, `timed out: ${what}`);
    await page.waitForTimeout(100);
  }
}

async function step(name, act) {
  const before = Date.now();
  try {
    await act();
  } catch (problem) {
    await page.screenshot({ path: `${out}/failed.png` });
    console.error(`FAILED ${name}`);
    throw problem;
  }
  console.log(`ok ${name} (${((Date.now() - before) / 1000).toFixed(1)} s)`);
}

/** The process groups' members that are the language server itself, among those below the process that run.sh started. */
function languageServers() {
  const processes = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const parent = new Map();
  const command = new Map();
  for (const id of processes) {
    try {
      parent.set(id, readFileSync(`/proc/${id}/stat`, "utf8").split(") ").pop().split(" ")[1]);
      command.set(id, readFileSync(`/proc/${id}/cmdline`, "utf8").split("\0"));
    } catch {
      // It ended while we looked.
    }
  }
  const isOurs = (id) => id === server || (parent.has(id) && isOurs(parent.get(id)));
  return processes.filter((id) => {
    const words = command.get(id) ?? [];
    return words[words.indexOf("-m") + 1] === "helion_lsp" && words.includes("-m") && isOurs(id);
  });
}

// At its start: a line is as wide as the longest one, and a click in its middle would scroll the editor sideways.
const clickLine = (group, containing) =>
  group
    .locator(".view-line", { hasText: containing })
    .first()
    .click({ position: { x: 90, y: 8 } });
const text = async (group) => (await group.locator(".view-lines").innerText()).replaceAll("\u00a0", " ");
const highlighted = (group) => group.locator(".view-overlays .cdr[class*='ced-']").count();
const hoverText = async () =>
  (await page.locator(".monaco-hover:visible").allInnerTexts()).join("\n").replaceAll("\u00a0", " ");

try {
  const opened = JSON.stringify([["openFile", `vscode-remote://127.0.0.1:${port}${file}`]]);
  await page.goto(`http://127.0.0.1:${port}/?folder=${workspace}&payload=${encodeURIComponent(opened)}`);

  await step("the server starts and the lenses appear", async () => {
    await source.locator(".codelens-decoration a", { hasText: "Triton" }).first().waitFor({ timeout: 60000 });
    await source.locator(".view-lines").click({ position: { x: 300, y: 60 } });
  });

  await step("hover on acc", async () => {
    let shown = "";
    await until("the hover of acc", async () => {
      await page.keyboard.press("Escape");
      await hover(placeOf("acc = hl.zeros"));
      await page.waitForTimeout(700);
      shown = await hoverText();
      return shown.includes("f32[tile_m, tile_n]") && shown.includes("device");
    });
    await page.screenshot({ path: `${out}/hover-dark.png` });
    await page.keyboard.press("Escape");
  });

  await step("a wrong index is exactly one squiggle", async () => {
    await goTo(placeOf("out[tile_m, tile_n] = acc", "out[tile_m, tile_n".length));
    for (const _ of ", tile_n") {
      await page.keyboard.press("Backspace");
    }
    await source.locator(".squiggly-error").first().waitFor();
    await page.waitForTimeout(1000);
    assert.equal(await source.locator(".squiggly-error").count(), 1);
    await hover(placeOf("out[tile_m, tile_n] = acc", 1));
    await until("the message", async () => /rank|subscript|dim|index/i.test(await hoverText()), 5000);
    console.log((await hoverText()).split("\n").filter(Boolean).slice(0, 4).join(" | "));
    await page.screenshot({ path: `${out}/diagnostic-dark.png` });
    await page.keyboard.press("Escape");
    await until("the text as it was", async () => {
      await page.keyboard.press("Control+z");
      return (
        (await text(source)).includes("out[tile_m, tile_n] = acc") && (await page.locator(".tab.dirty").count()) === 0
      );
    });
    await until("no squiggle", async () => (await source.locator(".squiggly-error").count()) === 0);
  });

  await step("Triton beside the source, lines linked both ways", async () => {
    await source.locator(".codelens-decoration a", { hasText: "Triton" }).first().click();
    await preview.locator(".view-lines").waitFor();
    await until("Triton's text", async () => (await text(preview)).includes("tl."));
    await clickLine(source, "addmm");
    await until("highlighted lines of the preview", async () => (await highlighted(preview)) > 0, 10000);
    await page.screenshot({ path: `${out}/preview-dark.png` });
    await clickLine(preview, "tl.dot");
    await until("highlighted lines of the source", async () => (await highlighted(source)) > 0, 10000);
    await page.screenshot({ path: `${out}/preview-back-dark.png` });
  });

  await step("tune and lock, and undo", async () => {
    await clickLine(source, "addmm");
    await source.locator(".codelens-decoration a", { hasText: "Tune and lock" }).first().click();
    await page.waitForTimeout(1500);
    await page.screenshot({ path: `${out}/tuning-dark.png` });
    await until("the config in the decorator", async () => /helion\.Config\(/.test(await text(source)), 60000);
    await page.waitForTimeout(500);
    await page.screenshot({ path: `${out}/locked-dark.png` });
    await clickLine(source, "addmm");
    await page.keyboard.press("Control+s");
    await until("the saved config", () => readFileSync(file, "utf8").includes("helion.Config("), 10000);
    const written = readFileSync(file, "utf8");
    console.log(written.slice(written.indexOf("@helion.kernel"), written.indexOf("def matmul(")).trim());
    await page.keyboard.press("Control+z");
    await until("the text without the config", async () => !/helion\.Config\(/.test(await text(source)), 10000);
    await page.keyboard.press("Control+s");
    await until("the file byte for byte", () => readFileSync(file).equals(original), 10000);
  });

  await step("a killed server comes back", async () => {
    const [before] = languageServers();
    assert.ok(before, "no language server runs");
    process.kill(Number(before), "SIGKILL");
    await until("another server", () => languageServers().some((id) => id !== before));
    let shown = "";
    await until("a hover of the new server", async () => {
      await page.keyboard.press("Escape");
      await hover(placeOf("acc = hl.zeros"));
      await page.waitForTimeout(700);
      shown = await hoverText();
      return shown.includes("f32[tile_m, tile_n]");
    });
    await page.keyboard.press("Escape");
  });

  await step("the same in a light theme", async () => {
    await page.keyboard.press("F1");
    const palette = page.locator(".quick-input-widget input.input");
    await palette.waitFor();
    await palette.fill(">Toggle between Light/Dark Themes");
    await page.locator(".quick-input-list .monaco-list-row", { hasText: "Light/Dark" }).first().click();
    await page.locator(".monaco-workbench.vs").waitFor();
    await clickLine(source, "addmm");
    await page.waitForTimeout(500);
    await page.screenshot({ path: `${out}/preview-light.png` });
  });
  console.log(`ok in ${((Date.now() - started) / 1000).toFixed(0)} s`);
} finally {
  await browser.close();
}
