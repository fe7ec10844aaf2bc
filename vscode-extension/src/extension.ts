// Activation: nothing is started before a Python file that mentions helion is open.
import * as vscode from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";
import { startClient } from "./client";
import { registerCommands } from "./commands";
import { Previews } from "./preview";
import { TuneProgress } from "./tuneProgress";

let client: LanguageClient | undefined;
/** The last start or restart; each waits for the one before, so that there is never a second server. */
let starts: Promise<void> | undefined;

export function activate(context: vscode.ExtensionContext): void {
  const output = vscode.window.createOutputChannel("Helion");
  const status = vscode.window.createStatusBarItem(vscode.StatusBarAlignment.Right);
  status.text = "Helion";
  status.command = "helion.showOutput";
  const previews = new Previews(() => client);
  const tunings = new TuneProgress(() => client);
  const restart = (): Promise<void> => {
    const start = async (): Promise<void> => {
      const before = client;
      client = undefined;
      await before?.dispose();
      tunings.dispose();
      client = await startClient(output, status, previews, tunings);
    };
    starts = (starts ?? Promise.resolve()).then(start).catch((problem: unknown) => output.appendLine(String(problem)));
    return starts;
  };
  const consider = (document: vscode.TextDocument): void => {
    if (!starts && document.languageId === "python" && document.getText().includes("helion")) {
      void restart();
    }
  };
  const restartIfStarted = (): Promise<void> | undefined => (starts ? restart() : undefined);
  context.subscriptions.push(
    output,
    status,
    previews,
    tunings,
    vscode.workspace.onDidOpenTextDocument(consider),
    vscode.workspace.onDidGrantWorkspaceTrust(restartIfStarted),
    vscode.workspace.onDidChangeConfiguration((event) =>
      event.affectsConfiguration("helion") ? restartIfStarted() : undefined,
    ),
    registerCommands(() => client, previews, output, restart),
  );
  vscode.workspace.textDocuments.forEach(consider);
}

export async function deactivate(): Promise<void> {
  await starts;
  await client?.dispose();
}
