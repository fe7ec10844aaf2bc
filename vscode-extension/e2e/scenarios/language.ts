// What the editor says about a kernel while it is written: lenses, hover, hints, one squiggle, its quick fix.
import assert from "node:assert/strict";
import { stays, until, untilBy } from "../polling.ts";
import type { Stage } from "../stage.ts";

export async function language(stage: Stage): Promise<void> {
  const { editor } = stage;
  const original = editor.saved();

  await stage.step("a command in the first seconds is carried out", async () => {
    await editor.goTo(editor.placeOf("acc = torch.addmm"));
    await editor.runCommand("Helion: Show Triton of the Kernel at the Cursor");
    await editor.beside.locator(".tab.active", { hasText: /^matmul · triton$/ }).waitFor();
    // The text stands at its beginning: nobody asked to be taken to a line.
    await until("Triton", async () => (await editor.text(editor.beside)).includes("@triton.jit"));
    assert.equal(await editor.notifications(), "");
    await editor.page.keyboard.press("Control+2");
    await until("the focus in the preview", () => editor.hasFocus(editor.beside));
    await editor.runCommand("View: Close Editor");
    await until("one group", async () => (await editor.beside.count()) === 0);
  });

  await stage.step("the server starts, the lenses appear, the status says ready", async () => {
    await editor.waitForLens("Triton");
    await editor.waitForLens("not locked");
    assert.match(
      await editor.lenses(),
      /^Triton \| Resources \| Tune and lock \| not locked \| signature: inferred \| Run in interpreter \| Debug$/m,
    );
    await editor.page.locator(".statusbar-item[aria-label*='Helion: ready']").waitFor();
  });

  await stage.step("hover on acc", async () => {
    const shown = await editor.hoverAt(editor.placeOf("acc = hl.zeros"), (text) =>
      text.includes("f32[tile_m, tile_n]"),
    );
    assert.match(shown, /f32\[tile_m, tile_n\] · device/);
    assert.match(shown, /tile_m: block size of the loop at line \d+, block_sizes\[0\]/);
    await stage.picture("hover");
    await editor.page.keyboard.press("Escape");
  });

  await stage.step("inlay hints say the shapes", async () => {
    await until("the shape of acc", async () =>
      (await editor.text(editor.source)).includes("acc: f32[tile_m, tile_n] = hl.zeros"),
    );
  });

  await stage.step("a wrong index is one squiggle with one message", async () => {
    await editor.retype("out[tile_m, tile_n] = acc", "out[tile_n, tile_m] = acc");
    await until("a squiggle", async () => (await editor.squiggles()) > 0);
    await stays("exactly one squiggle", async () => (await editor.squiggles()) === 1);
    const shown = await editor.hoverAt(
      editor.placeOf("out[tile_m, tile_n] = acc", "out[tile_m, tile_n] = ".length + 1),
      (text) => text.includes("helion"),
    );
    assert.match(shown, /\[tile_n, tile_m\] and f32\[tile_m, tile_n\].*\s*helion\W*shape-mismatch/);
    await stage.picture("diagnostic");
    await editor.page.keyboard.press("Escape");
    await editor.revert();
    await until("no squiggle", async () => (await editor.squiggles()) === 0);
  });

  await stage.step("a quick fix puts the text right", async () => {
    const place = editor.placeOf("hl.tile([m, n])", 2);
    await editor.retype("hl.tile([m, n])", "hl.tile(m, n)");
    await until("a squiggle", async () => (await editor.squiggles()) > 0);
    await editor.goTo(place);
    const fix = editor.page.locator(".action-widget .monaco-list-row", { hasText: "Put the sizes in a list" }).first();
    await untilBy(
      "the fix is offered",
      async () => {
        // The same keys in an open menu would apply what is selected there.
        await editor.page.keyboard.press("Escape");
        await editor.page.keyboard.press("Control+.");
      },
      () => fix.isVisible(),
    );
    await stage.picture("quick-fix");
    await fix.click();
    await until("the fixed text", async () => (await editor.text(editor.source)).includes("hl.tile([m, n])"));
    await until("no squiggle", async () => (await editor.squiggles()) === 0);
    await editor.save();
    assert.equal(editor.saved(), original);
  });
}
