// Which settings a server is started with: it takes them at no other time, so that a change of one of them restarts it.

/** What the server is told of the settings; it knows no `workspace/didChangeConfiguration`. */
export const TOLD = [
  "target",
  "tuneBudget",
  "tuneHost",
  "tunePython",
  "inlayHints",
  "decisions",
  "semanticTokens",
] as const;

/** Whether a change touches what the server was started with, its interpreter included. */
export function touchesStart(affects: (setting: string) => boolean): boolean {
  return ["interpreter", ...TOLD].some((name) => affects(`helion.${name}`));
}
