/** Command lines as people can paste them. */

/** "cancernet" and the words behind it, each in the shell's quotes where it needs them. */
export function commandLine(...words: readonly string[]): string {
  return ["cancernet", ...words].map(quoted).join(" ");
}

function quoted(word: string): string {
  return /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** The words of flags that have a value; those without are left out. */
export function flagWords(flags: Readonly<Record<string, string | number | undefined>>): string[] {
  return Object.entries(flags).flatMap(([flag, value]) => (value === undefined ? [] : [`--${flag}`, String(value)]));
}
