// The client of one server process: what it is told at the start, what it tells.
import * as vscode from "vscode";
import {
  CloseAction,
  ErrorAction,
  type ErrorHandler,
  type LanguageClient,
  type LanguageClientOptions,
  RevealOutputChannelOn,
  type ServerOptions,
  State,
} from "vscode-languageclient/node";
import type { BesideOthers } from "./besideOthers";
import type { Previews } from "./preview";
import type { Regions } from "./regions";
import { RestartBudget } from "./restartBudget";
import { ServerClient } from "./serverClient";
import type { ServerCommands } from "./serverCommands";
import { TOLD } from "./startSettings";
import { withoutFunctions } from "./symbols";
import type { TuneProgress } from "./tuneProgress";
import type { Progress, TunePanels } from "./tuning/panel";

const PYTHON_SERVERS = [
  "ms-python.vscode-pylance",
  "detachhead.basedpyright",
  "ms-pyright.pyright",
  "astral-sh.ty",
  "meta.pyrefly",
];

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

/** What is the same for every server, and hears from each. */
export interface Parts {
  readonly previews: Previews;
  readonly regions: Regions;
  readonly panels: TunePanels;
  readonly beside: BesideOthers;
  readonly commands: ServerCommands;
}

/** A client that is not started yet. */
export function createClient(
  python: string,
  folders: readonly string[],
  output: vscode.OutputChannel,
  tunings: TuneProgress,
  tell: (state: string, message: string) => void,
  { previews, regions, panels, beside, commands }: Parts,
): LanguageClient {
  const settings = vscode.workspace.getConfiguration("helion");
  const hasPythonServer = PYTHON_SERVERS.some((id) => vscode.extensions.getExtension(id));
  const [cwd] = folders;
  // -P: the server's folder is the workspace, whose files must not stand in for the server's own modules.
  const server: ServerOptions = { command: python, args: ["-P", "-m", "helion_lsp"], options: { cwd } };
  const options: LanguageClientOptions = {
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
    },
  };
  const client = new ServerClient(server, options, folders);
  client.onDidChangeState(({ newState }) => {
    if (newState === State.Running) {
      commands.offer(client.initializeResult?.capabilities.executeCommandProvider?.commands ?? []);
    }
  });
  client.onNotification("helion/status", ({ state, message }: { state: string; message: string }) =>
    tell(state, message),
  );
  client.onNotification("helion/previewChanged", ({ uri }: { uri: string }) => {
    previews.refresh(uri);
    regions.refresh(uri);
    panels.refresh(uri);
  });
  client.onNotification("helion/tuningProgress", (progress: Progress) => panels.heard(progress));
  return client;
}
