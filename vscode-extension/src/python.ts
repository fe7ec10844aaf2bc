// Which Python has the toolkit: the setting, the Python extension's, the workspace's .venv, python3; the first that can start the server.
import { execFile } from "node:child_process";
import { accessSync, constants, realpathSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";

/** Said beside the button, and where its pip found nothing. */
export const FROM_CHECKOUT =
  "Until it is published: run that Python's pip install -e '.[all]' in a checkout, or name the checkout in helion.package.";
const OLDEST = [3, 11] as const;
const SYSTEM = "python3";
const ENVIRONMENT = ".venv";
const NEEDED = ["helion", "helion_lsp", "pygls", "libcst"];

/** What was found of an interpreter: it can start the server, or why not. */
export type Examined =
  | { readonly python: string; readonly state: "ready" }
  | { readonly python: string; readonly state: "no-toolkit"; readonly missing: readonly string[] }
  | { readonly python: string; readonly state: "too-old"; readonly version: string }
  | { readonly python: string; readonly state: "unusable"; readonly reason: string }
  | { readonly python: string; readonly state: "untrusted" };

/** The candidates in order, without repetitions. A setting is the only one when it is given. */
export function candidates(setting: string, fromExtension: string | undefined, folders: readonly string[]): string[] {
  if (setting) {
    return [setting];
  }
  const environments = folders.map((folder) => pythonOf(join(folder, ENVIRONMENT)));
  return [...new Set([...(fromExtension ? [fromExtension] : []), ...environments, SYSTEM])];
}

function pythonOf(environment: string): string {
  return process.platform === "win32" ? join(environment, "Scripts", "python.exe") : join(environment, "bin", "python");
}

/** Asks an interpreter what it has, importing none of it. */
export function examine(python: string): Promise<Examined> {
  const code = `import importlib.util as u, json, sys
print(json.dumps([list(sys.version_info[:3]), [n for n in ${JSON.stringify(NEEDED)} if u.find_spec(n) is None]]))`;
  return new Promise((resolve) => {
    // At home: nothing of the workspace is in the interpreter's path.
    execFile(python, ["-c", code], { timeout: 30_000, cwd: homedir() }, (error, stdout) => {
      resolve(error ? { python, state: "unusable", reason: error.message } : judge(python, stdout));
    });
  });
}

/** The same for folders that are not trusted: what stands in them is not run. */
export function examineOutside(folders: readonly string[], look: typeof examine = examine): typeof examine {
  return (python) => (isInside(python, folders) ? Promise.resolve({ python, state: "untrusted" }) : look(python));
}

/** By its name, by where its folder is and by where it is itself: an environment's interpreter is a link to one elsewhere. */
function isInside(python: string, folders: readonly string[]): boolean {
  const paths = /[\\/]/.test(python) ? folders.map((folder) => resolve(folder, python)) : onPath(python);
  const places = paths.flatMap((path) => [path, real(path), real(dirname(path))]);
  return folders.some((folder) => [folder, real(folder)].some((root) => places.some((place) => isWithin(root, place))));
}

/** Whether a path is a folder, or is in it. */
export function isWithin(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/** The one that a name without a folder stands for: an environment of the workspace may be active where VS Code was started. */
function onPath(name: string): string[] {
  const names = process.platform === "win32" ? [`${name}.exe`, name] : [name];
  const paths = (process.env.PATH ?? "").split(delimiter).flatMap((folder) => names.map((one) => join(folder, one)));
  return paths.filter(isExecutable).slice(0, 1);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function real(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    return path;
  }
}

/** What an interpreter's answer means. */
export function judge(python: string, answer: string): Examined {
  let found: unknown;
  try {
    found = JSON.parse(answer);
  } catch {
    return { python, state: "unusable", reason: `it answered ${JSON.stringify(answer)}` };
  }
  const [version, missing] = found as [[number, number, number], string[]];
  if (version[0] < OLDEST[0] || (version[0] === OLDEST[0] && version[1] < OLDEST[1])) {
    return { python, state: "too-old", version: version.join(".") };
  }
  return missing.length > 0 ? { python, state: "no-toolkit", missing } : { python, state: "ready" };
}

export interface Found {
  /** The interpreter to use, if there is one. */
  readonly python: string | undefined;
  /** Those that come before it and cannot be used. */
  readonly refused: readonly Examined[];
}

/** The first candidate that can start the server. */
export async function findPython(among: readonly string[], look: typeof examine = examine): Promise<Found> {
  const refused: Examined[] = [];
  for (const python of among) {
    const examined = await look(python);
    if (examined.state === "ready") {
      return { python, refused };
    }
    refused.push(examined);
  }
  return { python: undefined, refused };
}

/** Commands that install the toolkit, each once the one before succeeded; and what is said of it before. */
export interface Installation {
  readonly words: string;
  readonly choice: string;
  readonly commands: readonly (readonly [program: string, ...args: string[]])[];
}

/** Into the first that lacks nothing else. The system's Python is left alone, as it often demands: the first folder gets a `.venv`. */
export function installation(
  refused: readonly Examined[],
  folders: readonly string[],
  requirement: string,
): Installation | undefined {
  const lacking = refused.filter(({ state }) => state === "no-toolkit").map(({ python }) => python);
  const [into] = [...lacking.filter((python) => python !== SYSTEM), ...lacking];
  const [folder] = folders;
  if (into === SYSTEM && folder !== undefined) {
    const environment = join(folder, ENVIRONMENT);
    return {
      words: `no Python with helion-toolkit was found for ${folder}. ${FROM_CHECKOUT}`,
      choice: `Create ${ENVIRONMENT} and Install`,
      commands: [
        [SYSTEM, "-m", "venv", environment],
        [pythonOf(environment), "-m", "pip", "install", requirement],
      ],
    };
  }
  return into === undefined
    ? undefined
    : {
        words: `helion-toolkit is not installed in ${into}. ${FROM_CHECKOUT}`,
        choice: "Install",
        commands: [[into, "-m", "pip", "install", requirement]],
      };
}

/** Why an interpreter is not used, in words. */
export function describe(examined: Examined): string {
  switch (examined.state) {
    case "ready":
      return `${examined.python} has helion-toolkit`;
    case "no-toolkit":
      return `${examined.python} has no helion-toolkit (missing: ${examined.missing.join(", ")})`;
    case "too-old":
      return `${examined.python} is Python ${examined.version}; ${OLDEST.join(".")} or newer is needed`;
    case "unusable":
      return `${examined.python} cannot be run: ${examined.reason.trim()}`;
    case "untrusted":
      return `${examined.python} lies in the workspace, which is not trusted`;
  }
}
