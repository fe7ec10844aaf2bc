// Activation: nothing is started before a Python file that mentions helion is open.
import * as vscode from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";
import { startClient } from "./client";
import { Previews } from "./preview";

let client: LanguageClient | undefined;

export function activate(context: vscode.ExtensionContext): void {
  const output = vscode.window.createOutputChannel("Helion");
  const status = vscode.window.createStatusBarItem(vscode.StatusBarAlignment.Right);
  status.text = "Helion";
  status.command = "helion.showOutput";
  const previews = new Previews(() => client);
  let starting = false;
  const start = async (): Promise<void> => {
    starting = true;
    client = await startClient(output, status, previews);
  };
  const consider = (document: vscode.TextDocument): void => {
    if (!starting && document.languageId === "python" && document.getText().includes("helion")) {
      void start();
    }
  };
  const restart = async (): Promise<void> => {
    await client?.dispose();
    await start();
  };
  context.subscriptions.push(
    output,
    status,
    previews,
    vscode.workspace.onDidOpenTextDocument(consider),
    vscode.workspace.onDidGrantWorkspaceTrust(restart),
    vscode.workspace.onDidChangeConfiguration((event) =>
      event.affectsConfiguration("helion") && starting ? restart() : undefined,
    ),
    vscode.commands.registerCommand("helion.restartServer", restart),
    vscode.commands.registerCommand("helion.showOutput", () => output.show()),
  );
  vscode.workspace.textDocuments.forEach(consider);
}

export async function deactivate(): Promise<void> {
  await client?.dispose();
}
