// pyright and ruff at work in the same editor: what they say and what we say is there once, and nobody takes the text from another.
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { settles, until, untilBy } from "../polling.ts";
import type { Stage } from "../stage.ts";

/** Settings that have the stand-in start both. */
export const neighbouring = (python: string): Record<string, unknown> => ({
  "python.pythonPath": python,
  "stub.servers": [
    [process.execPath, join(import.meta.dirname, "../node_modules/pyright/langserver.index.js"), "--stdio"],
    [join(dirname(python), "ruff"), "server"],
  ],
  "[python]": { "editor.defaultFormatter": "ms-pyright.pyright" },
});

const ADDMM = "acc = torch.addmm(acc, x[tile_m, tile_k], y[tile_k, tile_n])";
const ZEROS = "acc = hl.zeros([tile_m, tile_n], dtype=torch.float32)";

interface Problem {
  readonly source: string;
  readonly line: string;
  readonly text: string;
}

export async function neighbours(stage: Stage): Promise<void> {
  const { editor } = stage;
  const { page } = editor;

  const sections = async (): Promise<string[]> => page.locator(".monaco-hover:visible .hover-row").allInnerTexts();
  const holding = (texts: readonly string[], words: string | RegExp): number =>
    texts.filter((text) => (typeof words === "string" ? text.includes(words) : words.test(text))).length;

  /** Types a line, asks for completions, and gives the labels that begin with a word. */
  const offered = async (line: string, typed: string, word: string): Promise<string[]> => {
    await editor.retype(line, typed);
    const rows = page.locator(".suggest-widget.visible .monaco-list-row .label-name");
    const named = async (): Promise<string[]> => (await rows.allInnerTexts()).filter((text) => text.startsWith(word));
    await untilBy(
      `completions of ${word}`,
      async () => {
        await page.keyboard.press("Escape");
        await page.keyboard.press("Control+Space");
      },
      async () => (await named()).length > 0,
    );
    const found = await named();
    await page.keyboard.press("Escape");
    await editor.revert();
    return found;
  };

  const problems = async (): Promise<Problem[]> => {
    const rows = await page.locator(".markers-panel .monaco-list-row").allInnerTexts();
    return rows.flatMap((row) => {
      const lines = row.replaceAll("\u00a0", " ").split("\n");
      const place = lines.find((line) => /^\[Ln \d+, Col \d+\]$/.test(line));
      const source = lines.find((line) => ["Pyright", "Ruff", "helion"].includes(line));
      return place === undefined || source === undefined ? [] : [{ source, line: place, text: lines[0] ?? "" }];
    });
  };
  /** Types a line with a fault, and gives who says something of it once `isThere`. */
  const fault = async (
    line: string,
    typed: string,
    isThere: (found: Problem[]) => boolean,
    check: (found: Problem[]) => boolean,
  ): Promise<void> => {
    await editor.retype(line, typed);
    await until(`what is said of ${typed}`, async () => isThere(await problems()));
    await settles("it is said as it should be", async () => check(await problems()));
    await editor.revert();
    await until("no errors", async () => (await problems()).every(({ source }) => source === "Ruff"));
  };
  const from = (found: Problem[], source: string): number => found.filter((one) => one.source === source).length;

  await stage.step("pyright and ruff are at work", async () => {
    await editor.waitForLens("signature: inferred");
    await editor.runCommand("View: Focus Problems (Errors, Warnings, Infos)");
    await fault(
      ADDMM,
      ADDMM.replace("y[tile_k", "z[tile_k"),
      (found) => from(found, "Pyright") > 0 && from(found, "Ruff") > 0,
      () => true,
    );
  });

  await stage.step("a hover has their section and ours, each once", async () => {
    await editor.hoverAt(
      editor.placeOf("acc = hl.zeros"),
      (text) => text.includes("(variable) acc") && text.includes("f32[tile_m, tile_n] · device"),
    );
    assert.equal(holding(await sections(), "(variable) acc"), 1);
    assert.equal(holding(await sections(), "f32[tile_m, tile_n] · device"), 1);
    await stage.picture("neighbours-hover");
    await editor.hoverAt(
      editor.placeOf("hl.tile(k)", 4),
      (text) => text.includes("(function)") && text.includes("the iterator of a for"),
    );
    const found = await sections();
    assert.equal(holding(found, /^hl\.tile · the iterator of a for/), 1);
    assert.equal(holding(found, "Loop over [0, end)"), 1, "the documentation is there twice");
    await page.keyboard.press("Escape");
  });

  await stage.step("completions are not doubled", async () => {
    assert.deepEqual(await offered(ZEROS, "acc = hl.zer", "zeros"), ["zeros"]);
    assert.deepEqual(await offered(ADDMM, "acc = torch.addm", "addmm"), ["addmm"]);
    assert.deepEqual(await offered(ZEROS, "acc = tile_m.blo", "block_size"), ["block_size"]);
    assert.deepEqual(await offered("@helion.kernel", "@helion.kernel(static_s", "static_shapes="), ["static_shapes="]);
    assert.deepEqual(await offered("@helion.kernel", "@helion.kernel(config=helion.Config(num_w", "num_warps"), [
      "num_warps=",
    ]);
    const lists = await offered("@helion.kernel", "@helion.kernel(config=helion.Config(block_s", "block_sizes");
    assert.deepEqual([...lists].sort(), ["block_sizes=", "block_sizes=[…]"]);
  });

  await stage.step("a fault that they see is theirs to say, one that only we see is ours", async () => {
    const errors = (found: Problem[], ours: number): boolean => from(found, "helion") === ours;
    await editor.runCommand("View: Focus Problems (Errors, Warnings, Infos)");
    const theirs = (found: Problem[]): boolean => from(found, "Pyright") > 0;
    const alone = (found: Problem[]): boolean => theirs(found) && errors(found, 0);
    await fault(ADDMM, ADDMM.replace("tile_k]", "tile_q]"), theirs, alone);
    await fault(ZEROS, ZEROS.replace("hl.zeros", "hl.zeroes"), theirs, alone);
    await fault(ZEROS, ZEROS.replace("dtype", "dtyp"), theirs, alone);
    await fault(ADDMM, "acc = torch.addmm(acc, x[tile_m", theirs, alone);
    const shapes = "out[tile_m, tile_n] = acc";
    const only = (found: Problem[]): boolean => !theirs(found) && errors(found, 1);
    await fault(shapes, "out[tile_n, tile_m] = acc", (found) => errors(found, 1), only);
  });

  await stage.step("a definition is one place", async () => {
    const goes = async (text: string, within: number, target: [number, number]): Promise<void> => {
      const there = page.locator(".statusbar-item", { hasText: `Ln ${target[0]}, Col ${target[1]}` });
      await untilBy(
        `the definition of ${text}`,
        async () => {
          await editor.goTo(editor.placeOf(text, within));
          await page.keyboard.press("F12");
        },
        async () => (await there.count()) > 0,
      );
      assert.equal(await page.locator(".peekview-widget").count(), 0);
    };
    await goes("matmul_with_epilogue(x, y,", 3, editor.placeOf("def matmul_with_epilogue", 4));
    await goes("acc = hl.zeros([tile_m", 18, editor.placeOf("for tile_m, tile_n", 4));
    await goes("hl.tile(k)", 8, editor.placeOf("m, k = x.size()", 3));
  });

  await stage.step("a symbol is listed once, and a kernel's loops are too", async () => {
    const listed = async (word: string): Promise<string[]> => {
      let labels: string[] = [];
      await untilBy(
        `symbols of ${word}`,
        async () => {
          await editor.focusSource();
          await editor.quick.open("Control+Shift+o", "@", `@${word}`);
        },
        async () => {
          const { value, rows } = await editor.quick.asked();
          labels = rows.map(({ label }) => label);
          return value === `@${word}` && labels.some((label) => label.includes(word));
        },
      );
      await page.keyboard.press("Escape");
      await editor.quick.closed();
      return labels;
    };
    await until("the loops", async () => (await listed("for tile_m")).length > 0);
    const kernels = (await listed("matmul_backward")).filter((label) => label === "matmul_backward");
    assert.equal(kernels.length, 1, "the kernel is there twice");
  });

  await stage.step("ruff formats, and we leave it be", async () => {
    const [line] = editor.placeOf("m, k = x.size()");
    await editor.retype("m, k = x.size()", "m,k   =  x.size( )");
    await editor.runCommand("Format Document");
    await until("the line as it was", async () => (await editor.text(editor.source)).includes("    m, k = x.size()"));
    assert.equal(editor.saved().split("\n")[line - 1], "    m, k = x.size()");
    assert.doesNotMatch(await editor.notifications(), /formatter/i);
    await editor.waitForLens("signature: inferred");
    await editor.revert();
  });
}
