// A workspace of two folders, when the server is started: not for a file that has nothing to do with helion; and what a newcomer is shown.
import assert from "node:assert/strict";
import { languageServers } from "../processes.ts";
import { stays, until } from "../polling.ts";
import type { Stage } from "../stage.ts";

export const FOLDERS = ["plain", "kernels"];
export const PLAIN = "plain/plain.py";

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

  await stage.step("one server serves both folders", async () => {
    await editor.quick.openFile("matmul.py");
    await editor.page.locator(".tab.active", { hasText: "matmul.py" }).waitFor();
    await editor.waitForLens("Tune and lock");
    assert.equal(servers(), 1);
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
