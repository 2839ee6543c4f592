/** Settings as files keep them: what is left out since it is the usual, and what earlier versions left out or wrote besides. */
import { INPUT_SIDE_PIXELS } from "../../engine/models/table.ts";
import { UserError } from "../../util/errors.ts";
import { AUGMENTATION_NAMES, AUGMENTATIONS } from "./augmentations.ts";
import { type TrainingSettings, trainingSettings } from "./settings.ts";

/** What settings were in versions that did not write them; files leave them out if they are so. */
const USUAL: Readonly<Record<string, unknown>> = { inputSize: INPUT_SIDE_PIXELS } satisfies Partial<TrainingSettings>;

/** Settings that are gone, and the value at which each did nothing. */
const REMOVED: Readonly<Record<string, unknown>> = { sampling: "patches", labelSmoothing: 0, averaging: 0 };

/** Settings as a file keeps them. */
export const storedSettings = <T extends Partial<TrainingSettings>>(settings: T): Partial<T> =>
  Object.fromEntries(
    Object.entries(settings).filter(([name, value]) => !(name in USUAL) || value !== USUAL[name]),
  ) as Partial<T>;

/** Settings that a file keeps, with what it leaves out: what is usual, and the ranges that versions left out which wrote their name alone. */
export function completeSettings(written: unknown): unknown {
  if (typeof written !== "object" || written === null) return written;
  const augment = AUGMENTATION_NAMES.find((name) => "augment" in written && name === written.augment);
  return { ...USUAL, ...(augment && AUGMENTATIONS[augment]), ...written };
}

/** The first setting of a file that this version does not have, unless it did nothing, as "averaging 1"; undefined if there is none. */
export function foreignSetting(written: Readonly<Record<string, unknown>>): string | undefined {
  const { augment } = written;
  const names: readonly unknown[] = AUGMENTATION_NAMES;
  if (augment !== undefined && !names.includes(augment)) return `augment ${augment}`;
  const found = Object.entries(written).find(
    ([name, value]) => !(name in trainingSettings.shape) && !(name in REMOVED && value === REMOVED[name]),
  );
  return found && `${found[0]} ${found[1]}`;
}

/**
 * @param work what was begun, as in "the run cancer", and how to begin another, as in "train again with --out"
 * @throws UserError if it was begun with a setting that this version does not have.
 */
export function requireKnownSettings(
  written: Readonly<Record<string, unknown>>,
  { what, restart }: { readonly what: string; readonly restart: string },
): void {
  const found = foreignSetting(written);
  if (found === undefined) return;
  throw new UserError(
    "setting-removed",
    `Cannot go on: ${what} was begun with ${found}, which this version does not have: ` +
      `go on with the version that began it, or ${restart}.`,
  );
}
