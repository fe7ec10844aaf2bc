// Bundles the extension and the page of its panel, or with --tests the unit tests, which need no VS Code.
import * as esbuild from "esbuild";
import { readdirSync } from "node:fs";

const node = { bundle: true, platform: "node", target: "node20", format: "cjs", external: ["vscode"] };
if (process.argv.includes("--tests")) {
  const entryPoints = readdirSync("test").map((name) => `test/${name}`);
  await esbuild.build({ ...node, entryPoints, outdir: "dist-test" });
} else {
  await esbuild.build({ ...node, entryPoints: ["src/extension.ts"], outdir: "dist", minify: true });
  await esbuild.build({
    entryPoints: ["webview/tuning.ts"],
    outdir: "dist",
    bundle: true,
    minify: true,
    target: "chrome120",
    format: "iife",
  });
}
