// Read-only previews beside the source: shown for a config, pinned, compared; with lines linked both ways.
import * as vscode from "vscode";
import type { ClientOf } from "./clientOf";
import { firstBlock, pairedLines, previewLines, sourceLines } from "./lineMap";
import { addressOf, liveSubject, SCHEME, type Subject, subjectOf } from "./previewAddress";
import { askForConfig, askForTwoConfigs } from "./previewConfigs";
import { PreviewTexts } from "./previewTexts";

/** The column after each, from the first on. */
const { Two, Three, Four, Five, Six, Seven, Eight, Nine } = vscode.ViewColumn;
const AFTER: readonly vscode.ViewColumn[] = [Two, Three, Four, Five, Six, Seven, Eight, Nine];

function besideSource(source: string): vscode.ViewColumn {
  const editor = vscode.window.visibleTextEditors.find(({ document }) => document.uri.toString() === source);
  // VS Code makes the group after the last one when there is none yet.
  return editor?.viewColumn === undefined ? vscode.ViewColumn.Beside : (AFTER[editor.viewColumn - 1] ?? Nine);
}

export class Previews implements vscode.Disposable {
  private readonly texts: PreviewTexts;
  private readonly linked = vscode.window.createTextEditorDecorationType({
    isWholeLine: true,
    backgroundColor: new vscode.ThemeColor("editor.selectionHighlightBackground"),
  });
  private readonly subscriptions: vscode.Disposable[];

  constructor(client: ClientOf) {
    this.texts = new PreviewTexts(client);
    this.subscriptions = [
      vscode.window.onDidChangeTextEditorSelection((event) => this.link(event.textEditor, true)),
      // What is shown, or is made anew, belongs to the line where the cursor is already; nobody asked to be taken there.
      vscode.window.onDidChangeVisibleTextEditors(() => this.linkActive()),
      vscode.workspace.onDidChangeTextDocument(({ document }) => {
        if (document.uri.scheme === SCHEME) {
          this.linkActive();
        }
      }),
    ];
  }

  /** Beside its source, wherever the focus went while its text was made. */
  async show(subject: Subject, viewColumn = besideSource(subject.uri)): Promise<void> {
    const document = await this.opened(addressOf(subject));
    await vscode.window.showTextDocument(document, {
      viewColumn,
      preserveFocus: true,
      preview: false,
    });
  }

  /** The document of a preview, in its language. */
  private async opened(uri: vscode.Uri): Promise<vscode.TextDocument> {
    const subject = subjectOf(uri);
    const title = subject && `Helion: ${subject.kernel} · ${subject.kind}`;
    const working = { location: vscode.ProgressLocation.Window, title };
    // Right after the server's start the compiler is loaded first; and assembly takes its time.
    const document = await vscode.window.withProgress(working, () => vscode.workspace.openTextDocument(uri));
    const language = this.texts.of(uri)?.languageId ?? "plaintext";
    const isKnown = (await vscode.languages.getLanguages()).includes(language);
    return isKnown ? vscode.languages.setTextDocumentLanguage(document, language) : document;
  }

  /** The preview in the window's focus becomes one for another config. */
  async chooseConfig(): Promise<void> {
    const tab = vscode.window.tabGroups.activeTabGroup.activeTab;
    const subject = this.subjectIn(tab);
    if (!tab || !subject) {
      void vscode.window.showInformationMessage("Helion: open a preview first.");
      return;
    }
    const config = await askForConfig(`Config of ${subject.kernel}`, subject.config);
    if (config !== undefined && config !== "") {
      await this.show({ ...subject, config }, tab.group.viewColumn);
      await vscode.window.tabGroups.close(tab);
    }
  }

