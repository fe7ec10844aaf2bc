// Which processes below a given one are the toolkit's language server, and which VS Code's extension host.
import { readdirSync, readFileSync } from "node:fs";

export function languageServers(root: number): number[] {
  return below(root, (words) => words.some((word, at) => word === "-m" && words[at + 1] === "helion_lsp"));
}

/** The words that a process was started with. */
export function commandOf(id: number): string {
  return readFileSync(`/proc/${id}/cmdline`, "utf8").replaceAll("\0", " ");
}

export function extensionHosts(root: number): number[] {
  return below(root, (words) => words.includes("--type=extensionHost"));
}

/** The process ids of what a process has started, itself or through others, whose command's words are wanted; Linux only. */
function below(root: number, isWanted: (words: readonly string[]) => boolean): number[] {
  const ids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const parents = new Map<number, number>();
  const commands = new Map<number, string[]>();
  for (const id of ids.map(Number)) {
    try {
      const state = readFileSync(`/proc/${id}/stat`, "utf8");
      parents.set(id, Number(state.slice(state.lastIndexOf(")") + 2).split(" ")[1]));
      commands.set(id, readFileSync(`/proc/${id}/cmdline`, "utf8").split("\0"));
    } catch {
      // It ended while we looked.
    }
  }
  const isBelow = (id: number | undefined): boolean => id !== undefined && (id === root || isBelow(parents.get(id)));
  return [...commands].filter(([id, words]) => isWanted(words) && isBelow(id)).map(([id]) => id);
}
