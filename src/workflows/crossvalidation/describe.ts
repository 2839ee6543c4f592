/** Describes a cross-validation as a work of units for the engines, from its own description crossvalidation.json. */
import { join } from "node:path";
import * as z from "zod";
import {
  CROSSVALIDATION_FILES,
  type CrossvalidationDescription,
  foldName,
} from "../../artifacts/crossvalidation_folder.ts";
import { FREE } from "../../options/training/settings.ts";
import { storedSettings } from "../../options/training/stored_settings.ts";
import { kindOf, sha256OfBytes } from "../../system/files.ts";
import { shownPath } from "../../system/paths.ts";
import { describeWork, readWork, type WorkDescription } from "../../units/description.ts";
import { folderResults } from "../../units/folder_results.ts";
import { pathInRoot } from "../../units/inside.ts";
import { UNITS_FOLDER } from "../../units/parts.ts";
import { UserError } from "../../util/errors.ts";
import { checked } from "../../util/json.ts";

const detailsSchema = z.looseObject({
  /** The dataset's folder in reports. */
  dataset: z.string(),
  /** The dataset's path from the root on; absent if it lies elsewhere. */
  dataset_path: z.string().optional(),
});

/** What determines the results of all folds. */
export function foldFactsOf({ dataset, folds, options }: CrossvalidationDescription): Record<string, unknown> {
  const settings = Object.entries(storedSettings(options)).filter(([name]) => !(name in FREE));
  return {
    dataset_sha256: dataset.sha256.manifest,
    records_sha256: dataset.sha256.patches,
    folds: folds.length,
    cases_sha256: sha256OfBytes(new TextEncoder().encode(JSON.stringify(folds))),
    ...Object.fromEntries(settings),
  };
}

/**
 * Writes the engines' description of a cross-validation, or checks that it is there.
 * @param root the folder from which on workers find the dataset
 * @throws UserError if the folder holds another work, or folds of an earlier version.
 */
export async function describeFolds(
  folder: string,
  description: CrossvalidationDescription,
  { dataset, root = "." }: { readonly dataset: string; readonly root?: string | undefined },
): Promise<WorkDescription> {
  const units = description.folds.map((_, place) => ({ name: foldName(place) }));
  const results = folderResults(folder);
  const found = await readWork(results);
  if (found === undefined) await requireNoEarlierFolds(folder, units);
  else if (found.verb === "crossvalidate") requireSameFacts(folder, description, found);
  const path = pathInRoot(root, dataset);
  const shown = shownPath(description.dataset.folder, folder);
  const details = { dataset: shown, ...(path === undefined ? {} : { dataset_path: path }) };
  return describeWork(results, { verb: "crossvalidate", facts: foldFactsOf(description), details, units });
}

/** @throws UserError if the cross-validation's own description and that of the engines are not of the same work. */
export function requireSameFacts(folder: string, own: CrossvalidationDescription, { facts }: WorkDescription): void {
  const given = foldFactsOf(own);
  const other = Object.keys({ ...facts, ...given }).find(
    (name) => JSON.stringify(facts[name]) !== JSON.stringify(given[name]),
  );
  if (other === undefined) return;
  const values = [given, facts].map((one) => JSON.stringify(one[other] ?? "none"));
  throw new UserError(
    "crossvalidation-damaged",
    `${join(folder, CROSSVALIDATION_FILES.description)} was changed: its ${other} is ${values[0]}, and was ${values[1]} when the folds were begun; restore it.`,
  );
}

/** The details of a description. @throws UserError if they are not those of a cross-validation. */
export const foldDetailsOf = ({ details }: WorkDescription, folder: string): z.output<typeof detailsSchema> =>
  checked(detailsSchema, details, {
    code: "output-mismatch",
    place: join(folder, UNITS_FOLDER, "work.json"),
    what: "the description of a cross-validation",
    remedy: "remove it, and go on with --resume",
  });

/** Earlier versions filled the folders of folds in place, so that one may be incomplete. */
async function requireNoEarlierFolds(folder: string, units: readonly { readonly name: string }[]): Promise<void> {
  for (const { name } of units) {
    if ((await kindOf(join(folder, name))) === "nothing") continue;
    throw new UserError(
      "output-mismatch",
      `Cannot go on: ${folder} holds ${name}, but no ${join(UNITS_FOLDER, "work.json")}: restore that file, go on with the earlier version that began the folds, or start again with --out.`,
    );
  }
}
