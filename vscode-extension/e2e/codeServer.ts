// One VS Code of our own: folders, settings, the packaged extension, a port on the loopback; stopped with everything it started.
import assert from "node:assert/strict";
import { type ChildProcess, execFile, spawn } from "node:child_process";
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { until } from "./polling.ts";

const HERE = import.meta.dirname;
const ENTRY = join(HERE, "node_modules/code-server/out/node/entry.js");
const VSIX = join(HERE, "../helion-toolkit.vsix");
const VSCE = join(HERE, "../node_modules/@vscode/vsce/vsce");
const run = promisify(execFile);

export interface Options {
  /** Settings of the machine, which the extension's interpreter is. */
  readonly machine: Record<string, unknown>;
  readonly user?: Record<string, unknown>;
  /** Whether VS Code asks whom to trust; else everything is trusted. */
  readonly asksForTrust?: boolean;
  /** What stands in the workspace: texts by path. */
  readonly files: Readonly<Record<string, string>>;
  /** The folders of the workspace, when it has several. */
  readonly folders?: readonly string[];
  /** Folders of stand-ins for other extensions. */
  readonly stubs?: readonly string[];
  /** Where programs are found. */
  readonly path?: string;
  /** Further variables. */
  readonly environment?: Readonly<Record<string, string>>;
}

const USER = {
  "files.autoSave": "off",
  // The theme follows the browser's preference, so that a picture can be taken in both with a hover still open.
  "window.autoDetectColorScheme": true,
  "workbench.preferredDarkColorTheme": "Default Dark Modern",
  "workbench.preferredLightColorTheme": "Default Light Modern",
  "workbench.startupEditor": "none",
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "chat.disableAIFeatures": true,
  "editor.minimap.enabled": false,
  "editor.stickyScroll.enabled": false,
  // What is typed must be what stands there.
  "editor.autoClosingBrackets": "never",
  "editor.quickSuggestions": { other: "off", comments: "off", strings: "off" },
  "editor.suggestOnTriggerCharacters": false,
  // A terminal's text stands in the page, not in a picture.
  "terminal.integrated.gpuAcceleration": "off",
};

function freePort(): Promise<number> {
  return new Promise((found, failed) => {
    const server = createServer();
    server.on("error", failed);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => {
        found(typeof address === "object" && address ? address.port : 0);
      });
    });
  });
}

export class CodeServer {
  readonly folder = mkdtempSync(join(tmpdir(), "helion-e2e-"));
  readonly workspace = join(this.folder, "workspace");
  readonly name: string;
  readonly out: string;
  private readonly options: Options;
  private readonly workspaceFile = join(this.folder, "all.code-workspace");
  private process: ChildProcess | undefined;
  private port = 0;

  constructor(name: string, out: string, options: Options) {
    this.name = name;
    this.out = out;
    this.options = options;
  }

  private get log(): string {
    return join(this.out, `${this.name}-server.log`);
  }

  get isRunning(): boolean {
    return this.process?.pid !== undefined && this.process.exitCode === null && this.process.signalCode === null;
  }

  get pid(): number {
    assert.ok(this.process?.pid, "code-server is not running");
    return this.process.pid;
  }

  async start(): Promise<void> {
    for (const part of [
      "home",
      "tmp",
      "config",
      "cache",
      "share",
      "data/User",
      "data/Machine",
      "extensions",
      "workspace",
    ]) {
      mkdirSync(join(this.folder, part), { recursive: true });
    }
    for (const [path, text] of Object.entries(this.options.files)) {
      mkdirSync(dirname(this.file(path)), { recursive: true });
      writeFileSync(this.file(path), text);
    }
    if (this.options.folders) {
      const folders = this.options.folders.map((folder) => ({ path: this.file(folder) }));
      writeFileSync(this.workspaceFile, JSON.stringify({ folders }));
    }
    writeFileSync(join(this.folder, "data/Machine/settings.json"), JSON.stringify(this.options.machine));
    writeFileSync(join(this.folder, "data/User/settings.json"), JSON.stringify({ ...USER, ...this.options.user }));
    writeFileSync(join(this.folder, "config.yaml"), "auth: none\n");
    for (const extension of [
      ...(await Promise.all((this.options.stubs ?? []).map((stub) => this.packed(stub)))),
      VSIX,
    ]) {
      const install = ["--install-extension", extension, "--force"];
      await run(process.execPath, [ENTRY, ...this.flags(), ...install], { env: this.environment() });
    }
    this.port = await freePort();
    const log = openSync(this.log, "w");
    const bind = ["--auth", "none", "--bind-addr", `127.0.0.1:${this.port}`, "--disable-proxy"];
    const quiet = ["--disable-telemetry", "--disable-update-check", "--disable-getting-started-override"];
    const trust = this.options.asksForTrust ? [] : ["--disable-workspace-trust"];
    // A process group of its own, so that stopping reaches the language server too.
    this.process = spawn(process.execPath, [ENTRY, ...this.flags(), ...bind, ...quiet, ...trust], {
      env: this.environment(),
      stdio: ["ignore", log, log],
      detached: true,
    });
    process.once("exit", this.kill);
    await until("code-server answers", () =>
      fetch(`http://127.0.0.1:${this.port}/healthz`).then(
        (answer) => answer.ok,
        () => false,
      ),
    );
  }

