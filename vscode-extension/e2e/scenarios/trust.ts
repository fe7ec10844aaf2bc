// A workspace that is not trusted: its syntax is checked and nothing more, until trust is granted.
import assert from "node:assert/strict";
import { languageServers } from "../processes.ts";
import { stays, until } from "../polling.ts";
import type { Stage } from "../stage.ts";

export async function trust(stage: Stage): Promise<void> {
  const { editor } = stage;

  await stage.step("without trust, only syntax", async () => {
    await editor.page.locator(".statusbar-item", { hasText: "Restricted Mode" }).waitFor();
    await until("the server", () => languageServers(stage.server.pid).length === 1);
    await editor.retype("out[tile_m, tile_n] = acc", "out[tile_m, tile_n] = acc)");
    await until("a squiggle", async () => (await editor.squiggles()) > 0);
    await editor.revert();
    await until("no squiggle", async () => (await editor.squiggles()) === 0);
    await editor.retype("out[tile_m, tile_n] = acc", "out[tile_n, tile_m] = acc");
    await stays(
      "neither squiggle nor lens",
      async () => (await editor.squiggles()) === 0 && (await editor.lenses()) === "",
      5_000,
    );
    await editor.revert();
    await stage.picture("untrusted");
  });

  await stage.step("without trust, nothing is tuned", async () => {
    assert.doesNotMatch(await editor.offeredCommands("Helion: "), /Tune and Lock/);
  });

  await stage.step("with trust, everything", async () => {
    await editor.runCommand("Workspaces: Manage Workspace Trust");
    await editor.page
      .locator(".workspace-trust-editor .monaco-button", { hasText: /^Trust/ })
      .first()
      .click();
    await editor.page.locator(".statusbar-item[aria-label*='Helion: ready']").waitFor();
    const over = editor.page.locator(".monaco-modal-editor-block");
    await over.locator(".codicon-close").last().click();
    await over.waitFor({ state: "hidden" });
    await editor.waitForLens("Tune and lock");
    await editor.hoverAt(editor.placeOf("acc = hl.zeros"), (text) => text.includes("f32[tile_m, tile_n]"));
  });
}
