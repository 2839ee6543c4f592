/** Checks that the options given with --resume agree with the original ones. */
import type { Dataset } from "../../histology/dataset/dataset.ts";
import { flagOf } from "../../options/command_line.ts";
import { definedOf, FREE, type GivenSettings, type TrainingSettings } from "../../options/training/settings.ts";
import { UserError } from "../../util/errors.ts";

/**
 * How error messages refer to the original work ("the run cancer"), and how to start over ("train again with --out").
 */
export interface BegunWork {
  readonly what: string;
  readonly restart: string;
}

/**
 * The settings for resuming: the original ones, updated with new options that may change.
 * @throws UserError like `requireAgreement`.
 */
export function goOnWith<T extends TrainingSettings>(
  begun: T,
  given: GivenSettings & { readonly out?: string | undefined },
  work: Parameters<typeof requireAgreement>[2],
): T {
  const fixed = Object.entries(begun).filter(([name]) => !(name in FREE));
  requireAgreement(given, Object.fromEntries(fixed), work);
  const free = [...Object.keys(FREE), ...(work.mayRise ?? [])] as (keyof GivenSettings)[];
  return { ...begun, ...definedOf(Object.fromEntries(free.map((name) => [name, given[name]]))) };
}

/**
 * Checks that the given options agree with the original ones. Missing options agree, and "auto" agrees with any earlier
 * choice.
 * @param begun the values that are fixed
 * @throws UserError that names the first option that differs, or --out, because --resume already gives the folder.
 */
export function requireAgreement(
  given: Readonly<Record<string, unknown>>,
  begun: Readonly<Record<string, unknown>>,
  { what, restart, mayRise = [] }: BegunWork & { readonly mayRise?: readonly string[] },
): void {
  if (given.out !== undefined) {
    throw new UserError(
      "options-conflict",
      `--resume goes on in the folder of ${what}: leave out --out, or leave out --resume.`,
    );
  }
  for (const [name, value] of Object.entries(begun)) {
    const wanted = given[name];
    if (wanted === undefined || wanted === "auto" || wanted === value) continue;
    const rises = mayRise.includes(name);
    if (rises && Number(wanted) > Number(value)) continue;
    const remedy = rises ? "they may be raised, not lowered" : `leave it out to go on, or ${restart}`;
    throw new UserError(
      "run-mismatch",
      `${flagOf(name)} is ${wanted}, but ${what} was started with ${value}: ${remedy}.`,
    );
  }
}

/** @throws UserError if the dataset's hashes differ from the original ones. */
export function requireSameDataset(
  { folder, description: { sha256 } }: Pick<Dataset, "folder" | "description">,
  begun: Readonly<Record<"manifest" | "patches", string>>,
  { what, restart }: BegunWork,
): void {
  for (const part of ["manifest", "patches"] as const) {
    if (sha256[part] === begun[part]) continue;
    const [found, expected] = [sha256[part], begun[part]].map((sum) => sum.slice(0, 12));
    throw new UserError(
      "dataset-mismatch",
      `${folder} is not the dataset of ${what} (SHA-256 of its ${part} ${found}..., expected ${expected}...): ` +
        `give that one, or ${restart}.`,
    );
  }
}
