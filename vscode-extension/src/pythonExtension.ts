// The interpreter that is chosen in the Python extension, when that is installed; its API is read as unknown, for it is not ours.
import * as vscode from "vscode";

interface Environments {
  getActiveEnvironmentPath?: (resource?: vscode.Uri) => { path?: string } | undefined;
  onDidChangeActiveEnvironmentPath?: vscode.Event<unknown>;
}

async function environments(): Promise<Environments | undefined> {
  const extension = vscode.extensions.getExtension("ms-python.python");
  const api: unknown = await extension?.activate();
  return (api as { environments?: Environments } | undefined)?.environments;
}

/** The interpreter that is chosen for a folder. */
export async function chosenInterpreter(folder: vscode.Uri | undefined): Promise<string | undefined> {
  return (await environments())?.getActiveEnvironmentPath?.(folder)?.path;
}

/** Calls back whenever another interpreter is chosen. */
export async function onInterpreterChosen(listener: () => unknown): Promise<vscode.Disposable> {
  return (await environments())?.onDidChangeActiveEnvironmentPath?.(listener) ?? vscode.Disposable.from();
}
