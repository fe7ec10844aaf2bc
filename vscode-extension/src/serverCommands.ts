// The servers' commands as VS Code's, once for all servers: each goes to the server of the file that it names; some are done on this side.
import * as vscode from "vscode";
import { ExecuteCommandRequest, type LanguageClient } from "vscode-languageclient/node";
import type { Previews } from "./preview";
import { DEBUG, run, RUN } from "./runs";
import { askForSignature } from "./signatures";
import { SHOW_TUNING, type TunePanels } from "./tuning/panel";

interface TuneAnswer {
  locked: boolean;
  message: string;
}

const SHOW = "Show Tuning";
/** Offered before there is a server: the palette names it. */
const TOGGLE_DECISIONS = "helion.toggleDecisions";

export class ServerCommands implements vscode.Disposable {
  private readonly known = new Map<string, vscode.Disposable>();

  constructor(
    private readonly running: (uri: vscode.Uri) => Promise<LanguageClient | undefined>,
    private readonly output: vscode.OutputChannel,
    private readonly previews: Previews,
    private readonly panels: TunePanels,
  ) {
    this.offer([TOGGLE_DECISIONS]);
  }

  /** What a server can do; another one may have said so before. */
  offer(names: readonly string[]): void {
    for (const name of names.filter((one) => !this.known.has(one))) {
      const act = (...given: unknown[]): Promise<unknown> => this.execute(name, given);
      this.known.set(name, vscode.commands.registerCommand(name, act));
    }
  }

  private async execute(command: string, given: readonly unknown[]): Promise<unknown> {
    const [named, kernel, third] = given as [string | undefined, string, unknown];
    const uri = named === undefined ? vscode.window.activeTextEditor?.document.uri : vscode.Uri.parse(named);
    const client = uri && (await this.running(uri));
    if (!uri || !client) {
      void vscode.window.showInformationMessage("Helion: the language server does not run; its status says why.");
      return undefined;
    }
    const ask = (...args: readonly unknown[]): Promise<unknown> =>
      client
        .sendRequest(ExecuteCommandRequest.type, { command, arguments: [...args] })
        .catch((problem: unknown) =>
          client.handleFailedRequest(ExecuteCommandRequest.type, undefined, problem, undefined),
        );
    const address = named ?? uri.toString();
    switch (command) {
      case "helion.tuneAndLock": {
        const answer = (await ask(...given)) as TuneAnswer | undefined;
        this.tellOutcome(address, kernel, answer);
        return answer;
      }
      case "helion.showPreview":
        return this.previews.show({ uri: address, kernel, kind: third as string });
      case "helion.chooseSignature": {
        const signature = third === undefined ? await askForSignature(client, address, kernel) : third;
        return signature === undefined ? undefined : ask(address, kernel, signature);
      }
      case SHOW_TUNING:
        this.panels.show({ uri: address, kernel });
        return undefined;
      case RUN:
      case DEBUG:
        return run(client, command, address, kernel);
      default:
        return ask(...given);
    }
  }

  /** Said for a while, and kept in the output. */
  private tellOutcome(uri: string, kernel: string, answer: TuneAnswer | undefined): void {
    if (!answer) {
      return;
    }
    this.output.appendLine(`tuning ${kernel}: ${answer.message}`);
    if (answer.locked) {
      vscode.window.setStatusBarMessage(`${kernel}: ${answer.message}`, 10_000);
      void offerPanel(vscode.window.showInformationMessage(`${kernel}: ${answer.message}`, SHOW), uri, kernel);
    } else if (answer.message !== "cancelled") {
      const words = `${kernel} was not locked: ${answer.message}`;
      void offerPanel(vscode.window.showWarningMessage(words, SHOW), uri, kernel);
    }
  }

  dispose(): void {
    vscode.Disposable.from(...this.known.values()).dispose();
  }
}

async function offerPanel(told: Thenable<string | undefined>, uri: string, kernel: string): Promise<void> {
  if ((await told) === SHOW) {
    await vscode.commands.executeCommand(SHOW_TUNING, uri, kernel);
  }
}
