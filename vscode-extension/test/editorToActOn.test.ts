import assert from "node:assert/strict";
import { test } from "node:test";
import { editorToActOn } from "../src/editorToActOn";

const editor = (name: string, languageId = "python", isClosed = false) => ({
  name,
  document: { languageId, isClosed },
});
const isPreview = ({ name }: { name: string }): boolean => name === "preview";
const [one, other, output] = [editor("one"), editor("other"), editor("output", "Log")];

test("the active editor is acted on, a preview too", () => {
  assert.equal(editorToActOn(one, other, [other], isPreview), one);
  const preview = editor("preview", "plaintext");
  assert.equal(editorToActOn(preview, one, [one], isPreview), preview);
});

test("without one, or with one of something else, the Python editor that was last active, then one in view", () => {
  assert.equal(editorToActOn(undefined, one, [other], isPreview), one);
  assert.equal(editorToActOn(output, one, [output, other], isPreview), one);
  assert.equal(editorToActOn(undefined, undefined, [output, other], isPreview), other);
  assert.equal(editorToActOn(undefined, editor("gone", "python", true), [other], isPreview), other);
  assert.equal(editorToActOn(undefined, undefined, [output], isPreview), undefined);
});
