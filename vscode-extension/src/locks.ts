// The view "Helion Locks": asks the server for the overview when it is looked at and something changed, and acts on what is chosen.
import { basename } from "node:path";
import * as vscode from "vscode";
import { CancellationTokenSource, type LanguageClient } from "vscode-languageclient/node";
import {
  childrenOf,
  counts,
  description,
  doubtful,
  kernelNodes,
  label,
  type LockNode,
  type LockRow,
  type Overview,
  type Range,
  rowsOf,
  spoken,
  together,
  tooltip,
  tuneOptions,
  worst,
  writtenOf,
} from "./lockTree";
import { runRefresh } from "./runs";
import type { Servers } from "./servers";

const VIEW = "helion.locks";
/** While somebody types, or a branch is switched, changes come in crowds. */
const QUIET_MILLISECONDS = 700;
/** After a request that the server could not answer. */
const AGAIN_MILLISECONDS = 3_000;

const ICONS: Record<string, [icon: string, color?: string]> = {
  broken: ["error", "problemsErrorIcon.foreground"],
  missing: ["circle-large-outline", "problemsWarningIcon.foreground"],
  stale: ["warning", "problemsWarningIcon.foreground"],
  borrowed: ["git-compare", "problemsWarningIcon.foreground"],
  estimated: ["beaker", "problemsInfoIcon.foreground"],
  partial: ["debug-pause", "problemsInfoIcon.foreground"],
  given: ["edit"],
  unrecorded: ["question"],
  older: ["history"],
  kept: ["pass", "testing.iconPassed"],
  locked: ["pass", "testing.iconPassed"],
};

