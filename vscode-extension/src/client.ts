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
import type { Previews } from "./preview";
import { RestartBudget } from "./restartBudget";
import type { Status } from "./status";
import type { TuneProgress } from "./tuneProgress";

interface TuneAnswer {
  locked: boolean;
  message: string;
}

function tellOutcome(kernel: string, answer: TuneAnswer | undefined): void {
  if (answer?.locked) {
    vscode.window.setStatusBarMessage(`${kernel}: ${answer.message}`, 10_000);
  } else if (answer && answer.message !== "cancelled") {
    void vscode.window.showWarningMessage(`${kernel} was not locked: ${answer.message}`);
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
): LanguageClient {
  const settings = vscode.workspace.getConfiguration("helion");
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
  client.onNotification("helion/status", ({ state, message }: { state: string; message: string }) =>
    status.set(state, message),
  );
  client.onNotification("helion/previewChanged", ({ uri }: { uri: string }) => previews.refresh(uri));
  return client;
}
