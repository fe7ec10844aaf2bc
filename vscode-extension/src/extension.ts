// Activation: puts the parts together, and starts the server when the first Python file that mentions helion is open.
import * as vscode from "vscode";
import { registerCommands } from "./commands";
import { Locks } from "./locks";
import { Previews } from "./preview";
import { onInterpreterChosen } from "./pythonExtension";
import { Regions } from "./regions";
import { Server } from "./server";
import { touchesStart } from "./startSettings";
import { Status } from "./status";
import { TuneProgress } from "./tuneProgress";
import { TunePanels } from "./tuning/panel";

let server: Server | undefined;

export function activate(context: vscode.ExtensionContext): void {
  const output = vscode.window.createOutputChannel("Helion");
  const status = new Status();
  const previews = new Previews(() => server?.client);
  const tunings = new TuneProgress(() => server?.client);
  const regions = new Regions(() => server?.client);
  const panels = new TunePanels({
    client: () => server?.client,
    showTriton: (place, config) => previews.show({ ...place, kind: "triton", config }),
    files: context.extensionUri,
  });
  const created = new Server(output, status, previews, tunings, regions, panels);
  server = created;
  const locks = new Locks(() => created.client);

  const start = (): void => {
    void created.restart();
    void vscode.commands.executeCommand("setContext", "helion.isActive", true);
    const watching = onInterpreterChosen(() => created.interpreterMayHaveChanged());
    void watching.then((disposable) => context.subscriptions.push(disposable));
  };
  const consider = (document: vscode.TextDocument, text: string): void => {
    if (!created.isWanted && document.languageId === "python" && text.includes("helion")) {
      start();
    }
  };
  const ifWanted = (act: () => Promise<void>) => (): Promise<void> | undefined =>
    created.isWanted ? act() : undefined;
  context.subscriptions.push(
    output,
    status,
    previews,
    tunings,
    regions,
    panels,
    locks,
    created.onDidStart(() => locks.outdate(0)),
    vscode.workspace.onDidOpenTextDocument((document) => consider(document, document.getText())),
    // Only the lines that are typed in: a file may be long.
    vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
      for (const { range, text } of created.isWanted ? [] : contentChanges) {
        consider(document, `${document.lineAt(Math.min(range.start.line, document.lineCount - 1)).text}\n${text}`);
      }
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(ifWanted(() => created.restart())),
    vscode.workspace.onDidChangeWorkspaceFolders(ifWanted(() => created.interpreterMayHaveChanged())),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("helion.deviceRegions")) {
        regions.refresh();
      }
      const isRestarted = touchesStart((setting) => event.affectsConfiguration(setting));
      return isRestarted ? ifWanted(() => created.restart())() : undefined;
    }),
    registerCommands(
      () => created.running(),
      previews,
      output,
      () => created.restart(),
    ),
  );
  for (const document of vscode.workspace.textDocuments) {
    consider(document, document.getText());
  }
}

export async function deactivate(): Promise<void> {
  await server?.stop();
}
