// Which interpreter the server is started with: none that will do, another one chosen, the toolkit installed by pip from a wheel of this checkout.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { commandOf, languageServers } from "../processes.ts";
import { until } from "../polling.ts";
import type { Stage } from "../stage.ts";

const ROOT = join(import.meta.dirname, "../../..");
const PACKAGES = "import sysconfig; print(sysconfig.get_path('purelib'))";
const run = promisify(execFile);

/** A Python that says it has no toolkit. */
export function pythonWithoutToolkit(out: string): string {
  const path = join(out, "python-without-toolkit");
  writeFileSync(path, `#!/bin/sh\necho '[[3, 12, 0], ["helion", "helion_lsp"]]'\n`, { mode: 0o755 });
  return path;
}

/** An environment with all that the toolkit needs, pip too; a folder that pip looks into and nowhere else; and a wheel that is to come into it. */
export class BareEnvironment {
  readonly python: string;
  readonly variables: Readonly<Record<string, string>>;
  private readonly offered: string;
  private readonly built: string;
  private readonly from: string;
  private readonly folder: string;

  constructor(python: string, out: string) {
    this.from = python;
    this.folder = join(out, "bare");
    this.python = join(this.folder, "venv/bin/python");
    this.offered = join(this.folder, "offered");
    this.built = join(this.folder, "built");
    this.variables = { PIP_NO_INDEX: "1", PIP_FIND_LINKS: this.offered, PIP_DISABLE_PIP_VERSION_CHECK: "1" };
  }

  async make(): Promise<void> {
    rmSync(this.folder, { recursive: true, force: true });
    mkdirSync(this.offered, { recursive: true });
    const wheel = ["wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", this.built, ROOT];
    const [{ stdout }] = await Promise.all([
      run(this.from, ["-c", PACKAGES]),
      run(this.from, ["-m", "venv", "--without-pip", join(this.folder, "venv")]),
      run(this.from, ["-m", "pip", ...wheel]),
    ]);
    const packages = stdout.trim();
    const links = join(this.folder, "links");
    mkdirSync(links);
    for (const name of readdirSync(packages).filter((one) => !/helion|\.pth$/i.test(one))) {
      symlinkSync(join(packages, name), join(links, name));
    }
    const own = (await run(this.python, ["-c", PACKAGES])).stdout.trim();
    writeFileSync(join(own, "links.pth"), `${links}\n`);
  }

  offerWheel(): void {
    for (const name of readdirSync(this.built)) {
      renameSync(join(this.built, name), join(this.offered, name));
    }
  }

  /** Where the toolkit is imported from. */
  async toolkit(): Promise<string> {
    return (await run(this.python, ["-P", "-c", "import helion_lsp; print(helion_lsp.__file__)"])).stdout.trim();
  }
}

export async function startUp(stage: Stage, bare: BareEnvironment): Promise<void> {
  const { editor } = stage;
  // Beside the first steps, which do without it.
  const making = bare.make();
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
    assert.deepEqual(await states(), ["wrong interpreter", "starting", "warming", "ready"]);
  });

  await stage.step("and ends when the choice is one without the toolkit", async () => {
    await making;
    await editor.clearNotifications();
    await editor.runCommand("Helion: Choose Interpreter");
    await status("wrong interpreter");
    await until("no server", noServer);
    assert.match(await editor.notifications(), /not installed in \S*bare\/venv\/bin\/python/);
  });

  await stage.step("an installation that fails says why, and what to do", async () => {
    await offer.locator(".monaco-button", { hasText: "Install" }).first().click();
    const failed = editor.page.locator(".notification-toast", { hasText: "could not be installed" });
    await failed.waitFor();
    const words = await editor.notifications();
    assert.match(words, /ERROR: No matching distribution found for helion-toolkit/);
    assert.match(words, /in a checkout, or name the checkout in helion\.package/);
    await failed.locator(".monaco-button", { hasText: "Name the Checkout" }).waitFor();
    await stage.picture("install-failed");
    await editor.clearNotifications();
  });

  await stage.step("installing the toolkit starts the server", async () => {
    bare.offerWheel();
    // Chosen once around: what failed is asked for again.
    await editor.runCommand("Helion: Restart Server");
    await offer.locator(".monaco-button", { hasText: "Install" }).first().click();
    await status("ready");
    await editor.waitForLens("Tune and lock");
    assert.match(await bare.toolkit(), /\/bare\/venv\/lib\//);
    assert.match(languageServers(stage.server.pid).map(commandOf).join(), /\/bare\/venv\/bin\/python/);
  });
}
