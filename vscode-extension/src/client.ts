// The client of one server process: what it is told at the start, what it tells, and which commands are done on this side.
import * as vscode from "vscode";
import {
  CloseAction,
  ErrorAction,
  type ErrorHandler,
  LanguageClient,
  type LanguageClientOptions,
  RevealOutputChannelOn,
  type ServerOptions,
} from "vscode-languageclient/node";
import type { BesideOthers } from "./besideOthers";
import type { Previews } from "./preview";
import type { Regions } from "./regions";
import { RestartBudget } from "./restartBudget";
import { DEBUG, run, RUN } from "./runs";
import { askForSignature } from "./signatures";
import { TOLD } from "./startSettings";
import type { Status } from "./status";
import { withoutFunctions } from "./symbols";
import type { TuneProgress } from "./tuneProgress";
import { type Progress, SHOW_TUNING, type TunePanels } from "./tuning/panel";

const PYTHON_SERVERS = [
  "ms-python.vscode-pylance",
  "detachhead.basedpyright",
  "ms-pyright.pyright",
  "astral-sh.ty",
  "meta.pyrefly",
];

interface TuneAnswer {
  locked: boolean;
  message: string;
}

const SHOW = "Show Tuning";

async function offerPanel(told: Thenable<string | undefined>, uri: string, kernel: string): Promise<void> {
  if ((await told) === SHOW) {
    await vscode.commands.executeCommand(SHOW_TUNING, uri, kernel);
  }
}

/** Said for a while, and kept in the output. */
function tellOutcome(output: vscode.OutputChannel, uri: string, kernel: string, answer: TuneAnswer | undefined): void {
  if (!answer) {
    return;
  }
  output.appendLine(`tuning ${kernel}: ${answer.message}`);
  if (answer.locked) {
    vscode.window.setStatusBarMessage(`${kernel}: ${answer.message}`, 10_000);
    void offerPanel(vscode.window.showInformationMessage(`${kernel}: ${answer.message}`, SHOW), uri, kernel);
  } else if (answer.message !== "cancelled") {
    const words = `${kernel} was not locked: ${answer.message}`;
    void offerPanel(vscode.window.showWarningMessage(words, SHOW), uri, kernel);
  }
}

/** A server that ended is started again. A failed write is the same end seen from the other side, and no reason to give up. */
function startingAgain(): ErrorHandler {
  const budget = new RestartBudget();
  return {
    error: () => ({ action: ErrorAction.Continue, handled: true }),
    closed: () => ({
      action: budget.allows(Date.now()) ? CloseAction.Restart : CloseAction.DoNotRestart,
      handled: true,
    }),
  };
}

/** A client that is not started yet. */
export function createClient(
  python: string,
  output: vscode.OutputChannel,
  status: Status,
  previews: Previews,
  tunings: TuneProgress,
  regions: Regions,
  panels: TunePanels,
  beside: BesideOthers,
): LanguageClient {
  const settings = vscode.workspace.getConfiguration("helion");
  const hasPythonServer = PYTHON_SERVERS.some((id) => vscode.extensions.getExtension(id));
  // -P: the server's folder is the workspace, whose files must not stand in for the server's own modules.
  const server: ServerOptions = { command: python, args: ["-P", "-m", "helion_lsp"] };
  const options: LanguageClientOptions = {
    documentSelector: [{ language: "python", scheme: "file" }],
    outputChannel: output,
    // The status item tells; nobody wants a message for every request that was on its way.
    revealOutputChannelOn: RevealOutputChannelOn.Never,
    errorHandler: startingAgain(),
    initializationOptions: {
      trusted: vscode.workspace.isTrusted,
      ...Object.fromEntries(TOLD.map((name) => [name, settings.get(name)])),
      // What a Python language server offers and explains too would be there twice.
      completion: { members: !hasPythonServer },
      hover: { documentation: !hasPythonServer },
    },
    middleware: {
      provideDiagnostics: beside.provideDiagnostics,
      provideDocumentSymbols: async (document, token, next) => {
        const found = (await next(document, token)) ?? [];
        const symbols = found.filter((symbol) => symbol instanceof vscode.DocumentSymbol);
        return hasPythonServer ? withoutFunctions(symbols) : found;
      },
      handleWorkDoneProgress: (token, value, next) => tunings.handle(token, value, () => next(token, value)),
      executeCommand: async (command, args, next) => {
        const [uri, kernel, given] = args as [string, string, unknown];
        switch (command) {
          case "helion.tuneAndLock": {
            const answer = (await next(command, args)) as TuneAnswer | undefined;
            tellOutcome(output, uri, kernel, answer);
            return answer;
          }
          case "helion.showPreview":
            return previews.show({ uri, kernel, kind: given as string });
          case "helion.chooseSignature": {
            const signature = given === undefined ? await askForSignature(client, uri, kernel) : given;
            return signature === undefined ? undefined : (next(command, [uri, kernel, signature]) as Promise<unknown>);
          }
          case SHOW_TUNING:
            panels.show({ uri, kernel });
            return undefined;
          case RUN:
          case DEBUG:
            return run(client, command, uri, kernel);
          default:
            return next(command, args) as Promise<unknown>;
        }
      },
    },
  };
  const client = new LanguageClient("helion", "Helion", server, options);
  client.onNotification("helion/status", ({ state, message }: { state: string; message: string }) =>
    status.set(state, message),
  );
  client.onNotification("helion/previewChanged", ({ uri }: { uri: string }) => {
    previews.refresh(uri);
    regions.refresh(uri);
    panels.refresh(uri);
  });
  client.onNotification("helion/tuningProgress", (progress: Progress) => panels.heard(progress));
  return client;
}
