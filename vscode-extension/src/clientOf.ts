// The way to the server of a file: what is shown of a file asks the one that serves its folder.
import type { Uri } from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";

/** None where its server was not started; the client may not run. */
export type ClientOf = (uri: Uri) => LanguageClient | undefined;
