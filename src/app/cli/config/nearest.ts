/** Finds the known name that is most similar to an unknown one, with Commander's rule for flags. */
import { Command, CommanderError } from "commander";

/** ": did you mean epochs?", or the alternative advice if no name is similar. */
export function hint(name: string, known: readonly string[], otherwise: string): string {
  const similar = similarName(name, known);
  return similar === undefined ? `: ${otherwise}.` : `: did you mean ${similar}?`;
}

function similarName(name: string, known: readonly string[]): string | undefined {
  // "batch-size" means "batchSize".
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
