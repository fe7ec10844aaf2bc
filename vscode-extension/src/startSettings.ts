// Which settings the server is told at the start, and which it takes at no other time, so that a change of one of them restarts it.

/** What the server is told; of the changes of the rest it is told by `workspace/didChangeConfiguration`. */
export const TOLD = [
  "target",
  "tuneBudget",
  "tuneHost",
  "tunePython",
  "inlayHints",
  "decisions",
  "semanticTokens",
] as const;
/** The interpreter is the server's own, and what a server offers it says once. */
const AT_START = ["interpreter", "semanticTokens"] as const;

export function touchesStart(affects: (setting: string) => boolean): boolean {
  return AT_START.some((name) => affects(`helion.${name}`));
}
