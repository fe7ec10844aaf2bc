// Looking closer at a kernel: where it runs.
import assert from "node:assert/strict";
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
}