  file(name: string): string {
    return join(this.workspace, name);
  }

  /** The address of the workbench with a file of the workspace open. */
  address(file: string): string {
    const opened = JSON.stringify([["openFile", `vscode-remote://127.0.0.1:${this.port}${this.file(file)}`]]);
    const where = this.options.folders ? `workspace=${this.workspaceFile}` : `folder=${this.workspace}`;
    return `http://127.0.0.1:${this.port}/?${where}&payload=${encodeURIComponent(opened)}`;
  }

  /** Copies what the extension and VS Code wrote to their logs; the copies. */
  keepLogs(): string[] {
    const logs = join(this.folder, "data/logs");
    const files = existsSync(logs) ? readdirSync(logs, { recursive: true, withFileTypes: true }) : [];
    const wanted = files.filter(({ name }) => /Helion.*\.log$|^remoteexthost\.log$/.test(name));
    const copies = wanted.map((file) => {
      const copy = join(this.out, `${this.name}-${file.name}`);
      copyFileSync(join(file.parentPath, file.name), copy);
      return copy;
    });
    return [...copies, this.log].filter((log) => existsSync(log));
  }

  async stop(): Promise<void> {
    const { process: child } = this;
    if (child?.pid && child.exitCode === null) {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      process.kill(-child.pid, "SIGTERM");
      await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 5_000))]);
    }
    this.kill();
    process.off("exit", this.kill);
    this.keepLogs();
    if (existsSync(this.folder)) {
      rmSync(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
    }
  }

  private readonly kill = (): void => {
    try {
      if (this.process?.pid) {
        process.kill(-this.process.pid, "SIGKILL");
      }
    } catch {
      // Nothing of the group is left.
    }
  };

  /** A stand-in's folder as a package. */
  private async packed(stub: string): Promise<string> {
    const vsix = join(this.folder, `${stub}.vsix`);
    const cwd = join(this.folder, stub);
    cpSync(join(HERE, "stubs", stub), cwd, { recursive: true });
    const source = join(HERE, "stubs", stub, "extension.source.cjs");
    if (existsSync(source)) {
      const outfile = join(cwd, "extension.cjs");
      await build({ entryPoints: [source], outfile, bundle: true, platform: "node", external: ["vscode"] });
    }
    const options = ["--no-dependencies", "--allow-missing-repository", "--skip-license", "-o", vsix];
    await run(process.execPath, [VSCE, "package", ...options], { cwd });
    return vsix;
  }

  private flags(): string[] {
    const at = (part: string): string => resolve(this.folder, part);
    return ["--user-data-dir", at("data"), "--extensions-dir", at("extensions"), "--config", at("config.yaml")];
  }

  private environment(): NodeJS.ProcessEnv {
    const at = (part: string): string => join(this.folder, part);
    return {
      ...process.env,
      ...this.options.environment,
      DISPLAY: undefined,
      PATH: this.options.path ?? process.env.PATH,
      // The same answers with and without a GPU in the machine.
      CUDA_VISIBLE_DEVICES: "",
      HOME: at("home"),
      TMPDIR: at("tmp"),
      XDG_CONFIG_HOME: at("config"),
      XDG_CACHE_HOME: at("cache"),
      XDG_DATA_HOME: at("share"),
    };
  }
}
