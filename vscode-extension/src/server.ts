// The server's life: found, started, restarted, one at a time; nothing runs before a Python file that mentions helion is open.
import * as vscode from "vscode";
import { type LanguageClient, State } from "vscode-languageclient/node";
import { BesideOthers } from "./besideOthers";
import { createClient } from "./client";
import { offerToolkit } from "./install";
import type { Previews } from "./preview";
import { candidates, describe, examine, examineOutside, findPython } from "./python";
import { chosenInterpreter } from "./pythonExtension";
import type { Regions } from "./regions";
import type { Status } from "./status";
import type { TuneProgress } from "./tuneProgress";
import type { TunePanels } from "./tuning/panel";

export class Server {
  client: LanguageClient | undefined;
  private readonly started = new vscode.EventEmitter<void>();
  readonly onDidStart = this.started.event;
  private readonly beside = new BesideOthers(() => this.client);
  private python: string | undefined;
  /** The last start or restart; each waits for the one before, so that there is never a second server. */
  private starts: Promise<void> | undefined;

  constructor(
    private readonly output: vscode.OutputChannel,
    private readonly status: Status,
    private readonly previews: Previews,
    private readonly tunings: TuneProgress,
    private readonly regions: Regions,
    private readonly panels: TunePanels,
  ) {}

  get isWanted(): boolean {
    return this.starts !== undefined;
  }

  /** The client once it runs: one that starts is waited for. */
  async running(): Promise<LanguageClient | undefined> {
    await this.starts;
    if (this.client?.state === State.Starting) {
      await this.client.start();
    }
    return this.client?.isRunning() ? this.client : undefined;
  }

  restart(): Promise<void> {
    return this.next(() => this.start());
  }

  /** After a change that may have chosen another interpreter; no restart when it has not. */
  interpreterMayHaveChanged(): Promise<void> {
    return this.next(async () => {
      const { python } = await this.find();
      if (!this.client?.isRunning() || python !== this.python) {
        await this.start();
      }
    });
  }

  async stop(): Promise<void> {
    await this.starts;
    this.beside.dispose();
    await this.end(this.client);
  }

  private next(act: () => Promise<void>): Promise<void> {
    this.starts = (this.starts ?? Promise.resolve()).then(act).catch((problem: unknown) => {
      this.output.appendLine(String(problem));
      this.status.set("stopped", String(problem));
    });
    return this.starts;
  }

  private async find(): Promise<Awaited<ReturnType<typeof findPython>>> {
    const setting = vscode.workspace.getConfiguration("helion").get("interpreter", "");
    // What stands in an untrusted workspace is not run, an interpreter least of all.
    const paths = (vscode.workspace.workspaceFolders ?? []).map((folder) => folder.uri.fsPath);
    const { isTrusted } = vscode.workspace;
    const among = candidates(setting, await chosenInterpreter(), isTrusted ? paths : []);
    return findPython(among, isTrusted ? examine : examineOutside(paths));
  }

  private async start(): Promise<void> {
    const before = this.client;
    this.client = undefined;
    await this.end(before);
    this.tunings.dispose();
    this.status.set("starting");
    const { python, refused } = await this.find();
    this.python = python;
    for (const examined of refused) {
      this.output.appendLine(describe(examined));
    }
    if (python === undefined) {
      this.status.set("wrong interpreter", refused.map(describe).join("\n"));
      void this.offer(refused);
      return;
    }
    this.output.appendLine(`starting the server with ${python}`);
    this.status.use([python, ...refused.map(describe)].join("\n"));
    const client = createClient(
      python,
      this.output,
      this.status,
      this.previews,
      this.tunings,
      this.regions,
      this.panels,
      this.beside,
    );
    client.onDidChangeState(({ oldState, newState }) => {
      if (newState === State.Stopped && this.client === client) {
        this.tunings.dispose();
        this.status.set("stopped", "the server ended and is not started again by itself");
      } else if (newState === State.Starting && oldState === State.Stopped && this.client === client) {
        this.status.set("restarting", "the server ended and is started again");
      }
    });
    // Before it runs: one that ends while it starts is started again by the client itself.
    this.client = client;
    await client.start();
    this.started.fire();
  }

  /** A client can be stopped only when it is not starting, as it may be of itself. */
  private async end(client: LanguageClient | undefined): Promise<void> {
    try {
      if (client?.state === State.Starting) {
        await client.start();
      }
      await client?.dispose();
    } catch (problem) {
      this.output.appendLine(`stopping the server: ${String(problem)}`);
    }
  }

  private async offer(refused: Parameters<typeof offerToolkit>[0]): Promise<void> {
    if (await offerToolkit(refused, vscode.workspace.isTrusted)) {
      await this.restart();
    }
  }
}
