/** The names of the two classes of a dataset: the defaults, and the rules for valid names. */

/** The names of class 0 and of class 1. Class 1 is the positive class. */
export type ClassNames = readonly [negative: string, positive: string];

/** The classes of the published IDC patches. */
export const CLASS_NAMES: ClassNames = ["no IDC", "IDC"];

export const MOST_CLASS_NAME_LENGTH = 40;

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are exactly what a name must not contain.
const CLASS_NAME = /^[^\s,\u0000-\u001f\u007f](?:[^,\u0000-\u001f\u007f]*[^\s,\u0000-\u001f\u007f])?$/u;

/**
 * Returns whether a text is a valid class name: 1 to 40 characters, no comma, no control character, and no space at
 * either end.
 */
export function isClassName(text: string): boolean {
  return text.length <= MOST_CLASS_NAME_LENGTH && CLASS_NAME.test(text);
}
