// What is asked in pickers: the signature to look with, the config of a preview, two configs to compare; and a run in the interpreter.
import assert from "node:assert/strict";
import { until } from "../polling.ts";
import type { Stage } from "../stage.ts";

export async function pickers(stage: Stage): Promise<void> {
  const { editor } = stage;
  const shownBeside = async (words: string): Promise<boolean> => (await editor.text(editor.beside)).includes(words);

  await stage.step("a signature of a call is chosen, and the lens and hovers follow", async () => {
    await editor.waitForLens("signature: inferred");
    await editor.goTo(editor.placeOf("acc = torch.addmm"));
    const title = "Look at matmul with which arguments?";
    await editor.runAskingCommand("Helion: Choose the Signature to Look at the Kernel at the Cursor with", title);
    const choices = await editor.offered();
    assert.match(choices[0] ?? "", / inferred$/);
    const call = choices.find((choice) => choice.endsWith(" call"));
    assert.ok(call, choices.join("\n"));
    const notation = call.slice(0, -" call".length);
    await editor.pick(notation);
    await until("the lens", async () => (await editor.lenses()).includes(`signature: ${notation}`));
    await editor.runAskingCommand("Helion: Choose the Signature to Look at the Kernel at the Cursor with", title);
    await editor.pick("Write a signature");
    await editor.answer("Arguments of matmul", "f32[96,48], f32[48,32]");
    await until("the written one", async () => (await editor.lenses()).includes("signature: f32[96,48], f32[48,32]"));
    await editor.hoverAt(editor.placeOf("out = torch.empty"), (text) => text.includes("[96, 32]"));
    await editor.page.keyboard.press("Escape");
  });

  await stage.step("a preview is shown for a config that is written", async () => {
    await editor.goTo(editor.placeOf("acc = torch.addmm"));
    await editor.runCommand("Helion: Show Triton of the Kernel at the Cursor");
    await until("Triton", () => shownBeside("tl.dot("));
    await editor.beside.locator(".tab.active").click();
    await editor.runAskingCommand("Helion: Choose the Config of This Preview", "Config of matmul");
    assert.deepEqual(
      (await editor.offered()).map((choice) => choice.split(" ")[0]),
      ["default", "locked", "Write"],
    );
    await editor.pick("Write a config");
    await editor.answer("Config of matmul", "block_sizes=[32, 16, 16], num_warps=2");
    await editor.beside.locator(".tab.active", { hasText: "block_sizes=[32, 16, 16]" }).waitFor();
    await until("its code", () => shownBeside("_BLOCK_SIZE_0 = 32"));
  });

  await stage.step("two configs are compared side by side", async () => {
    await editor.goTo(editor.placeOf("acc = torch.addmm"));
    await editor.runAskingCommand("Helion: Compare the Triton of Two Configs", "matmul: left config");
    await editor.pick("default");
    await editor.page.locator(".quick-input-widget .quick-input-title", { hasText: "matmul: right config" }).waitFor();
    await editor.pick("Write a config");
    await editor.answer("matmul: right config", "block_sizes=[32, 16, 16]");
    const diff = editor.beside.locator(".monaco-diff-editor");
    await diff.waitFor();
    await until("lines that differ", async () => (await diff.locator(".line-insert").count()) > 0);
    await stage.picture("compare");
    await editor.runCommand("View: Close All Editors in Group");
  });

  await stage.step("a minimal repro, opened from its message", async () => {
    await editor.goTo(editor.placeOf("acc = torch.addmm"));
    await editor.runCommand("Helion: Copy Minimal Repro of the Kernel at the Cursor");
    await editor.page
      .locator(".notification-toast", { hasText: "A minimal repro of matmul" })
      .locator(".monaco-button", { hasText: "Open" })
      .click();
    await until("the script", async () => (await editor.text(editor.source)).includes("HELION KERNEL REPRO"));
    assert.match(await editor.text(editor.source), /arguments: f32\[96,48\], f32\[48,32\]/);
    await editor.runCommand("View: Revert and Close Editor");
  });

  await stage.step("the kernel runs in the interpreter, and says what it gives", async () => {
    await editor.goTo(editor.placeOf("acc = torch.addmm"));
    await editor.runCommand("Helion: Run the Kernel at the Cursor in the Interpreter");
    const terminal = editor.page.locator(".part.panel .xterm-rows");
    await until("the result", async () => /f32\[96,32\]\s+min/.test(await terminal.innerText()));
    await editor.runCommand("View: Toggle Panel Visibility");
  });
}
