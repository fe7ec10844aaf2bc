// The signature that hovers and previews of a kernel speak of: picked from what the server found, or written.
import * as vscode from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";

/** `notation` is null for what the text says. */
interface Signature {
  origin: string;
  notation: string | null;
  label: string;
  chosen: boolean;
}

interface Choice extends vscode.QuickPickItem {
  readonly notation: string | null | undefined;
}

const choiceOf = ({ origin, notation, label, chosen }: Signature): Choice => ({
  label: `${chosen ? "$(check) " : ""}${notation ?? label}`,
  description: origin,
  notation,
});

/** What the user chose: a notation, null for the text alone, undefined for nothing. */
export async function askForSignature(
  client: LanguageClient,
  uri: string,
  kernel: string,
): Promise<string | null | undefined> {
  // Opens at once, and fills when the answer is there: a server that has just been started loads the compiler first.
  const found = client.sendRequest<Signature[]>("helion/signatures", { uri, kernel });
  const written: Choice = { label: "$(edit) Write a signature…", notation: undefined };
  const choices = found.then((signatures) => [...signatures.map(choiceOf), written]);
  const picked = await vscode.window.showQuickPick(choices, {
    title: `Look at ${kernel} with which arguments?`,
    matchOnDescription: true,
  });
  if (picked !== written) {
    return picked?.notation;
  }
  return vscode.window.showInputBox({
    title: `Arguments of ${kernel}`,
    prompt: "Dtypes and sizes, such as bf16[4096,4096], bf16[4096,4096]",
    value: (await found).find(({ chosen }) => chosen)?.notation ?? "",
  });
}
