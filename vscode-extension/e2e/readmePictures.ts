// readmePictures.ts OUT: cuts the pictures of the README and of the site out of those that the tests took, in as few colours as they need.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import UPNG from "upng-js";

const COLOURS = 64;
/** `[picture, left, top, width, height]` in pixels of the window; what only the site shows would make the package larger. */
const CUTS = [
  ["hover-dark", 56, 240, 1040, 420],
  ["diagnostic-dark", 56, 240, 1150, 400],
  ["preview-light", 56, 40, 1380, 700],
  ["manual/preview-dark", 56, 40, 1380, 700],
  ["locked-dark", 56, 240, 660, 470],
  ["panel-running-dark", 746, 70, 686, 516],
  ["panel-dark", 746, 438, 686, 424],
] as const;

const [out] = process.argv.slice(2);
assert.ok(out, "usage: readmePictures.ts OUT");
const images = join(import.meta.dirname, "../images");
mkdirSync(join(images, "manual"), { recursive: true });
for (const [name, left, top, width, height] of CUTS) {
  const picture = UPNG.decode(new Uint8Array(readFileSync(join(out, `${basename(name)}.png`))).buffer);
  const pixels = new Uint8Array(UPNG.toRGBA8(picture)[0] ?? new ArrayBuffer(0));
  const cut = new Uint8Array(width * height * 4);
  for (let row = 0; row < height; row++) {
    const start = ((top + row) * picture.width + left) * 4;
    cut.set(pixels.subarray(start, start + width * 4), row * width * 4);
  }
  writeFileSync(join(images, `${name}.png`), new Uint8Array(UPNG.encode([cut.buffer], width, height, COLOURS)));
}
