// Starts the server for the workspace and says in the status bar how it is.
import * as vscode from "vscode";
import { LanguageClient, type LanguageClientOptions, type ServerOptions } from "vscode-languageclient/node";
import type { Previews } from "./preview";
import { candidates, findPython } from "./python";
import type { TuneProgress } from "./tuneProgress";

const ICONS: Record<string, string> = {
  warming: "$(loading~spin)",
  ready: "$(check)",
  restarting: "$(sync~spin)",
  untrusted: "$(shield)",
};

interface TuneAnswer {
  locked: boolean;
  message: string;
}

function tellOutcome(kernel: string, answer: TuneAnswer | undefined): void {
  if (answer?.locked) {
    vscode.window.setStatusBarMessage(`${kernel}: ${answer.message}`, 10000);
  } else if (answer && answer.message !== "cancelled") {
    void vscode.window.showWarningMessage(`${kernel} was not locked: ${answer.message}`);
  }
}

async function fromPythonExtension(): Promise<string | undefined> {
  const extension = vscode.extensions.getExtension("ms-python.python");
  if (!extension) {
    return undefined;
  }
  const api: unknown = await extension.activate();
  const environments = (api as { environments?: { getActiveEnvironmentPath?: () => { path?: string } } }).environments;
  return environments?.getActiveEnvironmentPath?.().path;
}

async function offerSettings(problem: string): Promise<void> {
  const choice = "Set Interpreter";
  if ((await vscode.window.showWarningMessage(`Helion: ${problem}`, choice)) === choice) {
    await vscode.commands.executeCommand("workbench.action.openSettings", "helion.interpreter");
  }
}

export async function startClient(
  output: vscode.OutputChannel,
  status: vscode.StatusBarItem,
  previews: Previews,
  tunings: TuneProgress,
): Promise<LanguageClient | undefined> {
  const settings = vscode.workspace.getConfiguration("helion");
  // What stands in an untrusted workspace is not run, an interpreter least of all.
  const folders = vscode.workspace.isTrusted
    ? (vscode.workspace.workspaceFolders ?? []).map((folder) => folder.uri.fsPath)
    : [];
  const among = candidates(settings.get("interpreter", ""), await fromPythonExtension(), folders);
  const python = await findPython(among);
  status.show();
  if (!python) {
    status.text = "$(error) Helion";
    status.tooltip = `helion-toolkit is not installed in ${among.join(", ")}`;
    output.appendLine(
      `${status.tooltip}. Install it there: pip install 'helion-toolkit[lsp,codemods]', or set helion.interpreter.`,
    );
    void offerSettings(status.tooltip);
    return undefined;
  }
  // -P: the server's folder is the workspace, whose files must not stand in for the server's own modules.
  const server: ServerOptions = { command: python, args: ["-P", "-m", "helion_lsp"] };
  const options: LanguageClientOptions = {
    documentSelector: [{ language: "python", scheme: "file" }],
    outputChannel: output,
    initializationOptions: {
      trusted: vscode.workspace.isTrusted,
      target: settings.get("target"),
      tuneBudget: settings.get("tuneBudget"),
      inlayHints: settings.get("inlayHints"),
    },
    middleware: {
      handleWorkDoneProgress: (token, value, next) => tunings.handle(token, value, () => next(token, value)),
      executeCommand: async (command, args, next) => {
        if (command === "helion.tuneAndLock") {
          const answer = (await next(command, args)) as TuneAnswer | undefined;
          tellOutcome(args[1] as string, answer);
          return answer;
        }
        if (command !== "helion.showPreview") {
          return next(command, args) as Promise<unknown>;
        }
        const [uri, kernel, kind] = args as [string, string, string];
        return previews.show({ uri, kernel, kind });
      },
    },
  };
  const client = new LanguageClient("helion", "Helion", server, options);
  client.onNotification("helion/status", (params: { state: string; message: string }) => {
    status.text = `${ICONS[params.state] ?? "$(warning)"} Helion`;
    status.tooltip = params.message || `Helion: ${params.state} (${python})`;
  });
  client.onNotification("helion/previewChanged", (params: { uri: string }) => previews.refresh(params.uri));
  await client.start();
  return client;
}
