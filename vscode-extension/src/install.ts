// No interpreter has the toolkit: says so, offers to install it or to choose another, and does what is chosen.
import { type ChildProcess, spawn } from "node:child_process";
import * as vscode from "vscode";
import { reasonIn } from "./pipFailure";
import { describe, type Examined, FROM_CHECKOUT, type Installation, installation } from "./python";

const CHOOSE = "Choose Interpreter";
const SET_PACKAGE = "Name the Checkout";

/** What is offered to the user when no interpreter will do; whether the toolkit was installed meanwhile. */
export async function offerToolkit(refused: readonly Examined[], folders: readonly string[]): Promise<boolean> {
  const requirement = vscode.workspace.getConfiguration("helion").get("package", "");
  const possible = vscode.workspace.isTrusted ? installation(refused, folders, requirement) : undefined;
  const words = possible?.words ?? refused.map(describe).join("; ");
  const choice = await vscode.window.showWarningMessage(
    `Helion: ${words}`,
    ...(possible ? [possible.choice] : []),
    CHOOSE,
  );
  if (possible && choice === possible.choice) {
    return install(possible);
  }
  if (choice === CHOOSE) {
    await selectInterpreter();
  }
  return false;
}

/** The Python extension's own choice when it is there, else our setting. */
export async function selectInterpreter(): Promise<void> {
  const hasPython = vscode.extensions.getExtension("ms-python.python") !== undefined;
  const isSet = Boolean(vscode.workspace.getConfiguration("helion").get<string>("interpreter"));
  if (hasPython && !isSet) {
    await vscode.commands.executeCommand("python.setInterpreter");
  } else {
    await vscode.commands.executeCommand("workbench.action.openSettings", "helion.interpreter");
  }
}

/** Runs it in a terminal that the user sees; whether it succeeded. */
async function install({ commands }: Installation): Promise<boolean> {
  for (const [program, ...args] of commands) {
    const { code, written } = await runInTerminal(program, args);
    if (code !== 0) {
      void tellFailure(reasonIn(written));
      return false;
    }
  }
  return true;
}

/** What pip said last, and what then helps. */
async function tellFailure(reason: string): Promise<void> {
  const words = `Helion: helion-toolkit could not be installed. ${reason}. ${FROM_CHECKOUT}`;
  if ((await vscode.window.showErrorMessage(words, SET_PACKAGE)) === SET_PACKAGE) {
    await vscode.commands.executeCommand("workbench.action.openSettings", "helion.package");
  }
}

interface Ended {
  readonly code: number | null;
  readonly written: string;
}

/** A terminal of ours: of one of VS Code's own nobody can read what was written. */
async function runInTerminal(program: string, args: readonly string[]): Promise<Ended> {
  const write = new vscode.EventEmitter<string>();
  const close = new vscode.EventEmitter<number>();
  let process: ChildProcess | undefined;
  const ended = new Promise<Ended>((end) => {
    const open = (): void => {
      let written = "";
      const hear = (text: string): void => {
        written += text;
        write.fire(text.replace(/\r?\n/g, "\r\n"));
      };
      const leave = (code: number | null): void => {
        close.fire(code ?? 1);
        end({ code, written });
      };
      hear(`${[program, ...args].join(" ")}\n`);
      process = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
      process.stdout?.setEncoding("utf8").on("data", hear);
      process.stderr?.setEncoding("utf8").on("data", hear);
      process.once("error", (problem) => {
        hear(`error: ${problem.message}\n`);
        leave(null);
      });
      process.once("close", leave);
    };
    const terminal = { onDidWrite: write.event, onDidClose: close.event, open, close: () => process?.kill() };
    const task = new vscode.Task(
      { type: "helion", kernel: "" },
      vscode.TaskScope.Workspace,
      "Install helion-toolkit",
      "Helion",
      new vscode.CustomExecution(() => Promise.resolve(terminal)),
    );
    void vscode.tasks.executeTask(task);
  });
  return ended;
}
