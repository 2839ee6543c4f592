/** The known name that an unknown one is most like, by the rule that Commander has for flags. */
import { Command, CommanderError } from "commander";

/** ": did you mean epochs?", or what to do otherwise. */
export function hint(name: string, known: readonly string[], otherwise: string): string {
  const similar = similarName(name, known);
  return similar === undefined ? `: ${otherwise}.` : `: did you mean ${similar}?`;
}

function similarName(name: string, known: readonly string[]): string | undefined {
  // "batch-size" is meant to be "batchSize".
  const joined = name.replace(/[-_\s](\w)/g, (_, letter: string) => letter.toUpperCase());
  if (known.includes(joined)) return joined;
  const program = new Command()
    .helpOption(false)
    .exitOverride()
    .configureOutput({ writeErr() {} });
  for (const one of new Set(known)) program.option(`--${one}`);
  try {
    program.parse([`--${joined}`], { from: "user" });
    return undefined;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return /\(Did you mean (?:one of )?--(\w+)/.exec(error.message)?.[1];
  }
}
