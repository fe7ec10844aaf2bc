// A kernel run or debugged in Python's interpreter, without a GPU: the server says how, a task or the debugger does it.
import * as vscode from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";

interface Run {
  message?: string;
  command: string[];
  cwd: string;
  env?: Record<string, string>;
  launch: vscode.DebugConfiguration;
}

export const RUN = "helion.runInInterpreter";
export const DEBUG = "helion.debugInInterpreter";
const DEBUGGER = "ms-python.debugpy";

export async function run(client: LanguageClient, command: string, uri: string, kernel: string): Promise<void> {
  const mode = command === DEBUG ? "debug" : "interpret";
  // What runs is the file, so it is to say what the window says.
  await vscode.workspace.textDocuments.find((document) => document.uri.toString() === uri)?.save();
  const found = await client.sendRequest<Run>("helion/runCommand", { uri, kernel, mode });
  if (found.message !== undefined) {
    void vscode.window.showWarningMessage(`${kernel}: ${found.message}`);
  } else if (mode === "interpret") {
    await vscode.tasks.executeTask(taskOf(kernel, found));
  } else if (vscode.extensions.getExtension(DEBUGGER)) {
    await vscode.debug.startDebugging(vscode.workspace.getWorkspaceFolder(vscode.Uri.parse(uri)), found.launch);
  } else {
    await offerDebugger();
  }
}

/** Tunes, in a terminal, what needs it of a kernel, of a file or of a folder. What is tuned are the files. */
export async function runRefresh(client: LanguageClient, uri: string, kernel?: string): Promise<void> {
  const isOurs = (document: vscode.TextDocument): boolean =>
    document.isDirty && document.uri.toString().startsWith(uri);
  await Promise.all(vscode.workspace.textDocuments.filter(isOurs).map((document) => document.save()));
  const found = await client.sendRequest<Run>("helion/refreshCommand", { uri, kernel });
  if (found.message !== undefined) {
    void vscode.window.showWarningMessage(`Helion: ${found.message}`);
  } else {
    await vscode.tasks.executeTask(taskOf(kernel ?? "the workspace", found, "refresh"));
  }
}

function taskOf(kernel: string, { command: [program, ...args], cwd, env }: Run, verb = "run"): vscode.Task {
  const execution = new vscode.ProcessExecution(program ?? "python3", args, { cwd, env });
  const task = new vscode.Task(
    { type: "helion", kernel },
    vscode.TaskScope.Workspace,
    `${verb} ${kernel}`,
    "Helion",
    execution,
  );
  task.presentationOptions = { clear: true };
  return task;
}

async function offerDebugger(): Promise<void> {
  const install = "Install Python Debugger";
  const answer = await vscode.window.showInformationMessage(
    "Debugging a kernel in the interpreter needs the Python Debugger extension.",
    install,
  );
  if (answer === install) {
    await vscode.commands.executeCommand("workbench.extensions.installExtension", DEBUGGER);
  }
}
