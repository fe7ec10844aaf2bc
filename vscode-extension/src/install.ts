// No interpreter has the toolkit: says so, offers to install it or to choose another, and does what is chosen.
import * as vscode from "vscode";
import { describe, type Examined, type Installation, installation } from "./python";

const CHOOSE = "Choose Interpreter";

/** What is offered to the user when no interpreter will do; whether the toolkit was installed meanwhile. */
export async function offerToolkit(refused: readonly Examined[], folders: readonly string[]): Promise<boolean> {
  const possible = vscode.workspace.isTrusted ? installation(refused, folders) : undefined;
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
    if ((await exitCode(program, args)) !== 0) {
      void vscode.window.showErrorMessage("Helion: helion-toolkit could not be installed; the terminal says why.");
      return false;
    }
  }
  return true;
}

async function exitCode(program: string, args: readonly string[]): Promise<number | undefined> {
  const task = new vscode.Task(
    { type: "helion", task: "install" },
    vscode.TaskScope.Workspace,
    "Install helion-toolkit",
    "Helion",
    new vscode.ProcessExecution(program, [...args]),
  );
  const execution = await vscode.tasks.executeTask(task);
  return new Promise((resolve) => {
    const listener = vscode.tasks.onDidEndTaskProcess((event) => {
      if (event.execution === execution) {
        listener.dispose();
        resolve(event.exitCode);
      }
    });
  });
}
