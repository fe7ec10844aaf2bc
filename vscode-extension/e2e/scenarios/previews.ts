// The generated code beside its source, and the commands of the kernel at the cursor.
import { SOON, until, untilBy } from "../polling.ts";
import type { Stage } from "../stage.ts";

export async function previews(stage: Stage): Promise<void> {
  const { editor } = stage;

  await stage.step("Triton beside the source, lines linked both ways", async () => {
    await editor.clickLens("Triton", "a preview", async () => (await editor.beside.count()) > 0);
    await until("Triton's text", async () => (await editor.text(editor.beside)).includes("triton.jit"));
    let linked: string[] = [];
    // A preview that opens is linked to the line where the cursor was: what is waited for is the link to the line that is clicked.
    await untilBy(
      "the preview's lines of the product, and no others, highlighted",
      () => editor.clickLine(editor.source, "torch.addmm"),
      async () => {
        linked = await editor.highlighted(editor.beside);
        return linked.some((line) => line.includes("tl.dot(")) && linked.every((line) => /load|dot/.test(line));
      },
      () => `; highlighted are:\n${linked.join("\n")}`,
    );
    await stage.picture("preview");
    await untilBy(
      "the source's one line of the product highlighted",
      () => editor.clickLine(editor.beside, "tl.dot("),
      async () => {
        linked = await editor.highlighted(editor.source);
        return linked.length === 1 && linked[0]?.includes("torch.addmm") === true;
      },
      () => `; highlighted are:\n${linked.join("\n")}`,
    );
    await until(
      "no line of the preview highlighted",
      async () => (await editor.highlighted(editor.beside)).length === 0,
    );
  });

  await stage.step("the preview follows the text", async () => {
    await editor.retype("out[tile_m, tile_n] = acc", "out[tile_m, tile_n] = acc + 7.0");
    await until("the new line in the preview", async () => (await editor.text(editor.beside)).includes("7.0"));
    await editor.revert();
    await until("the line gone", async () => !(await editor.text(editor.beside)).includes("7.0"));
  });

  await stage.step("resources of the kernel at the cursor, from the palette", async () => {
    await editor.goTo(editor.placeOf("acc = hl.dot"));
    await editor.runCommand("Helion: Show Resources of the Kernel at the Cursor");
    await editor.beside.locator(".tab.active", { hasText: "matmul_with_epilogue · resources" }).waitFor();
    await until("the resources", async () => /registers\s+\d+/.test(await editor.text(editor.beside)));
    await editor.restMouse();
    await stage.picture("resources");
  });

  await stage.step("PTX of the kernel at the cursor, its lines linked too", async () => {
    await editor.goTo(editor.placeOf("acc = torch.addmm"));
    await editor.runCommand("Helion: Show PTX of the Kernel at the Cursor");
    await editor.beside.locator(".tab.active", { hasText: "matmul · ptx" }).waitFor();
    await until("the assembly", async () => (await editor.text(editor.beside)).includes(".target sm_90a"));
    await untilBy(
      "highlighted lines of the assembly",
      () => editor.clickLine(editor.source, "torch.addmm"),
      async () => (await editor.highlighted(editor.beside)).length > 0,
    );
  });

  await stage.step("Triton of the kernel at the cursor, from the palette", async () => {
    await editor.goTo(editor.placeOf("acc = hl.dot"));
    await editor.runCommand("Helion: Show Triton of the Kernel at the Cursor");
    await editor.beside.locator(".tab.active", { hasText: "matmul_with_epilogue · triton" }).waitFor();
    await until("its text", async () => (await editor.text(editor.beside)).includes("_helion_matmul_with_epilogue"));
  });

  await stage.step("a pinned preview shows what an edit changes in the code", async () => {
    await editor.goTo(editor.placeOf("acc = torch.addmm"));
    await editor.runCommand("Helion: Show Triton of the Kernel at the Cursor");
    const tab = editor.beside.locator(".tab.active", { hasText: /^matmul · triton$/ });
    await tab.waitFor();
    await untilBy(
      "the focus in the preview",
      () => tab.click({ timeout: SOON }),
      () => editor.hasFocus(editor.beside),
    );
    await editor.runCommand("Helion: Pin This Preview to Compare");
    // In half a window VS Code shows one text with its differences, and no two sides.
    const compared = editor.beside.locator(".monaco-diff-editor");
    await until("the code", async () => (await compared.locator(".view-line", { hasText: "triton.jit" }).count()) > 0);
    await editor.retype("out[tile_m, tile_n] = acc", "out[tile_m, tile_n] = acc + 7.0");
    // What differs may stand further down than the window goes.
    await untilBy(
      "a new line",
      async () => {
        await editor.page.keyboard.press("Control+2");
        await editor.page.keyboard.press("Control+End");
      },
      async () => (await compared.locator(".line-insert").count()) > 0,
    );
    await stage.picture("pinned");
    await editor.revert();
    await until("no difference", async () => (await compared.locator(".line-insert").count()) === 0);
    await editor.page.keyboard.press("Control+2");
    await until("the focus in the comparison", () => editor.hasFocus(editor.beside));
    await editor.runCommand("View: Close Editor");
    await compared.waitFor({ state: "detached" });
  });
}
