// What is asked in pickers: the signature to look with, the config of a preview, two configs to compare; and a run in the interpreter.
import assert from "node:assert/strict";
import { until, untilBy } from "../polling.ts";
import type { Stage } from "../stage.ts";

/** What a comparison may take. */
const COMPARED = 30_000;

export async function pickers(stage: Stage): Promise<void> {
  const { editor } = stage;
  const shownBeside = async (words: string): Promise<boolean> => (await editor.text(editor.beside)).includes(words);

  await stage.step("a signature of a call is chosen, and the lens and hovers follow", async () => {
    await editor.waitForLens("signature: inferred");
    await editor.goTo(editor.placeOf("acc = torch.addmm"));
    const title = "Look at matmul with which arguments?";
    const command = "Helion: Choose the Signature to Look at the Kernel at the Cursor with";
    await editor.quick.run(command);
    const choices = await editor.quick.offered(title, (rows) => rows.some(({ description }) => description === "call"));
    assert.equal(choices[0]?.description, "inferred");
    const notation = choices.find(({ description }) => description === "call")?.label;
    assert.ok(notation, JSON.stringify(choices));
    await editor.quick.pick(title, notation);
    await until("the lens", async () => (await editor.lenses()).includes(`signature: ${notation}`));
    await editor.quick.run(command);
    await editor.quick.pick(title, "Write a signature…");
    await editor.quick.answer("Arguments of matmul", "f32[96,48], f32[48,32]");
    await until("the written one", async () => (await editor.lenses()).includes("signature: f32[96,48], f32[48,32]"));
    await editor.hoverAt(editor.placeOf("out = torch.empty"), (text) => text.includes("[96, 32]"));
    await editor.page.keyboard.press("Escape");
  });

  await stage.step("a preview that was out of sight is of that signature when it comes back", async () => {
    await editor.goTo(editor.placeOf("acc = torch.addmm"));
    await editor.runCommand("Helion: Show PTX of the Kernel at the Cursor");
    await editor.beside.locator(".tab.active", { hasText: /^matmul · ptx$/ }).waitFor();
    await untilBy(
      "the start of the assembly for it",
      async () => {
        await editor.page.keyboard.press("Control+2");
        await editor.page.keyboard.press("Control+Home");
      },
      async () => {
        const text = await editor.text(editor.beside);
        return text.startsWith("# the default config") && text.includes(".target sm_90a");
      },
    );
    await untilBy(
      "its lines highlighted",
      () => editor.clickLine(editor.source, "torch.addmm"),
      async () => (await editor.highlighted(editor.beside)).length > 0,
    );
  });

  await stage.step("a preview is shown for a config that is written", async () => {
    await editor.goTo(editor.placeOf("acc = torch.addmm"));
    await editor.runCommand("Helion: Show Triton of the Kernel at the Cursor");
    const tab = editor.beside.locator(".tab.active", { hasText: /^matmul · triton$/ });
    await tab.waitFor();
    await until("Triton", () => shownBeside("tl.dot("));
    await untilBy(
      "the focus in the preview",
      () => tab.click(),
      () => editor.hasFocus(editor.beside),
    );
    const title = "Config of matmul";
    await editor.quick.run("Helion: Choose the Config of This Preview");
    const labels = JSON.stringify(["default", "locked", "Write a config…"]);
    await editor.quick.offered(title, (rows) => JSON.stringify(rows.map(({ label }) => label)) === labels);
    await editor.quick.pick(title, "Write a config…");
    await editor.quick.answer(title, "block_sizes=[32, 16, 16], num_warps=2");
    await editor.beside.locator(".tab.active", { hasText: "block_sizes=[32, 16, 16]" }).waitFor();
    await until("its code", () => shownBeside("the given config: Config(block_sizes=[32, 16, 16], num_warps=2)"));
  });

  await stage.step("two configs are compared side by side", async () => {
    await editor.waitForLens("Tune and lock");
    await editor.goTo(editor.placeOf("acc = torch.addmm"));
    await editor.quick.run("Helion: Compare the Triton of Two Configs of the Kernel at the Cursor");
    await editor.quick.pick("matmul: left config", "default");
    await editor.quick.pick("matmul: right config", "Write a config…");
    await editor.quick.answer("matmul: right config", "block_sizes=[32, 16, 16]");
    const diff = editor.beside.locator(".monaco-diff-editor");
    await diff.waitFor();
    // Not for long: a preview that is out of sight must not keep busy what finds the differences.
    await until("lines that differ", async () => (await diff.locator(".line-insert").count()) > 0, COMPARED);
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
