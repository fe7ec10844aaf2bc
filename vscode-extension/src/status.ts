// The status bar's item: what state the servers are in, that of the active file's folder first, and what a click does about it.
import { basename } from "node:path";
import * as vscode from "vscode";
import { servedBy } from "./interpreters";

export type State =
  | "starting"
  | "warming"
  | "ready"
  | "restarting"
  | "broken"
  | "untrusted"
  | "wrong interpreter"
  | "stopped";

const ICONS: Record<State, string> = {
  starting: "loading~spin",
  warming: "loading~spin",
  ready: "check",
  restarting: "sync~spin",
  broken: "error",
  untrusted: "shield",
  "wrong interpreter": "warning",
  stopped: "error",
};
/** States that need the user, and what then helps. */
const REMEDIES: Partial<Record<State, string>> = {
  "wrong interpreter": "helion.selectInterpreter",
  broken: "helion.restartServer",
  stopped: "helion.restartServer",
  untrusted: "workbench.trust.manage",
};

/** What is said of one server. */
interface Line {
  readonly folders: readonly string[];
  readonly state: string;
  readonly details: string;
  /** The interpreter, and those before it that could not be used. */
  readonly python: string;
}

export class Status implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem("helion.status", vscode.StatusBarAlignment.Right);
  private readonly lines = new Map<object, Line>();
  private readonly watching: vscode.Disposable;

  constructor() {
    this.item.name = "Helion";
    this.watching = vscode.window.onDidChangeActiveTextEditor(() => this.show());
  }

  /** The state of a server, by which it is known here. */
  set(server: object, line: Line): void {
    this.lines.set(server, line);
    this.show();
  }

  /** A server that is no more. */
  forget(server: object): void {
    this.lines.delete(server);
    this.show();
  }

  private show(): void {
    const lines = [...this.lines.values()];
    const path = vscode.window.activeTextEditor?.document.uri.fsPath;
    const shown = path === undefined ? lines[0] : servedBy(lines, path);
    if (!shown) {
      this.item.hide();
      return;
    }
    const known = shown.state in ICONS ? (shown.state as State) : "broken";
    const remedy = REMEDIES[known];
    const isOneOfSeveral = lines.length > 1;
    this.item.text = `$(${ICONS[known]}) Helion${isOneOfSeveral ? ` (${names(shown)})` : ""}`;
    this.item.tooltip = isOneOfSeveral
      ? [`Helion: ${shown.state}`, ...lines.flatMap((line) => [`${names(line)}: ${line.state}`, ...about(line)])].join(
          "\n",
        )
      : [`Helion: ${shown.state}`, ...about(shown)].join("\n");
    this.item.command = remedy ?? "helion.showOutput";
    this.item.backgroundColor = remedy && known !== "untrusted" ? WARNING : undefined;
    this.item.show();
  }

  dispose(): void {
    vscode.Disposable.from(this.item, this.watching).dispose();
  }
}

const names = ({ folders }: Line): string => folders.map((folder) => basename(folder)).join(", ");
const about = ({ details, python }: Line): string[] => [details, python].filter(Boolean);
const WARNING = new vscode.ThemeColor("statusBarItem.warningBackground");
