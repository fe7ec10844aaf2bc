// Which interpreter the server is started with: none that will do, another one chosen, the toolkit installed.
import assert from "node:assert/strict";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { languageServers } from "../processes.ts";
import { until } from "../polling.ts";
import type { Stage } from "../stage.ts";

/** A Python that has no toolkit until its pip is told to install it, and says what pip was told. */
export function pythonWithoutToolkit(python: string, out: string): string {
  const path = join(out, "python-without-toolkit");
  rmSync(`${path}.pip`, { force: true });
  const script = `#!/bin/sh
if [ "$1 $2" = "-m pip" ]; then echo "$@" | tee '${path}.pip'
elif [ -e '${path}.pip' ]; then exec '${python}' "$@"
else echo '[[3, 12, 0], ["helion", "helion_lsp"]]'
fi
`;
  writeFileSync(path, script, { mode: 0o755 });
  return path;
}

export async function startUp(stage: Stage): Promise<void> {
  const { editor } = stage;
  const status = (state: string): Promise<void> =>
    editor.page.locator(`.statusbar-item[aria-label*='Helion: ${state}']`).waitFor();
  const offer = editor.page.locator(".notification-toast", { hasText: "helion-toolkit is not installed in" });
  const noServer = (): boolean => languageServers(stage.server.pid).length === 0;

  await stage.step("an interpreter without the toolkit is named, and remedies are offered", async () => {
    await offer.waitFor();
    await status("wrong interpreter");
    assert.match(await editor.notifications(), /not installed in \S*python-without-toolkit/);
    assert.ok(noServer(), "a server runs");
    await stage.picture("no-toolkit");
  });

  await stage.step("the server starts when another interpreter is chosen", async () => {
    const states = await editor.listen("Helion: ");
    await offer.locator(".monaco-button", { hasText: "Choose Interpreter" }).click();
    await status("ready");
    await editor.waitForLens("Tune and lock");
    const inTurn = (await states()).filter((state) => state !== "starting");
    assert.deepEqual(inTurn, ["wrong interpreter", "warming", "ready"]);
  });

  await stage.step("and ends when the choice goes back", async () => {
    await editor.runCommand("Helion: Choose Interpreter");
    await status("wrong interpreter");
    await until("no server", noServer);
  });

  await stage.step("installing the toolkit starts the server", async () => {
    await offer.locator(".monaco-button", { hasText: "Install" }).first().click();
    await status("ready");
    await editor.waitForLens("Tune and lock");
    const log = `${stage.server.out}/python-without-toolkit.pip`;
    assert.ok(existsSync(log));
    assert.equal(readFileSync(log, "utf8").trim(), "-m pip install helion-toolkit[lsp,codemods]");
  });
}
