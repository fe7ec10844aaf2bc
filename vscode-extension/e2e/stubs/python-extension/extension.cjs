const vscode = require("vscode");

/** The API of the Python extension that names the chosen interpreter; its command chooses the next one. */
exports.activate = (context) => {
    const chosen = new vscode.EventEmitter();
    const interpreters = vscode.workspace.getConfiguration("stub").get("interpreters");
    let index = 0;
    const next = () => {
        index = (index + 1) % interpreters.length;
        chosen.fire({ path: interpreters[index] });
    };
    context.subscriptions.push(chosen, vscode.commands.registerCommand("python.setInterpreter", next));
    return {
        environments: {
            getActiveEnvironmentPath: () => ({ path: interpreters[index] }),
            onDidChangeActiveEnvironmentPath: chosen.event,
        },
    };
};
