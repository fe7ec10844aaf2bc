// A workspace of two folders, and when the server is started: not for a file that has nothing to do with helion.
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
}
