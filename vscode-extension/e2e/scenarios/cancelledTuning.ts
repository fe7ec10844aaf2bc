// Tune and lock, cancelled where it is shown; the session's budget is long enough for a slow machine to get there.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { stays, until } from "../polling.ts";
import type { Stage } from "../stage.ts";

export async function cancelledTuning(stage: Stage): Promise<void> {
  const { editor } = stage;
  const original = editor.saved();

  await stage.step("cancelling a tuning leaves the file alone", async () => {
    await editor.goTo(editor.placeOf("acc = torch.addmm"));
    await editor.runCommand("Helion: Tune and Lock the Kernel at the Cursor");
    await until("the best so far", async () => /best estimated [\d.]+ µs/.test(await editor.notifications()));
    await stage.picture("tuning");
    const toast = editor.page.locator(".notification-toast", { hasText: "Tuning matmul" });
    await toast.locator(".monaco-button", { hasText: "Cancel" }).click();
    await toast.locator(".monaco-button", { hasText: "Discard" }).click();
    await toast.waitFor({ state: "hidden" });
    await stays(
      "no config, nothing unsaved",
      async () => !(await editor.isDirty()) && !(await editor.lenses()).includes("locked:"),
    );
    assert.equal(editor.saved(), original);
    assert.ok(!existsSync(`${stage.server.file("matmul.py")}.helion.lock`), "a sidecar was written");
  });
}
