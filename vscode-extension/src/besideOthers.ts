// Our diagnostics in the Problems panel without those that another server gives too; others may be heard before or after us.
import * as vscode from "vscode";
import { DocumentDiagnosticRequest, type LanguageClient, type Middleware } from "vscode-languageclient/node";
import { type Fault, withoutSame } from "./sameFault";

const SOURCE = "helion";

function faultOf(diagnostic: vscode.Diagnostic): Fault & { readonly diagnostic: vscode.Diagnostic } {
  const { code, message, severity, source, range } = diagnostic;
  const plain = typeof code === "object" ? code.value : code;
  const words = plain === undefined ? undefined : String(plain);
  return { diagnostic, message, severity, source, code: words, line: range.start.line };
}

const othersAt = (uri: vscode.Uri): Fault[] =>
  vscode.languages
    .getDiagnostics(uri)
    .filter(({ source }) => source !== SOURCE)
    .map(faultOf);

const told = (faults: readonly Fault[]): string =>
  faults.map(({ line, code, message }) => `${line} ${code ?? ""} ${message}`).join("\n");

export class BesideOthers implements vscode.Disposable {
  /** What the server said last of each document, whole: an answer "unchanged" stands for it. */
  private readonly said = new Map<string, vscode.Diagnostic[]>();
  private readonly heard = new Map<string, string>();
  private readonly subscription: vscode.Disposable;

  constructor(private readonly clients: () => readonly LanguageClient[]) {
    this.subscription = vscode.languages.onDidChangeDiagnostics(({ uris }) => this.listen(uris));
  }

  readonly provideDiagnostics: NonNullable<Middleware["provideDiagnostics"]> = async (
    document,
    previous,
    token,
    next,
  ) => {
    const report = await next(document, previous, token);
    const uri = document instanceof vscode.Uri ? document : document.uri;
    if (!report) {
      return report;
    }
    if ("items" in report) {
      this.said.set(uri.toString(), report.items);
    }
    const own = this.said.get(uri.toString()) ?? [];
    const others = othersAt(uri);
    this.heard.set(uri.toString(), told(others));
    const items = withoutSame(own.map(faultOf), others).map(({ diagnostic }) => diagnostic);
    return "items" in report ? { ...report, items } : { ...FULL, resultId: report.resultId, items };
  };

  /** Others say something else now, so what of ours is shown may be something else. */
  private listen(uris: readonly vscode.Uri[]): void {
    const isNews = (uri: vscode.Uri): boolean => {
      const key = uri.toString();
      return (this.said.get(key)?.length ?? 0) > 0 && told(othersAt(uri)) !== this.heard.get(key);
    };
    if (uris.some(isNews)) {
      const features = this.clients().map((client) => client.getFeature(DocumentDiagnosticRequest.method));
      for (const document of vscode.workspace.textDocuments) {
        for (const feature of features) {
          feature?.getProvider(document)?.onDidChangeDiagnosticsEmitter.fire();
        }
      }
    }
  }

  dispose(): void {
    this.subscription.dispose();
  }
}

// The enumeration that it is of is a type only.
const FULL = { kind: "full" } as { kind: never };
