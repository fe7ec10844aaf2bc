// A workspace of several folders, which of them have a server, and whose: none for a file that has nothing to do with helion; and what a newcomer is shown.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { languageServers } from "../processes.ts";
import { SOON, stays, until, untilBy } from "../polling.ts";
import type { Stage } from "../stage.ts";

export const FOLDERS = ["plain", "kernels", "other", "bare"];
export const PLAIN = "plain/plain.py";
const KERNEL = `import helion
import helion.language as hl
import torch


@helion.kernel()
def twice(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size()):
        out[tile] = x[tile] * 2
    return out
`;

/** What stands in the folders: two share the machine's interpreter, one has its own, one a Python without the toolkit. */
export function folderFiles(python: string, without: string, out: string, kernel: string): Record<string, string> {
  const own = join(out, "python-of-other");
  writeFileSync(own, `#!/bin/sh\nexec '${python}' "$@"\n`, { mode: 0o755 });
  const settings = (interpreter: string): string => JSON.stringify({ "helion.interpreter": interpreter });
  return {
    [PLAIN]: "import math\n\nprint(math.pi)\n",
    "kernels/matmul.py": kernel,
    "other/twice.py": KERNEL,
    "other/.vscode/settings.json": settings(own),
    "bare/thrice.py": KERNEL.replaceAll("twice", "thrice"),
    "bare/.vscode/settings.json": settings(without),
  };
}

export async function folders(stage: Stage): Promise<void> {
  const { editor } = stage;
  const servers = (): number => languageServers(stage.server.pid).length;

  await stage.step("a Python file without helion starts nothing", async () => {
    await editor.page.locator(".statusbar-item", { hasText: "Python" }).waitFor();
    await stays("no server", () => servers() === 0, 5_000);
    assert.equal(await editor.page.locator(".statusbar-item", { hasText: "Helion" }).count(), 0);
  });

  await stage.step("typing its name does", async () => {
    await editor.retype("import math", "import helion");
    await until("a server", () => servers() === 1);
    await editor.revert();
  });

  const item = editor.page.locator(".statusbar-item[id='helion-toolkit.helion-toolkit.helion.status']");
  const open = async (file: string): Promise<void> => {
    await editor.quick.openFile(file);
    await editor.page.locator(".tab.active", { hasText: file }).waitFor();
  };
  /** What the item says at first sight, and all that it says. */
  const said = async (): Promise<string> =>
    `${await item.innerText()} ${(await item.getAttribute("aria-label")) ?? ""}`;
  const says = (...parts: readonly RegExp[]): Promise<void> =>
    until(`the status says ${parts.join(" and ")}`, async () => {
      const words = await said();
      return parts.every((part) => part.test(words));
    });

  await stage.step("one server serves the folders of one interpreter", async () => {
    await open("matmul.py");
    await editor.waitForLens("Tune and lock");
    assert.equal(servers(), 1);
    assert.doesNotMatch(await said(), /\(|python-of-other/);
  });

  await stage.step("a folder with an interpreter of its own has a server of its own", async () => {
    await open("twice.py");
    await editor.waitForLens("Tune and lock");
    assert.equal(servers(), 2);
    await says(/Helion \(other\)/, /Helion: ready/, /plain, kernels: ready/, /other: ready\s+\S*python-of-other/);
    // Each file has one server: its answers are there once.
    assert.equal((await editor.lenses()).split("\n").filter((lens) => lens.includes("Tune and lock")).length, 1);
    await open("matmul.py");
    await says(/Helion \(plain, kernels\)/);
    await editor.waitForLens("Tune and lock");
  });

  await stage.step("a command goes to the server of its file", async () => {
    await open("twice.py");
    const triton = editor.beside.locator(".view-line", { hasText: "_helion_twice" });
    await editor.clickLens("Triton", "the Triton of a kernel", async () => (await triton.count()) > 0);
    await editor.page.keyboard.press("Control+2");
    await editor.runCommand("View: Close Editor");
  });

  await stage.step("a folder whose interpreter lacks the toolkit says so, and the others go on", async () => {
    await open("thrice.py");
    await says(/Helion \(bare\)/, /Helion: wrong interpreter/, /plain, kernels: ready/, /other: ready/);
    assert.match(await editor.notifications(), /not installed in \S*python-without-toolkit/);
    assert.equal(servers(), 2);
    await editor.clearNotifications();
    await stage.picture("folders");
  });

  await stage.step("the locks of all served folders are in one view, which says what is not read", async () => {
    await editor.runCommand("Explorer: Focus on Helion Locks View");
    const pane = editor.page.locator(".pane", {
      has: editor.page.locator(".pane-header", { hasText: "Helion Locks" }),
    });
    await pane.locator(".monaco-list-row", { hasText: "matmul" }).first().waitFor();
    await pane.getByText(/Not read: bare, without a server/).waitFor();
    const last = pane.locator(".monaco-list-row", { hasText: "twice" }).first();
    await untilBy(
      "the kernel of the other server",
      async () => {
        await pane.locator(".monaco-list-row").first().click({ timeout: SOON });
        await editor.page.keyboard.press("End");
      },
      () => last.isVisible(),
    );
    await editor.runCommand("View: Toggle Primary Side Bar Visibility");
  });

  await stage.step("the walkthrough of a first kernel opens, with what each step is about", async () => {
    await editor.quick.run("Welcome: Open Walkthrough...");
    await editor.quick.pick("", "Your first Helion kernel");
    const walkthrough = editor.page.locator(".gettingStartedContainer");
    const steps = walkthrough.locator(".getting-started-step");
    const titles = ["Choose a Python", "Write a kernel", "See shapes and the generated Triton", "Tune and lock"];
    await until("its steps", async () => {
      const shown = await steps.locator(".step-title").allInnerTexts();
      return JSON.stringify(shown.map((title) => title.trim())) === JSON.stringify(titles);
    });
    await steps.nth(2).click();
    await steps.nth(2).locator(".monaco-button", { hasText: "Show Triton" }).waitFor();
    const about = editor.page.frameLocator("iframe.webview.ready").frameLocator("#active-frame");
    await about.getByRole("heading", { name: "What it becomes" }).waitFor();
    await stage.picture("walkthrough");
    await editor.runCommand("View: Close Editor");
    await walkthrough.waitFor({ state: "detached" });
  });
}
