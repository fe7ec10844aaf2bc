// One test session: a VS Code, a window into it, named steps; a failing step leaves a picture and the logs.
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { type Browser, chromium } from "playwright-core";
import { CodeServer, type Options } from "./codeServer.ts";
import { Editor } from "./editor.ts";
import { PATIENCE } from "./polling.ts";
import { extensionHosts } from "./processes.ts";
import { Waits } from "./waits.ts";

const LAST_LINES = 30;
/** Some lines list every extension that VS Code has. */
const WIDTH = 300;
const TURN_MS = 200;
/** What nothing passes, a wait that has no end of its own (a page that hangs answers no question) least of all. */
const STEP_LIMIT_MS = 2 * PATIENCE;
const TELL_LIMIT_MS = 30_000;

/** Which steps are done, and how slowly. */
export interface Pace {
  readonly steps: RegExp;
  readonly slowKeys: number;
  readonly slowWindow: number;
  readonly slowHost: number;
}

export class Stage {
  readonly server: CodeServer;
  readonly editor: Editor;
  private readonly browser: Browser;
  private readonly out: string;
  private readonly steps: RegExp;
  private readonly waits: Waits;

  private constructor(server: CodeServer, editor: Editor, browser: Browser, out: string, steps: RegExp, waits: Waits) {
    this.server = server;
    this.editor = editor;
    this.browser = browser;
    this.out = out;
    this.steps = steps;
    this.waits = waits;
  }

  static open(
    name: string,
    file: string,
    out: string,
    options: Options,
    pace: Pace,
    waits = new Waits(name),
  ): Promise<Stage> {
    return waits.limited("a window", STEP_LIMIT_MS, () => Stage.opened(name, file, out, options, pace, waits));
  }

  private static async opened(
    name: string,
    file: string,
    out: string,
    options: Options,
    pace: Pace,
    waits: Waits,
  ): Promise<Stage> {
    const server = new CodeServer(name, out, options);
    try {
      await server.start();
      const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
      const args = ["--no-sandbox", "--disable-gpu"];
      const browser = await chromium.launch({ executablePath, args, slowMo: pace.slowKeys });
      const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, colorScheme: "dark" });
      page.setDefaultTimeout(PATIENCE);
      const devtools = await page.context().newCDPSession(page);
      await devtools.send("Emulation.setCPUThrottlingRate", { rate: pace.slowWindow });
      await page.goto(server.address(file), { waitUntil: "commit" });
      slowDown(server, pace.slowHost);
      const editor = new Editor(page, server.file(file));
      await editor.source.locator(".view-line").first().waitFor();
      await editor.runCommand("View: Toggle Primary Side Bar Visibility");
      await page.locator(".part.sidebar").waitFor({ state: "hidden" });
      return new Stage(server, editor, browser, out, pace.steps, waits);
    } catch (problem) {
      await server.stop();
      throw problem;
    }
  }

  async step(name: string, act: () => Promise<void>): Promise<void> {
    if (!this.steps.test(name)) {
      return;
    }
    const before = performance.now();
    try {
      await this.waits.limited(name, STEP_LIMIT_MS, act);
    } catch (problem) {
      console.error(`FAILED ${this.server.name}: ${name}`);
      console.error(problem instanceof Error ? problem.stack : problem);
      await this.waits
        .limited("what the window says", TELL_LIMIT_MS, () => this.tell())
        .catch((why: unknown) => {
          console.error(String(why));
        });
      this.tellLogs();
      throw problem;
    }
    console.log(`ok ${this.server.name}: ${name} (${((performance.now() - before) / 1000).toFixed(1)} s)`);
  }

  /** What the window said when a step failed: a log of CI keeps text, and no pictures. */
  private async tell(): Promise<void> {
    console.error(`the quick input: ${JSON.stringify(await this.editor.quick.asked())}`);
    console.error(`tabs: ${await this.editor.tabs()}`);
    console.error(`the status bar: ${await this.editor.statusBar()}`);
    console.error(`notifications: ${(await this.editor.notifications()) || "none"}`);
    console.error(`lenses: ${(await this.editor.lenses()) || "none"}`);
    await this.editor.page.screenshot({ path: join(this.out, `failed-${this.server.name}.png`) });
  }

  private tellLogs(): void {
    for (const log of this.server.keepLogs()) {
      const lines = readFileSync(log, "utf8").split("\n");
      const last = lines.slice(-LAST_LINES).map((line) => line.slice(0, WIDTH));
      console.error(`the end of ${basename(log)}:\n${last.join("\n")}`);
    }
  }

  /** The window as it is, in the dark and in the light theme. */
  async picture(name: string): Promise<void> {
    const { page } = this.editor;
    for (const [scheme, theme] of [
      ["light", "vs"],
      ["dark", "vs-dark"],
    ] as const) {
      await page.emulateMedia({ colorScheme: scheme });
      await page.locator(`.monaco-workbench.${theme}`).waitFor();
      await page.screenshot({ path: join(this.out, `${name}-${scheme}.png`), animations: "disabled" });
    }
  }

  async close(): Promise<void> {
    try {
      await this.waits.limited("the browser to close", TELL_LIMIT_MS, () => this.browser.close());
    } finally {
      await this.server.stop();
    }
  }
}

/** Lets the extension host run for one part of each turn only. */
function slowDown(server: CodeServer, rate: number): void {
  const send = (signal: NodeJS.Signals): void => {
    for (const id of server.isRunning ? extensionHosts(server.pid) : []) {
      process.kill(id, signal);
    }
  };
  const turn = (): void => {
    send("SIGSTOP");
    setTimeout(() => send("SIGCONT"), TURN_MS * (1 - 1 / rate));
  };
  if (rate > 1) {
    setInterval(turn, TURN_MS).unref();
  }
}
