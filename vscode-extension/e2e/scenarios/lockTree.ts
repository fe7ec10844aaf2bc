// The view of the workspace's locks: every state, the way to a lock, unlocking, and refreshing an entry.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { Locator } from "playwright-core";
import { SOON, until, untilBy } from "../polling.ts";
import type { Stage } from "../stage.ts";

const DEVICE = "NVIDIA H200";
const SMALL = "f32[64,32], float";
const WIDE = "f32[64,512], float";
const CONFIG = "helion.Config(block_sizes=[32, 32])";
const KERNEL = `import helion
import helion.language as hl
import torch


@helion.kernel(
    configs={
        "${DEVICE}": {"${SMALL}": ${CONFIG}, "${WIDE}": ${CONFIG}},
        "sm_80": {"${SMALL}": ${CONFIG}},
    }
)
def scale(x: torch.Tensor, by: float) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size()):
        out[tile] = x[tile] * by
    return out
`;
const lock = (device: string, signature: string, more: object): object => ({
  kernel: "scale",
  device,
  signature,
  config: { block_sizes: [32, 32] },
  method: "measured",
  date: "2026-11-20",
  us: 10,
  default_us: 21.5,
  ...more,
});
const EVIDENCE = {
  version: 1,
  entries: [
    lock(DEVICE, SMALL, {}),
    lock(DEVICE, WIDE, { kernel_hash: "of another body" }),
    lock("sm_80", SMALL, { method: "borrowed", borrowed_from: DEVICE, us: undefined, default_us: undefined }),
  ],
};

export const LOCKED = "scale.py";
export const LOCK_FILES = {
  [LOCKED]: KERNEL,
  [`${LOCKED}.helion.lock`]: JSON.stringify(EVIDENCE),
  "pkg/plain.py": "print('no kernel here')\n",
};

