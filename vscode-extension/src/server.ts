// One server's life: the interpreter of some folders in, its client out, started, started again, ended; and what its state is.
import * as vscode from "vscode";
import { type LanguageClient, State } from "vscode-languageclient/node";
import { createClient, type Parts } from "./client";
import type { Served } from "./interpreters";
import { describe } from "./python";
import type { Status } from "./status";
import { TuneProgress } from "./tuneProgress";

export class Server {
  private created: LanguageClient | undefined;
  private readonly tunings = new TuneProgress(() => this.created);

  constructor(
    readonly served: Served,
    private readonly output: vscode.OutputChannel,
    private readonly status: Status,
    private readonly parts: Parts,
  ) {}

  get folders(): readonly string[] {
    return this.served.folders;
  }

  get client(): LanguageClient | undefined {
    return this.created;
  }

  /** The client once it runs: one that starts is waited for. */
  async running(): Promise<LanguageClient | undefined> {
    if (this.created?.state === State.Starting) {
      await this.created.start();
    }
    return this.created?.isRunning() ? this.created : undefined;
  }

  tell(state: string, details = ""): void {
    const { python, refused, folders } = this.served;
    this.status.set(this, { folders, state, details, python: [python, ...refused.map(describe)].join("\n").trim() });
  }

  /** Without an interpreter there is only the state to tell. */
  async start(): Promise<void> {
    const { python, refused } = this.served;
    for (const examined of refused) {
      this.output.appendLine(describe(examined));
    }
    if (python === undefined) {
      this.tell("wrong interpreter");
      return;
    }
    this.tell("starting");
    this.output.appendLine([`starting the server with ${python}`, ...this.folders].join("\n  "));
    const tell = (state: string, message: string): void => this.tell(state, message);
    const client = createClient(python, this.folders, this.output, this.tunings, tell, this.parts);
    let wasStarted = false;
    client.onDidChangeState(({ newState }) => {
      if (newState === State.Stopped && this.created === client) {
        this.tunings.dispose();
        this.tell("stopped", "the server ended and is not started again by itself");
      } else if (newState === State.Starting && this.created === client) {
        if (wasStarted) {
          this.tell("restarting", "the server ended and is started again");
        }
        wasStarted = true;
      }
    });
    // Before it runs: one that ends while it starts is started again by the client itself.
    this.created = client;
    try {
      await client.start();
    } catch (problem) {
      this.output.appendLine(String(problem));
      this.tell("stopped", String(problem));
    }
  }

  /** A client can be stopped only when it is not starting, as it may be of itself. */
  async end(): Promise<void> {
    const client = this.created;
    this.created = undefined;
    if (client) {
      this.tell("restarting", "the server is ended");
    }
    this.tunings.dispose();
    try {
      if (client?.state === State.Starting) {
        await client.start();
      }
      await client?.dispose();
    } catch (problem) {
      this.output.appendLine(`stopping the server: ${String(problem)}`);
    }
    this.status.forget(this);
  }
}
