// Our diagnostics and other servers' in, those of ours that nobody else gives out; knows no VS Code.

export interface Fault {
  readonly message: string;
  readonly severity: number;
  readonly source?: string;
  readonly code?: string;
  readonly line: number;
}

/** What a Python language server sees as well; everything else of ours nobody else can know. */
const OF_PYTHON = new Set(["syntax-error", "undefined-name", "unknown-attribute", "call-mismatch"]);
const OURS = "helion";
/** VS Code's and the protocol's numbers differ; these are VS Code's. */
const LEAST_SEVERITY = 1;
const QUOTED = /["'`]([^"'`\s]+)["'`]/g;

/** Whether another server's diagnostic is about the same fault as one of ours. */
function isSame(own: Fault, other: Fault): boolean {
  if (other.source === OURS || other.severity > LEAST_SEVERITY || own.line !== other.line) {
    return false;
  }
  if (own.code === "syntax-error") {
    return other.code === undefined || /syntax/i.test(other.code);
  }
  const words = new Set(quoted(own.message));
  return quoted(other.message).some((word) => words.has(word));
}

const quoted = (message: string): string[] => [...message.matchAll(QUOTED)].map(([, word]) => word ?? "");

/** Ours without those that another server gives too. */
export function withoutSame<T extends Fault>(own: readonly T[], others: readonly Fault[]): T[] {
  return own.filter((fault) => !OF_PYTHON.has(fault.code ?? "") || !others.some((other) => isSame(fault, other)));
}
