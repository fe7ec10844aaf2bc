// A script that shows elsewhere what a kernel does here, on the clipboard, and opened when it is wanted.
import * as vscode from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";

interface Repro {
  text?: string;
  problem?: string;
}

export async function copyRepro(client: LanguageClient, uri: string, kernel: string): Promise<void> {
  const working = { location: vscode.ProgressLocation.Window, title: `Helion: a repro of ${kernel}` };
  const { text, problem } = await vscode.window.withProgress(working, () =>
    client.sendRequest<Repro>("helion/repro", { uri, kernel }),
  );
  if (text === undefined) {
    void vscode.window.showWarningMessage(`${kernel}: ${problem ?? "there is no repro"}`);
    return;
  }
  await vscode.env.clipboard.writeText(text);
  const open = "Open";
  const lines = text.split("\n").length;
  const words = `A minimal repro of ${kernel} is on the clipboard: ${lines} lines that need nothing of this project.`;
  // Nobody waits for the answer.
  void vscode.window.showInformationMessage(words, open).then(async (answer) => {
    if (answer === open) {
      await vscode.window.showTextDocument(
        await vscode.workspace.openTextDocument({ language: "python", content: text }),
      );
    }
  });
}
