// No interpreter has the toolkit: says so, offers to install it or to choose another, and does what is chosen.
import * as vscode from "vscode";
import { describe, type Examined, installable, REQUIREMENT } from "./python";

const INSTALL = "Install";
const CHOOSE = "Choose Interpreter";

/** What is offered to the user when no interpreter will do; whether the toolkit was installed meanwhile. */
export async function offerToolkit(refused: readonly Examined[], isTrusted: boolean): Promise<boolean> {
  const into = installable(refused);
  const canInstall = into !== undefined && isTrusted;
  const words = canInstall ? `helion-toolkit is not installed in ${into}.` : refused.map(describe).join("; ");
  const choice = await vscode.window.showWarningMessage(`Helion: ${words}`, ...(canInstall ? [INSTALL] : []), CHOOSE);
  if (choice === INSTALL && canInstall) {
    return install(into);
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

/** Runs pip in a terminal that the user sees; whether it succeeded. */
async function install(python: string): Promise<boolean> {
  const task = new vscode.Task(
    { type: "helion", task: "install" },
    vscode.TaskScope.Workspace,
    "Install helion-toolkit",
    "Helion",
    new vscode.ProcessExecution(python, ["-m", "pip", "install", REQUIREMENT]),
  );
  const execution = await vscode.tasks.executeTask(task);
  const code = await new Promise<number | undefined>((resolve) => {
    const listener = vscode.tasks.onDidEndTaskProcess((event) => {
      if (event.execution === execution) {
        listener.dispose();
        resolve(event.exitCode);
      }
    });
  });
  if (code !== 0) {
    void vscode.window.showErrorMessage("Helion: helion-toolkit could not be installed; the terminal says why.");
  }
  return code === 0;
}
