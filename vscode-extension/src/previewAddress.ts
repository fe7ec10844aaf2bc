// What a preview is of in, its document's address out, and back.
import * as vscode from "vscode";

export const SCHEME = "helion-preview";
const LONGEST = 40;

/** What a preview is of; `config` is a name or a text, the default's when left out. */
export interface Subject {
  readonly uri: string;
  readonly kernel: string;
  readonly kind: string;
  readonly config?: string;
  /** When it was kept as it was then. */
  readonly pinned?: string;
}

export function addressOf(subject: Subject): vscode.Uri {
  const { kernel, kind, config = "", pinned = "" } = subject;
  const short = config.length > LONGEST ? `${config.slice(0, LONGEST)}…` : config;
  // A slash would make the title a folder's.
  const title = [kernel, kind, short, pinned].filter((part) => part !== "").join(" · ");
  const path = `/${title.replaceAll("/", "∕")}`;
  return vscode.Uri.from({ scheme: SCHEME, path, query: JSON.stringify(subject) });
}

/** What a document is a preview of; undefined for any other document. */
export function subjectOf(uri: vscode.Uri): Subject | undefined {
  return uri.scheme === SCHEME ? (JSON.parse(uri.query) as Subject) : undefined;
}

/** What a preview is of that follows its source. */
export function liveSubject(uri: vscode.Uri): Subject | undefined {
  const subject = subjectOf(uri);
  return subject?.pinned === undefined ? subject : undefined;
}
