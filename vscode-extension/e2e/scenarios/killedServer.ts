// The language server dies, and comes back without being asked.
import assert from "node:assert/strict";
import { languageServers } from "../processes.ts";
import { until } from "../polling.ts";
import type { Stage } from "../stage.ts";

export async function killedServer(stage: Stage): Promise<void> {
  const { editor } = stage;

  await stage.step("a killed server comes back", async () => {
    await editor.waitForLens("not locked");
    const states = await editor.listen("Helion: ");
    // In the middle of typing: with requests on their way, whose writes fail.
    await editor.goTo(editor.placeOf("import torch", "import torch".length));
    const typing = editor.page.keyboard.type("  # one two three four five six seven eight nine ten", { delay: 30 });
    const running = languageServers(stage.server.pid);
    assert.equal(running.length, 1, `one language server runs, not ${running.length}`);
    for (const id of running) {
      process.kill(id, "SIGKILL");
    }
    await typing;
    await until("another server", () => languageServers(stage.server.pid).some((id) => !running.includes(id)));
    const shown = await editor.hoverAt(editor.placeOf("acc = hl.zeros"), (text) =>
      text.includes("f32[tile_m, tile_n]"),
    );
    assert.match(shown, /device/);
    await editor.page.locator(".statusbar-item[aria-label*='Helion: ready']").waitFor();
    assert.deepEqual(await states(), ["ready", "restarting", "warming", "ready"]);
    assert.equal(await editor.notifications(), "");
    await editor.revert();
  });

  await stage.step("the command restarts it, and there is only one", async () => {
    const before = languageServers(stage.server.pid);
    const states = await editor.listen("Helion: ");
    await editor.runCommand("Helion: Restart Server");
    await until("one server, another one", () => {
      const now = languageServers(stage.server.pid);
      return now.length === 1 && !before.includes(now[0] ?? 0);
    });
    await editor.hoverAt(editor.placeOf("acc = hl.zeros"), (text) => text.includes("f32[tile_m, tile_n]"));
    assert.deepEqual(await states(), ["ready", "restarting", "starting", "warming", "ready"]);
  });
}
