// Which preview lines belong to which source lines, both ways. Entries are [previewLine, firstSourceLine, lastSourceLine], 0-based.

export type LineMapEntry = readonly [number, number, number];

/** The source lines of a preview line: those of its narrowest span. */
export function sourceLines(
  map: readonly LineMapEntry[],
  previewLine: number,
): { first: number; last: number } | undefined {
  const exact = map.filter(([line]) => line === previewLine);
  const narrowest = exact.sort((a, b) => a[2] - a[1] - (b[2] - b[1]))[0];
  return narrowest && { first: narrowest[1], last: narrowest[2] };
}

/** The preview lines of a source line: those of the narrowest spans that hold it. */
export function previewLines(map: readonly LineMapEntry[], sourceLine: number): number[] {
  const holding = map.filter(([, first, last]) => first <= sourceLine && sourceLine <= last);
  const narrowest = Math.min(...holding.map(([, first, last]) => last - first));
  return holding.filter(([, first, last]) => last - first === narrowest).map(([line]) => line);
}

/** A line of the assembly with the line of the generated Triton that it belongs to. */
export type LinePair = readonly [number, number];

/** The lines of the other preview that belong to a line of one. */
export function pairedLines(pairs: readonly LinePair[], line: number, isAssembly: boolean): number[] {
  const found = pairs
    .filter(([assembly, triton]) => (isAssembly ? assembly : triton) === line)
    .map(([assembly, triton]) => (isAssembly ? triton : assembly));
  return [...new Set(found)];
}

/** The first of some lines and the last of those that stand together with it. */
export function firstBlock(lines: readonly number[]): readonly [first: number, last: number] | undefined {
  const [first, ...others] = [...lines].sort((a, b) => a - b);
  if (first === undefined) {
    return undefined;
  }
  return [first, others.reduce((last, line) => (line <= last + 1 ? line : last), first)];
}
