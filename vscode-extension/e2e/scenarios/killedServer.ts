// The language server dies, and comes back without being asked.
import assert from "node:assert/strict";
import { languageServers } from "../languageServers.ts";
import { until } from "../polling.ts";
import type { Stage } from "../stage.ts";

export async function killedServer(stage: Stage): Promise<void> {
  const { editor } = stage;

  await stage.step("a killed server comes back", async () => {
    const running = languageServers(stage.server.pid);
    assert.equal(running.length, 1, `one language server runs, not ${running.length}`);
    for (const id of running) {
      process.kill(id, "SIGKILL");
    }
    await until("another server", () => languageServers(stage.server.pid).some((id) => !running.includes(id)));
    const shown = await editor.hoverAt(editor.placeOf("acc = hl.zeros"), (text) =>
      text.includes("f32[tile_m, tile_n]"),
    );
    assert.match(shown, /device/);
    await editor.page.keyboard.press("Escape");
  });

  await stage.step("the command restarts it, and there is only one", async () => {
    const before = languageServers(stage.server.pid);
    await editor.runCommand("Helion: Restart Server");
    await until("one server, another one", () => {
      const now = languageServers(stage.server.pid);
      return now.length === 1 && !before.includes(now[0] ?? 0);
    });
    await editor.hoverAt(editor.placeOf("acc = hl.zeros"), (text) => text.includes("f32[tile_m, tile_n]"));
  });
}
