// Tune and lock to the end: what is written, what stays said, and that undo takes all of it back.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { PATIENCE, until } from "../polling.ts";
import type { Stage } from "../stage.ts";

interface Entry {
  readonly kernel: string;
  readonly device: string;
  readonly method: string;
  readonly estimated: boolean;
}

export async function tuning(stage: Stage): Promise<void> {
  const { editor } = stage;
  const original = editor.saved();
  const sidecar = `${stage.server.file("matmul.py")}.helion.lock`;
  const entries = (): readonly Entry[] =>
    (JSON.parse(readFileSync(sidecar, "utf8")) as { entries: readonly Entry[] }).entries;
  const toast = editor.page.locator(".notification-toast", { hasText: /Tuning matmul\b/ });

  await stage.step("tune and lock writes the config, and says estimated", async () => {
    await editor.goTo(editor.placeOf("acc = torch.addmm"));
    await editor.clickLens("Tune and lock", "the tuning's progress", () => toast.isVisible(), "def matmul(");
    // It is shown for some seconds only.
    const told = editor.page.locator(".statusbar-item", { hasText: /matmul: locked for sm_90, estimated [\d.]+ µs/ });
    await told.waitFor({ timeout: 2 * PATIENCE });
    await until("the config in the decorator", async () =>
      (await editor.text(editor.source)).includes("helion.Config("),
    );
    await until("the lens says so", async () => (await editor.lenses()).includes("locked: sm_90 (estimated)"));
    await toast.waitFor({ state: "hidden" });
    await stage.picture("locked");
    assert.ok(!existsSync(sidecar), "the evidence was written before the lock was saved");
  });

  await stage.step("the evidence is kept when the lock is saved", async () => {
    await editor.save();
    assert.match(editor.saved(), /@helion\.kernel\(\n {4}configs=\{\n {8}"sm_90": helion\.Config\(/);
    await until("the sidecar", () => existsSync(sidecar));
    const [entry, ...others] = entries();
    assert.deepEqual(others, []);
    assert.deepEqual(
      [entry?.kernel, entry?.device, entry?.method, entry?.estimated],
      ["matmul", "sm_90", "model", true],
    );
  });

  await stage.step("undo takes back the config and the evidence, redo brings both again", async () => {
    await editor.focusSource();
    await editor.page.keyboard.press("Control+z");
    await until(
      "the text without the config",
      async () => !(await editor.text(editor.source)).includes("helion.Config("),
    );
    await editor.save();
    assert.equal(editor.saved(), original);
    await until("no sidecar", () => !existsSync(sidecar));
    await until("the lens says so", async () => !(await editor.lenses()).includes("locked:"));
    await editor.page.keyboard.press("Control+Shift+z");
    await until("the config again", async () => (await editor.text(editor.source)).includes("helion.Config("));
    await until("the lens still says estimated", async () =>
      (await editor.lenses()).includes("locked: sm_90 (estimated)"),
    );
    await editor.save();
    await until("the sidecar again", () => existsSync(sidecar));
    await editor.page.keyboard.press("Control+z");
    await until(
      "the text without the config",
      async () => !(await editor.text(editor.source)).includes("helion.Config("),
    );
    await editor.save();
    await until("no sidecar", () => !existsSync(sidecar));
    assert.equal(editor.saved(), original);
  });
}
