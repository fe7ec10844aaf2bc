// The status bar's item: what state the server is in, and what a click does about it.
import * as vscode from "vscode";

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

export class Status implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem("helion.status", vscode.StatusBarAlignment.Right);
  private python = "";

  constructor() {
    this.item.name = "Helion";
  }

  /** The interpreter that the tooltip names from now on. */
  use(python: string): void {
    this.python = python;
  }

  set(state: string, details = ""): void {
    const known = state in ICONS ? (state as State) : "broken";
    const remedy = REMEDIES[known];
    this.item.text = `$(${ICONS[known]}) Helion`;
    this.item.tooltip = [`Helion: ${state}`, details, this.python].filter(Boolean).join("\n");
    this.item.command = remedy ?? "helion.showOutput";
    this.item.backgroundColor = remedy && known !== "untrusted" ? WARNING : undefined;
    this.item.show();
  }

  dispose(): void {
    this.item.dispose();
  }
}

const WARNING = new vscode.ThemeColor("statusBarItem.warningBackground");
