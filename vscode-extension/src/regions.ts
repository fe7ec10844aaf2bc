// Where code runs on the device, marked by a thin line beside it: what the server says of each visible editor.
import * as vscode from "vscode";
import type { ClientOf } from "./clientOf";

interface Region {
  range: { start: { line: number }; end: { line: number } };
}

export class Regions implements vscode.Disposable {
  private readonly mark = vscode.window.createTextEditorDecorationType({
    isWholeLine: true,
    borderStyle: "solid",
    borderWidth: "0 0 0 2px",
    borderColor: new vscode.ThemeColor("helion.deviceRegion"),
    overviewRulerColor: new vscode.ThemeColor("helion.deviceRegion"),
    overviewRulerLane: vscode.OverviewRulerLane.Left,
  });
  private readonly subscriptions: vscode.Disposable[];

  constructor(private readonly client: ClientOf) {
    this.subscriptions = [vscode.window.onDidChangeVisibleTextEditors(() => this.refresh())];
  }

  /** After an analysis of one document, or of none in particular. */
  refresh(uri?: string): void {
    for (const editor of vscode.window.visibleTextEditors) {
      const own = editor.document.uri.toString();
      if (editor.document.languageId === "python" && (uri === undefined || uri === own)) {
        void this.show(editor, own);
      }
    }
  }

  private async show(editor: vscode.TextEditor, uri: string): Promise<void> {
    const client = this.client(editor.document.uri);
    const isWanted = vscode.workspace.getConfiguration("helion").get<boolean>("deviceRegions");
    const version: number = editor.document.version;
    const found = isWanted && client?.isRunning() ? await client.sendRequest<Region[]>("helion/regions", { uri }) : [];
    // The text may have moved on meanwhile; the next analysis brings its own.
    const isCurrent = (now: number): boolean => now === version;
    if (isCurrent(editor.document.version)) {
      editor.setDecorations(
        this.mark,
        found.map(({ range }) => new vscode.Range(range.start.line, 0, range.end.line, 0)),
      );
    }
  }

  dispose(): void {
    vscode.Disposable.from(this.mark, ...this.subscriptions).dispose();
  }
}
