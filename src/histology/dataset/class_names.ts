/** The names of the two classes of a dataset: what they are unless a dataset names others, and what a name may be. */

/** The names of class 0 and of class 1, which is the positive one. */
export type ClassNames = readonly [negative: string, positive: string];

/** The classes of the published IDC patches. */
export const CLASS_NAMES: ClassNames = ["no IDC", "IDC"];

export const MOST_CLASS_NAME_LENGTH = 40;

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what a name must not hold.
const CLASS_NAME = /^[^\s,\u0000-\u001f\u007f](?:[^,\u0000-\u001f\u007f]*[^\s,\u0000-\u001f\u007f])?$/u;

/** Whether a text can name a class: 1 to 40 characters, no comma, no control character, no space at its ends. */
export function isClassName(text: string): boolean {
  return text.length <= MOST_CLASS_NAME_LENGTH && CLASS_NAME.test(text);
}
