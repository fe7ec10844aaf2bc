// The folders of a workspace in, which interpreter serves which of them out: one server for each; knows no VS Code.
import { describe, type Examined, type Found, isWithin } from "./python";

/** Folders that one interpreter serves, or that none does. */
export interface Served extends Found {
  readonly folders: readonly string[];
}

/** A folder inside another one goes with that: a server is told its folders as patterns, which cannot leave out a part. */
function outermost(folder: string, folders: readonly string[]): string {
  const around = folders.filter((other) => isWithin(other, folder));
  return around.reduce((shortest, other) => (other.length < shortest.length ? other : shortest), folder);
}

/** In the order of the folders, those with the same interpreter together, and those that lack one for the same reasons. */
export async function served(
  folders: readonly string[],
  find: (folder: string) => Promise<Found>,
): Promise<readonly Served[]> {
  const heads = [...new Set(folders.map((folder) => outermost(folder, folders)))];
  const found = new Map(await Promise.all(heads.map(async (head) => [head, await find(head)] as const)));
  const groups = new Map<string, Served>();
  for (const folder of folders) {
    const own = found.get(outermost(folder, folders));
    if (own) {
      const key = own.python ?? own.refused.map(describe).join("\n");
      const before = groups.get(key);
      groups.set(key, { ...(before ?? own), folders: [...(before?.folders ?? []), folder] });
    }
  }
  return [...groups.values()];
}

/** Whether a server that was started for the one can go on for the other. */
export function isSame(one: Served, other: Served): boolean {
  return one.python === other.python && one.folders.join("\n") === other.folders.join("\n");
}

/** Who serves a file: its folder's; the first, where it stands in none. */
export function servedBy<T extends { readonly folders: readonly string[] }>(
  among: readonly T[],
  path: string,
): T | undefined {
  return among.find(({ folders }) => folders.some((folder) => isWithin(folder, path))) ?? among[0];
}

/** An interpreter is asked once, whichever folders it may be for. */
export function once(look: (python: string) => Promise<Examined>): (python: string) => Promise<Examined> {
  const asked = new Map<string, Promise<Examined>>();
  return (python) => {
    const answer = asked.get(python) ?? look(python);
    asked.set(python, answer);
    return answer;
  };
}
