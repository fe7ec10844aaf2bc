// The texts of previews: asked of the server when they are first shown, and again, of those in view, when it says that their source changed.
import * as vscode from "vscode";
import type { ClientOf } from "./clientOf";
import { areFarApart } from "./differences";
import type { LineMapEntry, LinePair } from "./lineMap";
import { liveSubject, SCHEME, subjectOf } from "./previewAddress";

export interface Preview {
  text: string;
  languageId: string;
  sourceMap: LineMapEntry[];
  tritonMap?: LinePair[];
}

export class PreviewTexts implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  private readonly shown = new Map<string, Preview>();
  /** What changed while nobody looked: assembly takes a compiler's run, so it is made when it comes back into view. */
  private readonly outdated = new Set<string>();
  /** Texts that take the place of what is shown once that is taken away. */
  private readonly next = new Map<string, string>();
  private readonly subscriptions: vscode.Disposable[];
  readonly onDidChange = this.changed.event;

  constructor(private readonly client: ClientOf) {
    this.subscriptions = [
      vscode.workspace.registerTextDocumentContentProvider(SCHEME, this),
      vscode.window.onDidChangeVisibleTextEditors(() => this.renew()),
      vscode.workspace.onDidChangeTextDocument(({ document: { uri }, contentChanges }) => {
        if (contentChanges.length > 0 && this.next.has(uri.toString())) {
          this.changed.fire(uri);
        }
      }),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => {
        this.outdated.delete(uri.toString());
        this.next.delete(uri.toString());
        // A change of a document's language closes it too, and opens it again.
        if (!this.documentOf(uri)) {
          this.shown.delete(uri.toString());
        }
      }),
    ];
  }

  of(uri: vscode.Uri): Preview | undefined {
    return this.shown.get(uri.toString());
  }

  /** What a pinned preview has for as long as it is open. */
  keep(uri: vscode.Uri, preview: Preview): void {
    this.shown.set(uri.toString(), preview);
  }

  /** The previews of a source are not what they would be now. */
  refresh(source: string): void {
    for (const { uri } of vscode.workspace.textDocuments) {
      if (liveSubject(uri)?.uri === source) {
        this.outdated.add(uri.toString());
      }
    }
    this.renew();
  }

  private renew(): void {
    for (const { document } of vscode.window.visibleTextEditors) {
      if (this.outdated.delete(document.uri.toString())) {
        this.next.delete(document.uri.toString());
        this.changed.fire(document.uri);
      }
    }
  }

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const key = uri.toString();
    const next = this.next.get(key);
    if (next !== undefined) {
      this.next.delete(key);
      return next;
    }
    const subject = subjectOf(uri);
    if (subject?.pinned !== undefined) {
      return (
        this.shown.get(key)?.text ?? "# what was pinned here was not kept: it was closed, or the window was loaded anew"
      );
    }
    const client = subject && this.client(vscode.Uri.parse(subject.uri));
    if (!client) {
      return "# the server is not running";
    }
    const found = await client.sendRequest<Preview>("helion/preview", subject);
    this.shown.set(key, found);
    return this.inSteps(uri, found.text);
  }

  /** A text at once, or nothing first: VS Code looks for the smallest edit letter by letter, and shows no comparison meanwhile. */
  private inSteps(uri: vscode.Uri, text: string): string {
    const before = this.documentOf(uri);
    if (!before || !areFarApart(before.getText(), text)) {
      return text;
    }
    this.next.set(uri.toString(), text);
    return "";
  }

  private documentOf(uri: vscode.Uri): vscode.TextDocument | undefined {
    return vscode.workspace.textDocuments.find((document) => document.uri.toString() === uri.toString());
  }

  dispose(): void {
    vscode.Disposable.from(this.changed, ...this.subscriptions).dispose();
  }
}
