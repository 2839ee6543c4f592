/**
 * A process that appends entries to a journal until it is killed or an append fails. It prints a JSON line for each
 * entry that was acknowledged, and for the refusal. Arguments: the journal's path, the number of the first entry, the
 * number of patches per entry.
 */
import { writeSync } from "node:fs";
import { openJournal } from "../../../src/artifacts/corrections/journal.ts";
import { UserError } from "../../../src/util/errors.ts";
import { DATASET, set } from "./support.ts";

const [path, first, patches] = process.argv.slice(2) as [string, string, string];
const say = (value: object) => writeSync(1, `${JSON.stringify(value)}\n`);

try {
  const journal = await openJournal(path, DATASET);
  const ids = Array.from({ length: Number(patches) }, (_, index) => `patch ${index}`);
  try {
    for (let number = Number(first); ; number++)
      say({ saved: (await journal.append(set(number, ids, "positive"))).id });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    say({ refused: error.code, message: error.message });
    // The journal can be used on: what needs less space is saved.
    const { id } = await journal.append(set(1_000_000, ["a"], "unsure"));
    say({ saved: id });
    await journal.close();
  }
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  say({ refused: error.code, message: error.message });
}