export class Locks implements vscode.TreeDataProvider<LockNode>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<undefined>();
  private readonly view: vscode.TreeView<LockNode>;
  private readonly subscriptions: { dispose(): unknown }[];
  private overview: Overview | undefined;
  private isOutdated = true;
  private isFiltered = false;
  private timer: NodeJS.Timeout | undefined;
  private asked: CancellationTokenSource | undefined;
  readonly onDidChangeTreeData = this.changed.event;

  constructor(private readonly servers: Pick<Servers, "of" | "clients" | "unread">) {
    this.view = vscode.window.createTreeView(VIEW, { treeDataProvider: this, showCollapseAll: true });
    const files = ["**/*.helion.lock", "**/*.py"].map((glob) => vscode.workspace.createFileSystemWatcher(glob));
    const outdated = (): void => this.outdate();
    const command = (name: string, act: (node: LockNode) => unknown): vscode.Disposable =>
      vscode.commands.registerCommand(`helion.locks.${name}`, act);
    this.subscriptions = [
      this.view,
      this.changed,
      ...files,
      ...files.flatMap((watcher) => [
        watcher.onDidChange(outdated),
        watcher.onDidCreate(outdated),
        watcher.onDidDelete(outdated),
      ]),
      vscode.workspace.onDidChangeTextDocument(({ document }) => {
        if (document.languageId === "python") {
          this.outdate();
        }
      }),
      vscode.workspace.onDidChangeWorkspaceFolders(outdated),
      this.view.onDidChangeVisibility(() => this.consider(0)),
      command("reload", () => this.outdate(0)),
      command("filter", () => this.filter(true)),
      command("showAll", () => this.filter(false)),
      command("refreshEntry", (node) => this.refreshEntry(node)),
      command("refreshKernel", (node) => this.refreshKernel(node)),
      command("refreshWorkspace", () => this.refreshWorkspace()),
      command("unlock", (node) => this.unlock(node)),
      command("prune", (node) => this.codemod(node, "prune", {})),
    ];
  }

  // -- reading ------------------------------------------------------------------------------------------------------

  /** Something that the overview speaks of may have changed; it is asked for again when it is looked at. */
  outdate(milliseconds = QUIET_MILLISECONDS): void {
    this.isOutdated = true;
    this.consider(milliseconds);
  }

  private consider(milliseconds: number): void {
    if (this.isOutdated && this.view.visible) {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => void this.load(), milliseconds);
    }
  }

  private async load(): Promise<void> {
    const clients = this.servers.clients.filter((client) => client.isRunning());
    if (clients.length === 0) {
      return;
    }
    this.asked?.cancel();
    const asked = new CancellationTokenSource();
    this.asked = asked;
    this.isOutdated = false;
    const ask = (client: LanguageClient): Promise<Overview | undefined> =>
      client.sendRequest<Overview>("helion/lockOverview", {}, asked.token).catch(() => undefined);
    const answers = await vscode.window.withProgress({ location: { viewId: VIEW } }, () =>
      Promise.all(clients.map(ask)),
    );
    if (this.asked !== asked) {
      return;
    }
    this.asked = undefined;
    const found = answers.filter((answer) => answer !== undefined);
    if (found.length === answers.length) {
      this.overview = together(found);
      this.show();
    } else {
      this.outdate(AGAIN_MILLISECONDS);
    }
  }

  private show(): void {
    const { rows = [], complete = true, truncated = false, message } = this.overview ?? {};
    this.view.description = counts(rows);
    const partly = truncated ? "The workspace is large: only a part of it was read." : undefined;
    const late = complete ? undefined : "Not every lock was looked at in time.";
    const nothing =
      this.isFiltered && rows.length > 0 && doubtful(rows).length === 0 ? "Nothing needs attention." : undefined;
    const unread = this.servers.unread.map((folder) => basename(folder)).join(", ");
    const elsewhere =
      unread === ""
        ? undefined
        : `Not read: ${unread}, without a server. Open a kernel there; the status bar says the rest.`;
    this.view.message = message ?? partly ?? late ?? elsewhere ?? nothing;
    void vscode.commands.executeCommand("setContext", "helion.locks.isEmpty", rows.length === 0);
    this.changed.fire(undefined);
  }

  private filter(isFiltered: boolean): void {
    this.isFiltered = isFiltered;
    void vscode.commands.executeCommand("setContext", "helion.locks.isFiltered", isFiltered);
    this.show();
  }

  getChildren(node?: LockNode): LockNode[] {
    if (node) {
      return childrenOf(node);
    }
    const rows = this.overview?.rows ?? [];
    return kernelNodes(this.isFiltered ? doubtful(rows) : rows);
  }

  getTreeItem(node: LockNode): vscode.TreeItem {
    const rows = rowsOf(node);
    const state = worst(rows);
    const isWorthOpening = node.kind === "kernel" && state !== "locked";
    const open = isWorthOpening ? vscode.TreeItemCollapsibleState.Expanded : vscode.TreeItemCollapsibleState.Collapsed;
    const item = new vscode.TreeItem(label(node), node.kind === "entry" ? vscode.TreeItemCollapsibleState.None : open);
    const [icon, color] = ICONS[state] ?? ["lock"];
    item.iconPath = new vscode.ThemeIcon(icon, color === undefined ? undefined : new vscode.ThemeColor(color));
    item.description = description(node);
    const canUnlock = writtenOf(node).length > 0 ? "locked" : "free";
    item.contextValue = `${node.kind} ${canUnlock}`;
    const [first] = rows as [LockRow];
    if (node.kind === "entry") {
      item.tooltip = new vscode.MarkdownString(tooltip(node.row));
      item.accessibilityInformation = { label: spoken(node.row) };
      item.command = opening(first.uri, first.range);
    } else if (node.kind === "kernel") {
      const file = vscode.workspace.asRelativePath(vscode.Uri.parse(node.uri));
      item.id = `${node.uri}#${node.kernel}`;
      item.description = `${file} · ${counts(rows)}`;
      item.tooltip = `${file}\n${counts(rows)}`;
      item.command = opening(node.uri, first.kernelRange);
    }
    return item;
  }

  // -- acting -------------------------------------------------------------------------------------------------------

  /** Tunes for one entry's device and signature; the winner is an edit that can be undone. */
  private async refreshEntry(node: LockNode): Promise<void> {
    if (node.kind !== "entry") {
      return;
    }
    const { row } = node;
    const host = vscode.workspace.getConfiguration("helion").get<string>("tuneHost", "");
    const options = tuneOptions(row, this.overview?.here ?? null, host !== "");
    if (typeof options === "string") {
      await this.tellElsewhere(row, options);
      return;
    }
    await vscode.window.showTextDocument(vscode.Uri.parse(row.uri), { preserveFocus: true });
    await vscode.commands.executeCommand("helion.tuneAndLock", row.uri, row.kernel, options);
  }

  private async tellElsewhere(row: LockRow, reason: string): Promise<void> {
    const copy = "Copy Command";
    const words = `${row.kernel}: ${reason}. Refresh it on a machine that has one, or set helion.tuneHost.`;
    if ((await vscode.window.showInformationMessage(words, copy)) === copy) {
      const file = vscode.workspace.asRelativePath(vscode.Uri.parse(row.uri), false);
      await vscode.env.clipboard.writeText(`helion refresh run '${file}::${row.called}'`);
    }
  }

  private async refreshKernel(node: LockNode): Promise<void> {
    const client = node.kind === "kernel" && this.servers.of(vscode.Uri.parse(node.uri));
    if (client) {
      await runRefresh(client, node.uri, node.kernel);
    }
  }

  /** Everything of the workspace, which may take hours: asked once more. */
  private async refreshWorkspace(): Promise<void> {
    const folders = vscode.workspace.workspaceFolders ?? [];
    const [first] = folders;
    const picked = folders.length > 1 ? await vscode.window.showWorkspaceFolderPick() : first;
    const client = picked && this.servers.of(picked.uri);
    if (!client) {
      return;
    }
    const refresh = "Refresh";
    const detail = `In a terminal, for this machine: ${counts(this.overview?.rows ?? [])}. It runs the kernels' \`inputs=\` and writes into their files; Ctrl+C keeps what is finished.`;
    const options = { modal: true, detail };
    if (
      (await vscode.window.showWarningMessage(`Tune what needs it in ${picked.name}?`, options, refresh)) === refresh
    ) {
      await runRefresh(client, picked.uri.toString());
    }
  }

  /** Removes an entry's lock, a device's, or all of a kernel's. */
  private async unlock(node: LockNode): Promise<void> {
    const [first] = writtenOf(node);
    if (!first) {
      return;
    }
    const device = node.kind === "kernel" ? {} : { device: first.device };
    const signature = node.kind === "entry" ? { signature: first.signature ?? "*" } : {};
    await this.codemod(node, "unlock", { ...device, ...signature });
  }

  /** The server's edit of the text; the evidence follows when it is saved. */
  private async codemod(node: LockNode, name: string, options: object): Promise<void> {
    const [first] = rowsOf(node);
    if (!first) {
      return;
    }
    await vscode.window.showTextDocument(vscode.Uri.parse(first.uri), { preserveFocus: true });
    const arguments_ = [first.uri, name, { kernel: first.kernel, ...options }] as const;
    const answer = await vscode.commands.executeCommand<{ message: string }>("helion.codemod", ...arguments_);
    vscode.window.setStatusBarMessage(`${first.kernel}: ${answer.message}`, 10_000);
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.asked?.cancel();
    vscode.Disposable.from(...this.subscriptions).dispose();
  }
}

function opening(uri: string, { start, end }: Range): vscode.Command {
  const selection = new vscode.Range(start.line, start.character, end.line, end.character);
  return { command: "vscode.open", title: "Open", arguments: [vscode.Uri.parse(uri), { selection }] };
}
