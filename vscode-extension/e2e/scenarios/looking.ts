// Looking closer at a kernel: where it runs.
import assert from "node:assert/strict";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { languageServers } from "../processes.ts";
import { until } from "../polling.ts";
import type { Stage } from "../stage.ts";

export async function looking(stage: Stage): Promise<void> {
  const { editor } = stage;

  await stage.step("device code has a line beside it, host code has none", async () => {
    await editor.goTo(editor.placeOf("acc = torch.addmm"));
    await until("a line beside the product", async () =>
      (await editor.marked(editor.source)).some((line) => line.includes("torch.addmm")),
    );
    const marked = await editor.marked(editor.source);
    assert.ok(!marked.some((line) => /torch\.empty|return out/.test(line)), marked.join("\n"));
  });

  await stage.step("a setting takes effect without another server", async () => {
    const before = languageServers(stage.server.pid);
    const hasHint = async (): Promise<boolean> =>
      (await editor.text(editor.source)).includes("acc: f32[tile_m, tile_n] = hl.zeros");
    await until("the hint of a shape", hasHint);
    const settings = stage.server.file(".vscode/settings.json");
    mkdirSync(dirname(settings), { recursive: true });
    writeFileSync(settings, JSON.stringify({ "helion.inlayHints.shapes": false }));
    await until("no hint", async () => !(await hasHint()));
    rmSync(settings);
    await until("the hint again", hasHint);
    assert.deepEqual(languageServers(stage.server.pid), before);
  });
}
