// The config that a preview is for: the default, the decorator's, or one that somebody writes; and two of them side by side.
import * as vscode from "vscode";

const WRITTEN = "$(edit) Write a config…";
const CHOICES: readonly vscode.QuickPickItem[] = [
  { label: "default", description: "what runs before any tuning" },
  { label: "locked", description: "what the decorator says for this target" },
  { label: WRITTEN, description: "helion.Config(...) or JSON" },
];

/** A config by name or as text; undefined for nothing chosen. */
export async function askForConfig(title: string, value = ""): Promise<string | undefined> {
  const picked = await vscode.window.showQuickPick([...CHOICES], { title });
  if (picked?.label !== WRITTEN) {
    return picked?.label;
  }
  return vscode.window.showInputBox({
    title,
    value,
    prompt: "A config as Python or JSON, such as block_sizes=[64, 64], num_warps=8",
  });
}

/** The two configs of a comparison; undefined when one was not chosen. */
export async function askForTwoConfigs(kernel: string): Promise<[string, string] | undefined> {
  const left = await askForConfig(`${kernel}: left config`);
  const right = left === undefined ? undefined : await askForConfig(`${kernel}: right config`);
  return left === undefined || right === undefined ? undefined : [left, right];
}
