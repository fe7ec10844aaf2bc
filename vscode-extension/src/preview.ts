// Read-only previews beside the source, asked of the server, refreshed on its notice, with lines linked both ways.
import * as vscode from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";
import { askForConfig, askForTwoConfigs } from "./previewConfigs";
import { type LineMapEntry, type LinePair, pairedLines, previewLines, sourceLines } from "./lineMap";

export const SCHEME = "helion-preview";

interface Preview {
  text: string;
  languageId: string;
  sourceMap: LineMapEntry[];
  tritonMap?: LinePair[];
}

/** What a preview is of; `config` is a name or a text, the default's when left out. */
export interface Subject {
  readonly uri: string;
  readonly kernel: string;
  readonly kind: string;
  readonly config?: string;
  /** When it was kept as it was then. */
  readonly pinned?: string;
}

const LONGEST = 40;
/** The column after each, from the first on. */
const { Two, Three, Four, Five, Six, Seven, Eight, Nine } = vscode.ViewColumn;
const AFTER: readonly vscode.ViewColumn[] = [Two, Three, Four, Five, Six, Seven, Eight, Nine];

function addressOf(subject: Subject): vscode.Uri {
  const { kernel, kind, config = "", pinned = "" } = subject;
  const short = config.length > LONGEST ? `${config.slice(0, LONGEST)}…` : config;
  // A slash would make the title a folder's.
  const title = [kernel, kind, short, pinned].filter((part) => part !== "").join(" · ");
  const path = `/${title.replaceAll("/", "∕")}`;
  return vscode.Uri.from({ scheme: SCHEME, path, query: JSON.stringify(subject) });
}

function besideSource(source: string): vscode.ViewColumn {
  const editor = vscode.window.visibleTextEditors.find(({ document }) => document.uri.toString() === source);
  // VS Code makes the group after the last one when there is none yet.
  return editor?.viewColumn === undefined ? vscode.ViewColumn.Beside : (AFTER[editor.viewColumn - 1] ?? Nine);
}

const subjectOf = (uri: vscode.Uri): Subject => JSON.parse(uri.query) as Subject;
const isLive = (uri: vscode.Uri): boolean => uri.scheme === SCHEME && subjectOf(uri).pinned === undefined;

export class Previews implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  private readonly shown = new Map<string, Preview>();
  private readonly linked = vscode.window.createTextEditorDecorationType({
    isWholeLine: true,
    backgroundColor: new vscode.ThemeColor("editor.selectionHighlightBackground"),
  });
  private readonly subscriptions: vscode.Disposable[];
  readonly onDidChange = this.changed.event;

  constructor(private readonly client: () => LanguageClient | undefined) {
    this.subscriptions = [
      vscode.workspace.registerTextDocumentContentProvider(SCHEME, this),
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
    const document = await vscode.workspace.openTextDocument(uri);
    const language = this.shown.get(uri.toString())?.languageId ?? "plaintext";
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
    const now = live && this.shown.get(live.toString());
    if (!tab || !now) {
      void vscode.window.showInformationMessage("Helion: open a preview first.");
      return;
    }
    const pinned = addressOf({ ...subject, pinned: new Date().toLocaleTimeString() });
    this.shown.set(pinned.toString(), now);
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
    return input instanceof vscode.TabInputText && input.uri.scheme === SCHEME ? subjectOf(input.uri) : undefined;
  }

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const client = this.client();
    if (subjectOf(uri).pinned !== undefined) {
      return this.shown.get(uri.toString())?.text ?? "# what was pinned here was not kept: the window was loaded anew";
    }
    if (!client) {
      return "# the server is not running";
    }
    const found = await client.sendRequest<Preview>("helion/preview", subjectOf(uri));
    this.shown.set(uri.toString(), found);
    return found.text;
  }

  refresh(source: string): void {
    for (const { uri } of vscode.workspace.textDocuments) {
      if (isLive(uri) && subjectOf(uri).uri === source) {
        this.changed.fire(uri);
      }
    }
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
        if (ranges[0] && reveals) {
          to.revealRange(ranges[0], vscode.TextEditorRevealType.InCenterIfOutsideViewport);
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
    if (!isLive(uri) || subjectOf(uri).uri !== source.document.uri.toString()) {
      return undefined;
    }
    const map = this.shown.get(uri.toString())?.sourceMap ?? [];
    if (from === source) {
      return previewLines(map, line);
    }
    const found = sourceLines(map, line);
    return found ? Array.from({ length: found.last - found.first + 1 }, (_, i) => found.first + i) : [];
  }

  /** Of assembly beside the Triton of the same kernel and config. */
  private linesBetween(from: vscode.Uri, to: vscode.Uri, line: number): number[] | undefined {
    const [one, other] = [subjectOf(from), subjectOf(to)];
    if (!isLive(from) || !isLive(to)) {
      return undefined;
    }
    const isSame = one.uri === other.uri && one.kernel === other.kernel && one.config === other.config;
    if (!isSame || [one.kind, other.kind].sort().join() !== "ptx,triton") {
      return undefined;
    }
    const isAssembly = one.kind === "ptx";
    const pairs = this.shown.get((isAssembly ? from : to).toString())?.tritonMap ?? [];
    return pairedLines(pairs, line, isAssembly);
  }

  dispose(): void {
    vscode.Disposable.from(this.linked, this.changed, ...this.subscriptions).dispose();
  }
}
