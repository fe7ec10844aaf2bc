// Which editor a command is about: the active one, or, where that is none of ours (a walkthrough, the output), the last one that was.
import type { TextDocument } from "vscode";

interface Editor {
  readonly document: Pick<TextDocument, "languageId" | "isClosed">;
}

/** The first that is open still and holds Python, or is a preview: the active one, the one that was last active, any in view. */
export function editorToActOn<E extends Editor>(
  active: E | undefined,
  recent: E | undefined,
  visible: readonly E[],
  isPreview: (editor: E) => boolean,
): E | undefined {
  return [active, recent, ...visible].find(
    (editor) =>
      editor !== undefined &&
      !editor.document.isClosed &&
      (editor.document.languageId === "python" || isPreview(editor)),
  );
}
