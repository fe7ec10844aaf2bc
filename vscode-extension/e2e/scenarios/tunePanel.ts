// The tune panel: what it shows of a tuning, live and afterwards, by mouse and by keyboard, and another trial locked from it.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import type { FrameLocator, Page } from "playwright-core";
import { PATIENCE, until } from "../polling.ts";
import type { Stage } from "../stage.ts";

interface Entry {
  readonly us: number;
  readonly estimated: boolean;
  readonly chosen?: boolean;
}

const COMMAND = "Helion: Show the Tuning of the Kernel at the Cursor";

/** The panel's page, inside the two frames that VS Code keeps it in. */
function panelOf(page: Page): FrameLocator {
  return page.frameLocator("iframe.webview.ready").frameLocator("#active-frame");
}

export async function tunePanel(stage: Stage): Promise<void> {
  const { editor } = stage;
  const { page } = editor;
  const panel = panelOf(page);
  const lines = panel.locator("tr.line");
  const original = editor.saved();
  const sidecar = `${stage.server.file("matmul.py")}.helion.lock`;
  const entries = (): readonly Entry[] =>
    (JSON.parse(readFileSync(sidecar, "utf8")) as { entries: readonly Entry[] }).entries;
  const configs = async (): Promise<number> => (await editor.text(editor.source)).split("helion.Config(").length - 1;

  await stage.step("the panel shows the recorded tuning", async () => {
    await editor.goTo(editor.placeOf("acc = torch.addmm"));
    await editor.runCommand(COMMAND);
    await lines.first().waitFor();
    assert.equal(await panel.locator("h1").innerText(), "matmul");
    assert.equal(await panel.locator(".badge").innerText(), "estimated");
    assert.match(await panel.locator(".facts").innerText(), /best, estimated\s+[\d.]+ µs/);
    const curve = await panel.getByRole("img", { name: /^Best time so far over \d+ trials: from estimated/ }).count();
    assert.equal(curve, 1);
    assert.ok((await panel.locator(".steps li").count()) > 0, "no text alternative of the curve");
  });

  await stage.step("the panel follows a tuning and marks what it locks", async () => {
    await editor.clearNotifications();
    await editor.goTo(editor.placeOf("acc = torch.addmm"));
    await editor.runCommand("Helion: Tune and Lock the Kernel at the Cursor");
    const running = panel.locator(".state", { hasText: /^Running/ });
    await running.waitFor();
    // It begins without rows, and a row is a trial that ended.
    await until("trials while it runs", async () => (await lines.count()) > 3 && (await running.isVisible()));
    await editor.restMouse();
    await stage.picture("panel-running");
    const toast = page.locator(".notification-toast", { hasText: "matmul: locked for sm_90" });
    await toast.locator(".monaco-button", { hasText: "Show Tuning" }).waitFor({ timeout: 2 * PATIENCE });
    await panel.locator("tr.line .mark.locked").waitFor();
    await panel.locator(".state", { hasText: /winner is estimated|No estimated gain/ }).waitFor();
    await until("one config in the text", async () => (await configs()) === 1);
  });

  await stage.step("another trial is chosen with the keyboard and locked instead", async () => {
    await lines.first().focus();
    const at = async (): Promise<string> =>
      panel.locator("tr.line:focus").first().getAttribute("data-number", { timeout: 3_000 }).then(String);
    const first = await at();
    await page.keyboard.press("ArrowDown");
    await until("another trial in focus", async () => (await at()) !== first);
    await page.keyboard.press("Home");
    await until("the first in focus again", async () => (await at()) === first);
    const opened = panel.locator('tr.line[aria-expanded="true"]');
    // The first usable one that is not what is locked.
    const lock = panel.getByRole("button", { name: "Lock this one instead (estimated)" });
    for (let before = first; !(await lock.isVisible()); before = await at()) {
      await page.keyboard.press("Escape");
      await until("the trial before is closed", async () => (await opened.count()) === 0);
      await page.keyboard.press("ArrowDown");
      await until("the next trial in focus", async () => (await at()) !== before);
      await page.keyboard.press("Enter");
      await until("it is open", async () => (await opened.count()) === 1);
    }
    const chosen = await at();
    await editor.restMouse();
    await stage.picture("panel");
    const text = await editor.text(editor.source);
    await page.keyboard.press("Tab");
    await until("the button in focus", () => lock.evaluate((button) => button === document.activeElement));
    await page.keyboard.press("Enter");
    await panel.locator(".told", { hasText: `Trial ${chosen}: locked for sm_90, estimated` }).waitFor();
    await until("another config in the decorator", async () => (await editor.text(editor.source)) !== text);
    await until("one config in the text", async () => (await configs()) === 1);
    await panel.locator(`tr.line[data-number="${chosen}"] .mark.locked`).waitFor();
  });

  await stage.step("the evidence says that it was chosen, and estimated", async () => {
    await editor.save();
    await until("the sidecar", () => existsSync(sidecar));
    const [entry, ...others] = entries();
    assert.deepEqual(others, []);
    assert.deepEqual([entry?.chosen, entry?.estimated], [true, true]);
  });

  await stage.step("after an edit of the kernel its trials are stale, and none can be locked", async () => {
    await editor.retype("acc = torch.addmm(acc, x[", "acc = torch.addmm(2 * acc, x[");
    await panel.locator(".state.stale", { hasText: "matmul was changed since" }).waitFor();
    await until("no way to lock", async () => !(await panel.getByRole("button", { name: "Lock this one" }).count()));
    await editor.revert();
    await until("no longer stale", async () => !(await panel.locator(".state.stale").count()));
  });

  await stage.step("undo takes back both locks", async () => {
    await until("the text without a config", async () => {
      if ((await configs()) === 0) {
        return true;
      }
      const before = await editor.text(editor.source);
      await editor.focusSource();
      await page.keyboard.press("Control+z");
      // An undo may change what is out of sight.
      await until("another text", async () => (await editor.text(editor.source)) !== before, 1_000).catch(
        () => undefined,
      );
      return false;
    });
    await editor.save();
    assert.equal(editor.saved(), original);
    await until("no sidecar", () => !existsSync(sidecar));
    // The panel is what its group shows.
    await page.keyboard.press("Control+2");
    await editor.runCommand("View: Close Editor");
    await page.locator("iframe.webview").waitFor({ state: "detached" });
  });
}
