// What pip wrote in, the one line that says why it failed out; knows no VS Code.

/** Its last error, or what it said last: behind an error come hints, and news of pip's own versions. */
export function reasonIn(written: string): string {
  const lines = written
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("[notice]"));
  const error = lines.findLast((line) => /^error\b/i.test(line));
  return error ?? lines.at(-1) ?? "it said nothing";
}
