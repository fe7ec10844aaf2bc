// Two texts in, how long VS Code would look for the letters in which they differ out; knows no VS Code.

/** Pairs of letters that its search looks at in a second or so. */
const PAIRS_A_SECOND = 70_000_000;
const MOST_SECONDS = 0.5;

/** Whether one text has so much that the other has not that finding the smallest edit keeps VS Code's one editor worker busy for long. */
export function areFarApart(before: string, after: string): boolean {
  return lettersOnlyIn(before, after) * lettersOnlyIn(after, before) > PAIRS_A_SECOND * MOST_SECONDS;
}

function lettersOnlyIn(text: string, other: string): number {
  const left = new Map<string, number>();
  for (const line of other.split("\n")) {
    left.set(line, (left.get(line) ?? 0) + 1);
  }
  let letters = 0;
  for (const line of text.split("\n")) {
    const count = left.get(line) ?? 0;
    if (count > 0) {
      left.set(line, count - 1);
    } else {
      letters += line.length + 1;
    }
  }
  return letters;
}
