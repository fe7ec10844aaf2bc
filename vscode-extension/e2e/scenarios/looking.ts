// Looking closer at a kernel: where it runs, with which arguments, under which config; and running it without a GPU.
import assert from "node:assert/strict";
import { until, untilBy } from "../polling.ts";
import type { Stage } from "../stage.ts";

export async function looking(stage: Stage): Promise<void> {
  const { editor } = stage;
  const { page } = editor;
  const input = page.locator(".quick-input-widget input.input");

  await stage.step("device code has a line beside it, host code has none", async () => {
    await editor.goTo(editor.placeOf("acc = torch.addmm"));
    await until("a line beside the product", async () =>
      (await editor.marked(editor.source)).some((line) => line.includes("torch.addmm")),
    );
    const marked = await editor.marked(editor.source);
    assert.ok(!marked.some((line) => /torch\.empty|return out/.test(line)), marked.join("\n"));
  });

  await stage.step("a written signature makes hovers concrete", async () => {
    await editor.goTo(editor.placeOf("acc = torch.addmm"));
    await editor.runCommand("Helion: Choose the Signature");
    await page.locator(".quick-input-list .monaco-list-row", { hasText: "Write a signature" }).click();
    await input.fill("bf16[512,256], bf16[256,128]");
    await page.keyboard.press("Enter");
    await until("the lens says so", async () => (await editor.lenses()).includes("signature: bf16[512,256]"));
    const shown = await editor.hoverAt(editor.placeOf("m, k = x.size()"), (text) => text.includes("512"));
    assert.match(shown, /512/);
  });

  await stage.step("a preview for a written config", async () => {
    await editor.goTo(editor.placeOf("acc = torch.addmm"));
    await editor.runCommand("Helion: Show Triton of the Kernel at the Cursor");
    await until("Triton's text", async () => (await editor.text(editor.beside)).includes("default config"));
    await editor.beside.locator(".view-line").first().click();
    await editor.runCommand("Helion: Choose the Config of This Preview");
    await page.locator(".quick-input-list .monaco-list-row", { hasText: "Write a config" }).click();
    await input.fill("block_sizes=[32, 32, 16], num_warps=2");
    await page.keyboard.press("Enter");
    await until("Triton for that config", async () =>
      /given config.*num_warps=2/.test(await editor.text(editor.beside)),
    );
  });

  await stage.step("two configs side by side", async () => {
    await editor.goTo(editor.placeOf("acc = torch.addmm"));
    await editor.runCommand("Helion: Compare the Triton of Two Configs");
    await page.locator(".quick-input-list .monaco-list-row", { hasText: "default" }).click();
    await page.locator(".quick-input-list .monaco-list-row", { hasText: "Write a config" }).click();
    await input.fill("block_sizes=[32, 32, 16]");
    await page.keyboard.press("Enter");
    await page.locator(".monaco-diff-editor").waitFor();
    await until("both texts", async () => (await page.locator(".monaco-diff-editor .view-line").count()) > 20);
    await stage.picture("compared");
  });

  await stage.step("a run in the interpreter says what came of it", async () => {
    await editor.goTo(editor.placeOf("acc = torch.addmm"));
    await editor.runCommand("Helion: Run the Kernel at the Cursor in the Interpreter");
    const terminal = page.locator(".terminal-wrapper.active .xterm-rows");
    await untilBy(
      "the kernel's output",
      () => terminal.waitFor(),
      async () => (await terminal.allInnerTexts()).join("\n").includes("matmul"),
    );
    await stage.picture("run");
    await editor.runCommand("View: Close Panel");
  });
}
