// Starts the servers; bundled with the language client when it is packed.
const vscode = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

exports.activate = async (context) => {
    const lines = vscode.workspace.getConfiguration("stub").get("servers", []);
    const clients = lines.map(([command, ...args], number) => {
        const options = { documentSelector: [{ language: "python", scheme: "file" }] };
        return new LanguageClient(`python-server-${number}`, `Python server ${number}`, { command, args }, options);
    });
    context.subscriptions.push(...clients);
    await Promise.all(clients.map((client) => client.start()));
};
