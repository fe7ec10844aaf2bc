// What the command palette offers: the server's life, and the previews and the tuning of the kernel at the cursor.
import * as vscode from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";
import { editorToActOn } from "./editorToActOn";
import { selectInterpreter } from "./install";
import type { Previews } from "./preview";
import { subjectOf } from "./previewAddress";
import { copyRepro } from "./repro";
import { DEBUG, RUN } from "./runs";
import { SHOW_TUNING } from "./tuning/panel";

interface Place {
  uri: string;
  kernel: string;
}

type Running = (uri: vscode.Uri) => Promise<LanguageClient | undefined>;

interface Found extends Place {
  client: LanguageClient;
}

/** The kernel where the cursor is now, found once the server runs: in a file that has just been opened too, before anything is analysed. */
async function kernelAtCursor(running: Running, editor: vscode.TextEditor | undefined): Promise<Found | undefined> {
  if (!editor) {
    void vscode.window.showInformationMessage("Helion: open a Python file with a kernel first.");
    return undefined;
  }
  const document = editor.document.uri;
  const { line, character } = editor.selection.active;
  const waiting = { location: vscode.ProgressLocation.Window, title: "Helion: the server starts" };
  const subject = subjectOf(document);
  const source = subject ? vscode.Uri.parse(subject.uri) : document;
  const client = await vscode.window.withProgress(waiting, () => running(source));
  if (!client) {
    void vscode.window.showInformationMessage("Helion: the language server does not run; its status says why.");
    return undefined;
  }
  if (subject) {
    return { client, uri: subject.uri, kernel: subject.kernel };
  }
  const uri = document.toString();
  const asked = { uri, position: { line, character } };
  const found = await client.sendRequest<{ kernel: string } | null>("helion/kernelAt", asked);
  if (!found) {
    void vscode.window.showInformationMessage("Helion: there is no kernel at the cursor.");
    return undefined;
  }
  return { client, uri, kernel: found.kernel };
}

/** The walkthrough's buttons have no active editor. */
function current(recent?: vscode.TextEditor): vscode.TextEditor | undefined {
  const { activeTextEditor, visibleTextEditors } = vscode.window;
  return editorToActOn(
    activeTextEditor,
    recent,
    visibleTextEditors,
    ({ document }) => subjectOf(document.uri) !== undefined,
  );
}

export function registerCommands(
  client: Running,
  previews: Previews,
  output: vscode.OutputChannel,
  restart: () => Promise<void>,
): vscode.Disposable {
  let recent = current();
  const watching = vscode.window.onDidChangeActiveTextEditor(() => (recent = current(recent)));
  const kernel = (): Promise<Found | undefined> => kernelAtCursor(client, current(recent));
  const show = (kind: string) => async (): Promise<void> => {
    const place = await kernel();
    if (place) {
      await previews.show({ uri: place.uri, kernel: place.kernel, kind });
    }
  };
  /** A command of the server's, for the kernel at the cursor. */
  const ofServer =
    (command: string, ...options: unknown[]) =>
    async (): Promise<void> => {
      const place = await kernel();
      if (place) {
        await vscode.commands.executeCommand(command, place.uri, place.kernel, ...options);
      }
    };
  const compare = async (): Promise<void> => {
    const place = await kernel();
    if (place) {
      await previews.compare({ uri: place.uri, kernel: place.kernel, kind: "triton" });
    }
  };
  const repro = async (): Promise<void> => {
    const place = await kernel();
    if (place) {
      await copyRepro(place.client, place.uri, place.kernel);
    }
  };
  return vscode.Disposable.from(
    watching,
    vscode.commands.registerCommand("helion.restartServer", restart),
    vscode.commands.registerCommand("helion.showOutput", () => output.show()),
    vscode.commands.registerCommand("helion.selectInterpreter", selectInterpreter),
    vscode.commands.registerCommand("helion.showTritonAtCursor", show("triton")),
    vscode.commands.registerCommand("helion.showPtxAtCursor", show("ptx")),
    vscode.commands.registerCommand("helion.showResourcesAtCursor", show("resources")),
    vscode.commands.registerCommand("helion.compareConfigsAtCursor", compare),
    vscode.commands.registerCommand("helion.choosePreviewConfig", () => previews.chooseConfig()),
    vscode.commands.registerCommand("helion.pinPreview", () => previews.pin()),
    vscode.commands.registerCommand("helion.tuneAndLockAtCursor", ofServer("helion.tuneAndLock", {})),
    vscode.commands.registerCommand("helion.showTuningAtCursor", ofServer(SHOW_TUNING)),
    vscode.commands.registerCommand("helion.chooseSignatureAtCursor", ofServer("helion.chooseSignature")),
    vscode.commands.registerCommand("helion.runAtCursor", ofServer(RUN)),
    vscode.commands.registerCommand("helion.copyReproAtCursor", repro),
    vscode.commands.registerCommand("helion.debugAtCursor", ofServer(DEBUG)),
  );
}
