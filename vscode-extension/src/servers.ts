// The servers of a window: one for each interpreter of its folders, none before a Python file of theirs that mentions helion is open.
import * as vscode from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";
import type { Parts } from "./client";
import { offerToolkit } from "./install";
import { isSame, once, type Served, served, servedBy } from "./interpreters";
import { candidates, examine, examineOutside, type Found, findPython } from "./python";
import { chosenInterpreter } from "./pythonExtension";
import { Server } from "./server";
import type { Status } from "./status";

const foldersNow = (): string[] => (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath);

export class Servers {
  private servers: readonly Server[] = [];
  private readonly started = new vscode.EventEmitter<void>();
  readonly onDidStart = this.started.event;
  /** Files that mention helion: of each folder's first one its server is started. */
  private readonly wanted = new Map<string, string>();
  /** The last start or restart; each waits for the one before, so that no interpreter ever has a second server. */
  private starts: Promise<void> | undefined;

  constructor(
    private readonly output: vscode.OutputChannel,
    private readonly status: Status,
    private readonly parts: Parts,
  ) {}

  get isWanted(): boolean {
    return this.starts !== undefined;
  }

  /** Whether the folder of a file has, or waits for, its server. */
  isWantedFor(uri: vscode.Uri): boolean {
    return this.wanted.has(folderOf(uri));
  }

  /** A Python file that mentions helion is open. */
  want(uri: vscode.Uri): Promise<void> {
    this.wanted.set(folderOf(uri), uri.fsPath);
    return this.next(() => this.arrange(() => true));
  }

  /** The client of a file, running or not. */
  of(uri: vscode.Uri): LanguageClient | undefined {
    return servedBy(this.servers, uri.fsPath)?.client;
  }

  /** The folders that no server reads, for none of their files that mentions helion was opened, or their interpreter will not do. */
  get unread(): string[] {
    const read = new Set(this.servers.flatMap(({ client, folders }) => (client ? folders : [])));
    return foldersNow().filter((folder) => !read.has(folder));
  }

  get clients(): LanguageClient[] {
    return this.servers.flatMap(({ client }) => client ?? []);
  }

  /** The client of a file once it runs. */
  async running(uri: vscode.Uri): Promise<LanguageClient | undefined> {
    await this.starts;
    return servedBy(this.servers, uri.fsPath)?.running();
  }

  restart(): Promise<void> {
    return this.next(() => this.arrange(() => false));
  }

  /** After a change that may have chosen other interpreters: only what has another one, or other folders, is started again. */
  interpretersMayHaveChanged(): Promise<void> {
    return this.next(() => this.arrange((server) => server.client?.isRunning() ?? false));
  }

  async stop(): Promise<void> {
    await this.starts;
    await Promise.all(this.servers.map((server) => server.end()));
  }

  private next(act: () => Promise<void>): Promise<void> {
    this.starts = (this.starts ?? Promise.resolve()).then(act).catch((problem: unknown) => {
      this.output.appendLine(String(problem));
    });
    return this.starts;
  }

  /** Ends the servers that go on for nobody, and starts those that are wanted and are not there. */
  private async arrange(canGoOn: (server: Server) => boolean): Promise<void> {
    if (this.servers.length === 0) {
      this.status.set(this, { folders: [], state: "starting", details: "looking for an interpreter", python: "" });
    }
    const all = await find().finally(() => this.status.forget(this));
    const wanted = all.filter((one) => [...this.wanted.values()].some((path) => servedBy(all, path) === one));
    const kept = new Map<Served, Server>();
    for (const server of this.servers) {
      const now = wanted.find((one) => isSame(one, server.served));
      if (now && canGoOn(server)) {
        kept.set(now, server);
      }
    }
    const ended = this.servers.filter((server) => ![...kept.values()].includes(server));
    this.servers = wanted.map((one) => kept.get(one) ?? new Server(one, this.output, this.status, this.parts));
    await Promise.all(ended.map((server) => server.end()));
    const created = this.servers.filter((server) => ![...kept.values()].includes(server));
    await Promise.all(created.map((server) => server.start()));
    for (const { served: lacking } of created.filter(({ client }) => client === undefined)) {
      void this.offer(lacking);
    }
    if (created.length > 0) {
      this.started.fire();
    }
  }

  private async offer({ refused, folders }: Served): Promise<void> {
    if (await offerToolkit(refused, folders)) {
      await this.restart();
    }
  }
}

/** The name of a folder of the workspace; nothing for a file outside of all. */
function folderOf(uri: vscode.Uri): string {
  return vscode.workspace.getWorkspaceFolder(uri)?.uri.fsPath ?? "";
}

/** Which interpreter serves which folders now. */
async function find(): Promise<readonly Served[]> {
  const folders = foldersNow();
  const { isTrusted } = vscode.workspace;
  const look = once(isTrusted ? examine : examineOutside(folders));
  const findFor = async (folder?: string): Promise<Found> => {
    const uri = folder === undefined ? undefined : vscode.Uri.file(folder);
    const setting = vscode.workspace.getConfiguration("helion", uri).get("interpreter", "");
    // What stands in an untrusted workspace is not run, an interpreter least of all.
    const near = folder === undefined ? [] : [folder, ...folders.filter((other) => other !== folder)];
    return findPython(candidates(setting, await chosenInterpreter(uri), isTrusted ? near : []), look);
  };
  return folders.length > 0 ? served(folders, findFor) : [{ ...(await findFor()), folders }];
}
