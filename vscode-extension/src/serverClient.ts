// A language client that may be one of several: it serves its folders alone, and leaves the server's commands to whoever knows them all.
import * as vscode from "vscode";
import {
  type DocumentSelector,
  type DynamicFeature,
  ExecuteCommandRequest,
  type InitializeParams,
  LanguageClient,
  type LanguageClientOptions,
  type ServerOptions,
  type StaticFeature,
} from "vscode-languageclient/node";

/** Every Python file where one server serves all; else those of its folders, for a file has one server. */
function selectorOf(folders: readonly string[]): DocumentSelector {
  const python = { language: "python", scheme: "file" };
  const isAll = (vscode.workspace.workspaceFolders ?? []).every(({ uri }) => folders.includes(uri.fsPath));
  return isAll ? [python] : folders.map((folder) => ({ ...python, pattern: `${escaped(folder)}/**/*` }));
}

/** A folder's name may have what means something in a pattern. */
const escaped = (folder: string): string => folder.replaceAll("\\", "/").replace(/[[\]{}*?]/g, "[$&]");

export class ServerClient extends LanguageClient {
  constructor(
    server: ServerOptions,
    options: LanguageClientOptions,
    private readonly folders: readonly string[],
  ) {
    super("helion", "Helion", server, { ...options, documentSelector: selectorOf(folders) });
  }

  /** The features of the client that are not ours: VS Code has one command of a name, and the folders are told below. */
  override registerFeature(feature: StaticFeature | DynamicFeature<unknown>): void {
    const method = "registrationType" in feature ? feature.registrationType.method : undefined;
    if (method !== ExecuteCommandRequest.method && method !== "workspace/didChangeWorkspaceFolders") {
      super.registerFeature(feature);
    }
  }

  protected override fillInitializeParams(params: InitializeParams): void {
    super.fillInitializeParams(params);
    const own = (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => this.folders.includes(uri.fsPath));
    params.workspaceFolders = own.map(({ uri, name }) => ({ uri: uri.toString(), name }));
  }
}
