import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { touchesStart } from "../src/startSettings";

const README = readFileSync("README.md", "utf8");
const { contributes } = JSON.parse(readFileSync("package.json", "utf8")) as {
  contributes: {
    commands: { command: string; title: string; category: string }[];
    configuration: { properties: Record<string, unknown> };
    menus: { commandPalette: { command: string; when: string }[] };
  };
};

test("the README names every command that the palette has", () => {
  const hidden = new Set(
    contributes.menus.commandPalette.filter((entry) => entry.when === "false").map((entry) => entry.command),
  );
  const shown = contributes.commands.filter((command) => !hidden.has(command.command));
  const missing = shown
    .map((command) => `${command.category}: ${command.title}`)
    .filter((title) => !README.includes(`| ${title} `));
  assert.deepEqual(missing, []);
});

test("the README names every setting", () => {
  const missing = Object.keys(contributes.configuration.properties).filter(
    (name) => !README.includes(`| \`${name}\` `),
  );
  assert.deepEqual(missing, []);
});

test("a change restarts the server only where it is taken at no other time", () => {
  const all = Object.keys(contributes.configuration.properties);
  // As VS Code says it: of a setting and of every group that it is in.
  const restarts = (changed: string): boolean => touchesStart((name) => `${changed}.`.startsWith(`${name}.`));
  assert.deepEqual(
    all.filter((name) => restarts(name)),
    ["helion.interpreter", "helion.semanticTokens"],
  );
});
