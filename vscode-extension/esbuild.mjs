// Bundles the extension, or with --tests the unit tests, which need no VS Code.
import * as esbuild from "esbuild";
import { readdirSync } from "node:fs";

const tests = process.argv.includes("--tests");
await esbuild.build({
  entryPoints: tests ? readdirSync("test").map((name) => `test/${name}`) : ["src/extension.ts"],
  outdir: tests ? "dist-test" : "dist",
  bundle: true,
  minify: !tests,
  platform: "node",
  target: "node20",
  format: "cjs",
  external: ["vscode"],
});
