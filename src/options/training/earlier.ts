/** Settings that earlier versions wrote and this one no longer has: at the values that changed nothing they are left out, at others refused. */
import { UserError } from "../../util/errors.ts";

/** Settings that are gone, and the value at which each did nothing. */
const REMOVED: Readonly<Record<string, unknown>> = { sampling: "patches", labelSmoothing: 0, averaging: 0 };

/** Augmentations that are gone. */
const REMOVED_AUGMENTATIONS: readonly unknown[] = ["turns+strong-stain"];

/** The first setting that this version cannot go on with, as "averaging 1"; undefined if there is none. */
export function removedSetting(written: Readonly<Record<string, unknown>>): string | undefined {
  if (REMOVED_AUGMENTATIONS.includes(written.augment)) return `augment ${written.augment}`;
  const name = Object.keys(REMOVED).find((one) => one in written && written[one] !== REMOVED[one]);
  return name && `${name} ${written[name]}`;
}

/**
 * @param work what was begun, as in "the run cancer", and how to begin another, as in "train again with --out"
 * @throws UserError if it was begun with a setting that this version no longer has.
 */
export function requireNoRemovedSetting(
  written: Readonly<Record<string, unknown>>,
  { what, restart }: { readonly what: string; readonly restart: string },
): void {
  const found = removedSetting(written);
  if (found === undefined) return;
  throw new UserError(
    `Cannot go on: ${what} was begun with ${found}, which this version no longer has: ` +
      `go on with the version that began it, or ${restart}.`,
  );
}
