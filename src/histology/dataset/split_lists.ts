/**
 * Reads and writes case lists as text files: cases_train.txt, cases_val.txt and cases_test.txt, one case id per line.
 */
import { join } from "node:path";
import { makeFolders, readText, writeFileAtomically } from "../../system/files.ts";
import { UserError } from "../../util/errors.ts";
import { byCodeUnits } from "./plan.ts";
import { SPLITS, type Split } from "./split_names.ts";

/**
 * Returns the split of every listed case. Blank lines, CRLF line ends and repeated cases within a list are allowed.
 * @throws UserError if a list is missing or a case is in two lists.
 */
export async function readSplitLists(folder: string): Promise<Map<string, Split>> {
  const splitOfCase = new Map<string, Split>();
  for (const split of SPLITS) {
    const text = await readText(join(folder, fileName(split)), `the ${split} cases`);
    for (const line of text.split(/\r\n|\n|\r/)) {
      const caseId = line.trim();
      if (caseId === "") continue;
      const earlier = splitOfCase.get(caseId);
      if (earlier !== undefined && earlier !== split) {
        throw new UserError(
          "case-in-two-splits",
          `Case ${caseId} is both in ${fileName(earlier)} and in ${fileName(split)} of ${folder}: ` +
            "a case belongs to one list, remove it from the other.",
        );
      }
      splitOfCase.set(caseId, split);
    }
  }
  return splitOfCase;
}

/** Creates the folder and writes the three lists, each sorted. */
export async function writeSplitLists(folder: string, splitOfCase: ReadonlyMap<string, Split>): Promise<void> {
  await makeFolders(folder);
  for (const split of SPLITS) {
    const cases = [...splitOfCase.keys()].filter((caseId) => splitOfCase.get(caseId) === split).sort(byCodeUnits);
    await writeFileAtomically(join(folder, fileName(split)), cases.map((caseId) => `${caseId}\n`).join(""));
  }
}

function fileName(split: Split): string {
  return `cases_${split}.txt`;
}