export async function lockTree(stage: Stage): Promise<void> {
  const { editor } = stage;
  const pane = editor.page.locator(".pane", { has: editor.page.locator(".pane-header", { hasText: "Helion Locks" }) });
  /** From top to bottom: the document's order is not the window's. */
  const rows = (): Promise<string[]> =>
    pane.locator(".monaco-list-row").evaluateAll((found) => {
      const top = (of: Element): number => of.getBoundingClientRect().top;
      const words = (of: Element): string =>
        [...of.querySelectorAll(".label-name, .label-description")].map((part) => part.textContent).join(" ");
      return [...found].sort((a, b) => top(a) - top(b)).map(words);
    });
  /** Waits for them: a tree that is drawn anew has none for a moment. */
  const listed = async (wanted: readonly string[]): Promise<void> => {
    let found: string[] = [];
    await until("the rows", async () => (found = await rows()).join("\n") === wanted.join("\n")).catch(() => undefined);
    assert.deepEqual(found, wanted);
  };
  const row = (text: string): Locator => pane.locator(".monaco-list-row", { hasText: text }).first();
  const sidecar = `${stage.server.file(LOCKED)}.helion.lock`;
  const signatures = (): string[] =>
    (JSON.parse(readFileSync(sidecar, "utf8")) as { entries: { device: string; signature: string }[] }).entries.map(
      ({ device, signature }) => `${device} ${signature}`,
    );

  await stage.step("the view lists kernels, devices and signatures with their states", async () => {
    await editor.waitForLens("Tune and lock");
    await editor.runCommand("Explorer: Focus on Helion Locks View");
    // The files above would leave it a few lines only.
    await editor.page.locator(".pane-header", { hasText: "workspace" }).click();
    await until("the kernels", async () => (await rows()).some((text) => text.startsWith("scale scale.py")));
    await untilBy(
      "the signatures",
      () => row(DEVICE).click({ timeout: SOON }),
      async () => (await rows()).some((text) => text.startsWith(WIDE)),
    );
    await untilBy(
      "those of the architecture",
      () => row("sm_80").click({ timeout: SOON }),
      async () => (await rows()).includes(`${SMALL} borrowed`),
    );
    await listed([
      "scale scale.py · 1 missing, 1 stale, 1 borrowed, 1 locked",
      `${DEVICE} 1 stale, 1 locked`,
      `${SMALL} locked`,
      `${WIDE} stale`,
      "sm_80 1 missing, 1 borrowed",
      `${SMALL} borrowed`,
      `${WIDE} missing`,
    ]);
  });

  await stage.step("its tooltip is the evidence, a click goes to the lock", async () => {
    const hover = editor.page.locator(".monaco-hover:visible");
    let shown = "";
    await untilBy(
      "the evidence",
      async () => {
        await editor.page.mouse.move(900, 500);
        await row(`${WIDE}stale`).hover({ timeout: SOON });
      },
      async () => (shown = (await hover.allInnerTexts()).join("\n")).includes("measured 10.0"),
      () => `; the last hover said: ${shown}`,
    );
    assert.match(shown, /the kernel's body was changed[\s\S]*helion\.Config\(/);
    await stage.picture("lock-tree");
    const [line] = editor.placeOf(`"${WIDE}"`);
    await untilBy(
      "the cursor at the lock",
      () => row(`${WIDE}stale`).click({ timeout: SOON }),
      async () => (await editor.statusBar()).includes(`Ln ${line}, Col`),
    );
  });

  await stage.step("only what needs attention", async () => {
    await editor.runCommand("Helion: Show Only Locks That Need Attention");
    await until("the locked one gone", async () => !(await rows()).some((text) => text.startsWith(`${SMALL} locked`)));
    await editor.runCommand("Helion: Show All Locks");
    await until("it is back", async () => (await rows()).some((text) => text.startsWith(`${SMALL} locked`)));
  });

  await stage.step("unlocking an entry is an edit", async () => {
    await untilBy(
      "the lock gone from the text",
      async () => {
        await editor.page.keyboard.press("Escape");
        await row(`${WIDE}stale`).click({ button: "right", timeout: SOON });
        // A menu that has just been opened takes keys, and no clicks yet.
        await editor.page.locator(".monaco-menu .action-item", { hasText: "Unlock" }).hover({ timeout: SOON });
        await editor.page.keyboard.press("Enter");
      },
      async () => !(await editor.text(editor.source)).includes(`"${WIDE}"`),
    );
    await until("the row gone", async () => !(await rows()).some((text) => text.endsWith("stale")));
  });

  await stage.step("its evidence goes when it is saved", async () => {
    await editor.save();
    await until("its evidence gone", () => !signatures().includes(`${DEVICE} ${WIDE}`));
    assert.equal(signatures().length, 2);
  });

  await stage.step("and comes back with an undo that is saved", async () => {
    const isBack = async (): Promise<boolean> => (await editor.text(editor.source)).includes(`"${WIDE}"`);
    await untilBy(
      "the lock again",
      async () => {
        await editor.focusSource();
        if (!(await isBack())) {
          await editor.page.keyboard.press("Control+z");
        }
      },
      isBack,
    );
    await editor.save();
    await until("its evidence again", () => signatures().includes(`${DEVICE} ${WIDE}`));
    await until("the row again", async () => (await rows()).some((text) => text.endsWith("stale")));
  });

  await stage.step("a device of another machine is not tuned here, and it is said why", async () => {
    await untilBy(
      "the reason",
      async () => {
        await row(`${WIDE}stale`).hover({ timeout: SOON });
        const tune = row(`${WIDE}stale`).locator(".action-label[aria-label^='Tune and Lock']");
        await tune.click({ timeout: SOON });
      },
      async () => (await editor.notifications()).includes(`this machine has no GPU, and the lock is for ${DEVICE}`),
    );
  });

  await stage.step("a kernel is refreshed in a terminal, for this machine", async () => {
    await row("scale.py").hover();
    await row("scale.py").locator(".action-label[aria-label^='Refresh the Locks']").click();
    const terminal = editor.page.locator(".part.panel .xterm-rows");
    await until("its command", async () =>
      (await terminal.innerText()).replace(/\s+/g, " ").includes("-m helion refresh run"),
    );
  });
}
