/** Command lines of ours as text, for reports and for people to run again. */

/** "cancernet" and the words after it, in the shell's quotes where they need them. */
export function commandLine(words: readonly string[]): string {
  return ["cancernet", ...words].map(quoted).join(" ");
}

function quoted(word: string): string {
  return /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
