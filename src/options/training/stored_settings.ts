/**
 * Converts settings to and from their form in files. Files omit usual values, and files of earlier versions lack some
 * settings or contain removed ones.
 */
import { INPUT_SIDE_PIXELS } from "../../engine/models/table.ts";
import { UserError } from "../../util/errors.ts";
import { AUGMENTATION_NAMES, AUGMENTATIONS } from "./augmentations.ts";
import { type TrainingSettings, trainingSettings } from "./settings.ts";

/** Values that versions used before they had the setting. Files omit settings with these values. */
const USUAL: Readonly<Record<string, unknown>> = {
  inputSize: INPUT_SIDE_PIXELS,
  keep: "best",
} satisfies Partial<TrainingSettings>;

/** Removed settings, with the value at which each had no effect. */
const REMOVED: Readonly<Record<string, unknown>> = { sampling: "patches", labelSmoothing: 0, averaging: 0 };

/** Settings as they are written to a file. */
export const storedSettings = <T extends Partial<TrainingSettings>>(settings: T): Partial<T> =>
  Object.fromEntries(
    Object.entries(settings).filter(([name, value]) => !(name in USUAL) || value !== USUAL[name]),
  ) as Partial<T>;

/**
 * Settings read from a file, completed with the usual values that files omit. Earlier versions wrote only the name of
 * an augmentation; its ranges are added.
 */
export function completeSettings(written: unknown): unknown {
  if (typeof written !== "object" || written === null) return written;
  const augment = AUGMENTATION_NAMES.find((name) => "augment" in written && name === written.augment);
  return { ...USUAL, ...(augment && AUGMENTATIONS[augment]), ...written };
}

/**
 * The first setting of a file that this version does not have, as text: "averaging 1". Removed settings with a value
 * that had no effect are accepted. Undefined if there is no such setting.
 */
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
 * Checks that this version has every setting of earlier work.
 * @param work phrases for errors: the work ("the run cancer"), and how to start again ("train again with --out")
 * @throws UserError if the work uses a setting that this version does not have.
 */
export function requireKnownSettings(
  written: Readonly<Record<string, unknown>>,
  { what, restart }: { readonly what: string; readonly restart: string },
): void {
  const found = foreignSetting(written);
  if (found === undefined) return;
  throw new UserError(
    "setting-removed",
    `Cannot go on: ${what} was started with ${found}, which this version does not have: ` +
      `go on with the version that began it, or ${restart}.`,
  );
}
