// Looking closer: where a kernel runs, and the walkthrough of a first one.
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