  /** The preview in the window's focus stays as it is on the left, and goes on on the right: what an edit changes is seen while it is typed. */
  async pin(): Promise<void> {
    const tab = vscode.window.tabGroups.activeTabGroup.activeTab;
    const subject = this.subjectIn(tab);
    const live = subject && addressOf(subject);
    const now = live && this.texts.of(live);
    if (!tab || !now) {
      void vscode.window.showInformationMessage("Helion: open a preview first.");
      return;
    }
    const pinned = addressOf({ ...subject, pinned: new Date().toLocaleTimeString() });
    this.texts.keep(pinned, now);
    await this.opened(pinned);
    const title = `${subject.kernel} · ${subject.kind}: pinned ↔ now`;
    const { viewColumn } = tab.group;
    await vscode.commands.executeCommand("vscode.diff", pinned, live, title, { viewColumn, preview: false });
  }

  /** Two configs of a kernel side by side, as VS Code shows any two texts. */
  async compare(subject: Subject): Promise<void> {
    const configs = await askForTwoConfigs(subject.kernel);
    if (configs) {
      const sides = configs.map((config) => addressOf({ ...subject, config }));
      const title = `${subject.kernel}: ${configs.join(" ↔ ")}`;
      // Otherwise they would be shown as plain text.
      await Promise.all(sides.map((uri) => this.opened(uri)));
      await vscode.commands.executeCommand("vscode.diff", ...sides, title, { viewColumn: vscode.ViewColumn.Beside });
    }
  }

  private subjectIn(tab: vscode.Tab | undefined): Subject | undefined {
    const input = tab?.input;
    return input instanceof vscode.TabInputText ? subjectOf(input.uri) : undefined;
  }

  /** After an analysis of a source. */
  refresh(source: string): void {
    this.texts.refresh(source);
  }

  private linkActive(): void {
    const editor = vscode.window.activeTextEditor;
    if (editor) {
      this.link(editor, false);
    }
  }

  private link(from: vscode.TextEditor, reveals: boolean): void {
    const line = from.selection.active.line;
    for (const to of vscode.window.visibleTextEditors) {
      const lines = this.linesIn(from, to, line);
      if (lines) {
        from.setDecorations(this.linked, []);
        const ranges = lines.map((number) => new vscode.Range(number, 0, number, 0));
        to.setDecorations(this.linked, ranges);
        const block = firstBlock(lines);
        if (block && reveals) {
          const whole = new vscode.Range(block[0], 0, block[1], 0);
          to.revealRange(whole, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
        }
      }
    }
  }

  private linesIn(from: vscode.TextEditor, to: vscode.TextEditor, line: number): number[] | undefined {
    if (from.document.uri.scheme === SCHEME && to.document.uri.scheme === SCHEME) {
      return this.linesBetween(from.document.uri, to.document.uri, line);
    }
    const [source, preview] = from.document.uri.scheme === SCHEME ? [to, from] : [from, to];
    const uri = preview.document.uri;
    if (liveSubject(uri)?.uri !== source.document.uri.toString()) {
      return undefined;
    }
    const map = this.texts.of(uri)?.sourceMap ?? [];
    if (from === source) {
      return previewLines(map, line);
    }
    const found = sourceLines(map, line);
    return found ? Array.from({ length: found.last - found.first + 1 }, (_, i) => found.first + i) : [];
  }

  /** Of assembly beside the Triton of the same kernel and config. */
  private linesBetween(from: vscode.Uri, to: vscode.Uri, line: number): number[] | undefined {
    const [one, other] = [liveSubject(from), liveSubject(to)];
    if (!one || !other) {
      return undefined;
    }
    const isSame = one.uri === other.uri && one.kernel === other.kernel && one.config === other.config;
    if (!isSame || [one.kind, other.kind].sort().join() !== "ptx,triton") {
      return undefined;
    }
    const isAssembly = one.kind === "ptx";
    const pairs = this.texts.of(isAssembly ? from : to)?.tritonMap ?? [];
    return pairedLines(pairs, line, isAssembly);
  }

  dispose(): void {
    vscode.Disposable.from(this.linked, this.texts, ...this.subscriptions).dispose();
  }
}
