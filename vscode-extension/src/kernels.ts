// Which kernel a line belongs to, from the lines that the server's lenses stand at.

export interface KernelLine {
  readonly kernel: string;
  readonly line: number;
}

/** The kernel whose decorator, signature or body holds a line; the last one above it for the lines between kernels. */
export function kernelAt(
  kernels: readonly KernelLine[],
  textLines: readonly string[],
  line: number,
): string | undefined {
  const ordered = [...kernels].sort((a, b) => a.line - b.line);
  const next = ordered.find((candidate) => candidate.line > line);
  const above = ordered.filter((candidate) => candidate.line <= line).at(-1);
  if (next && decoratorLine(textLines, next.line, above?.line ?? -1) <= line) {
    return next.kernel;
  }
  return above?.kernel;
}

/** Where the decorators of a `def` line begin; they end no further up than `limit`. */
function decoratorLine(textLines: readonly string[], defLine: number, limit: number): number {
  let first = defLine;
  for (let line = defLine - 1; line > limit; line--) {
    const isDecorator = /^\s*@/.test(textLines[line] ?? "");
    if (isDecorator) {
      first = line;
    } else if (first < defLine) {
      break;
    }
  }
  return first;
}
