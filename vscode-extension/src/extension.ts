// Activation: puts the parts together, and starts a server when the first Python file of its folders that mentions helion is open.
import * as vscode from "vscode";
import { BesideOthers } from "./besideOthers";
import type { ClientOf } from "./clientOf";
import { registerCommands } from "./commands";
import { Locks } from "./locks";
import { Previews } from "./preview";
import { onInterpreterChosen } from "./pythonExtension";
import { Regions } from "./regions";
import { ServerCommands } from "./serverCommands";
import { Servers } from "./servers";
import { touchesStart } from "./startSettings";
import { Status } from "./status";
import { TunePanels } from "./tuning/panel";

/** Those of previews and of older versions are nobody's kernels. */
const FILES = new Set(["file", "untitled"]);

let servers: Servers | undefined;

export function activate(context: vscode.ExtensionContext): void {
  const output = vscode.window.createOutputChannel("Helion");
  const status = new Status();
  const client: ClientOf = (uri) => servers?.of(uri);
  const previews = new Previews(client);
  const regions = new Regions(client);
  const panels = new TunePanels({
    client,
    showTriton: (place, config) => previews.show({ ...place, kind: "triton", config }),
    files: context.extensionUri,
  });
  const running = async (uri: vscode.Uri): ReturnType<Servers["running"]> => servers?.running(uri);
  const commands = new ServerCommands(running, output, previews, panels);
  const beside = new BesideOthers(() => servers?.clients ?? []);
  const created = new Servers(output, status, { previews, regions, panels, beside, commands });
  servers = created;
  const locks = new Locks(created);

  const want = (uri: vscode.Uri): void => {
    if (!created.isWanted) {
      void vscode.commands.executeCommand("setContext", "helion.isActive", true);
      const watching = onInterpreterChosen(() => created.interpretersMayHaveChanged());
      void watching.then((disposable) => context.subscriptions.push(disposable));
    }
    void created.want(uri);
  };
  const isNews = ({ uri, languageId }: vscode.TextDocument): boolean =>
    languageId === "python" && FILES.has(uri.scheme) && !created.isWantedFor(uri);
  const consider = (document: vscode.TextDocument, text: string): void => {
    if (isNews(document) && text.includes("helion")) {
      want(document.uri);
    }
  };
  const ifWanted = (act: () => Promise<void>) => (): Promise<void> | undefined =>
    created.isWanted ? act() : undefined;
  context.subscriptions.push(
    output,
    status,
    previews,
    regions,
    panels,
    commands,
    beside,
    locks,
    created.onDidStart(() => locks.outdate(0)),
    vscode.workspace.onDidOpenTextDocument((document) => consider(document, document.getText())),
    // Only the lines that are typed in: a file may be long.
    vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
      for (const { range, text } of isNews(document) ? contentChanges : []) {
        consider(document, `${document.lineAt(Math.min(range.start.line, document.lineCount - 1)).text}\n${text}`);
      }
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(ifWanted(() => created.restart())),
    vscode.workspace.onDidChangeWorkspaceFolders(ifWanted(() => created.interpretersMayHaveChanged())),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("helion.deviceRegions")) {
        regions.refresh();
      }
      const isRestarted = touchesStart((setting) => event.affectsConfiguration(setting));
      return isRestarted ? ifWanted(() => created.restart())() : undefined;
    }),
    registerCommands(running, previews, output, async () => {
      const uri = vscode.window.activeTextEditor?.document.uri;
      if (uri && !created.isWanted) {
        want(uri);
      } else {
        await created.restart();
      }
    }),
  );
  for (const document of vscode.workspace.textDocuments) {
    consider(document, document.getText());
  }
}

export async function deactivate(): Promise<void> {
  await servers?.stop();
}
