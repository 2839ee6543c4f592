/** Command lines as people can paste them. */

/** "cancernet" and the words behind it, each in the shell's quotes if it needs them. */
export function commandLine(...words: readonly string[]): string {
  return ["cancernet", ...words].map(quoted).join(" ");
}

function quoted(word: string): string {
  return /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** An option's name on the command line: "batchSize" is "--batch-size". */
export const flagOf = (name: string): string => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

type Value = string | number | boolean;

/** The words of options that have a value, or several; those without are left out. A switch is "--name" or "--no-name". */
export function flagWords(options: Readonly<Record<string, Value | readonly Value[] | undefined>>): string[] {
  return Object.entries(options).flatMap(([name, value]) => {
    const values = value === undefined ? [] : Array.isArray(value) ? value : [value];
    return values.flatMap((one) => {
      if (typeof one === "boolean") return [one ? flagOf(name) : flagOf(name).replace("--", "--no-")];
      return [flagOf(name), String(one)];
    });
  });
}
