// Which Python has the toolkit: the setting, the Python extension's, the workspace's .venv, python3; the first that can import it.
import { execFile } from "node:child_process";

/** The candidates in order, without those that are empty. */
export function candidates(setting: string, fromExtension: string | undefined, folders: readonly string[]): string[] {
  if (setting) {
    return [setting];
  }
  const environments = folders.map((folder) =>
    process.platform === "win32" ? `${folder}\\.venv\\Scripts\\python.exe` : `${folder}/.venv/bin/python`,
  );
  return [...(fromExtension ? [fromExtension] : []), ...environments, "python3"];
}

/** Whether an interpreter can start the server. */
export function hasToolkit(python: string): Promise<boolean> {
  const code =
    "import importlib.util as u, sys; sys.exit(any(u.find_spec(n) is None for n in ('helion_lsp', 'pygls', 'libcst')))";
  return new Promise((resolve) => execFile(python, ["-c", code], { timeout: 20000 }, (error) => resolve(!error)));
}

/** The first candidate that has the toolkit. */
export async function findPython(among: readonly string[]): Promise<string | undefined> {
  for (const python of among) {
    if (await hasToolkit(python)) {
      return python;
    }
  }
  return undefined;
}
