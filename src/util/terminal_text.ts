/**
 * Makes text safe for a terminal: it escapes control characters, and measures, pads and shortens text in terminal
 * columns.
 */
import widthOfText from "fast-string-width";

/**
 * Characters that a terminal interprets instead of showing: C0, DEL and C1 (U+0000 to U+001F, U+007F to U+009F), the
 * line and paragraph separators (U+2028, U+2029), and the controls of writing direction (such as U+202A to U+202E and
 * U+2066 to U+2069).
 */
const OBEYED = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

/**
 * A one-line text with every control character escaped as in JSON: "\u001b", "\n". No name can then move the cursor,
 * colour the screen or break a row, and JSON stays valid JSON.
 */
export function visible(text: string): string {
  return text.replace(OBEYED, (character) =>
    character < " "
      ? JSON.stringify(character).slice(1, -1)
      : `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** The width of a text in terminal columns: two per Chinese character or emoji, none per combining mark. */
export function widthOf(text: string): number {
  // Composed first: macOS writes names decomposed, and the parts of a Korean syllable would count one by one.
  return widthOfText(text.normalize("NFC"));
}

/** The text, padded with spaces behind or before it to a width in columns. */
export function padded(text: string, columns: number, side: "before" | "behind" = "behind"): string {
  const spaces = " ".repeat(Math.max(0, columns - widthOf(text)));
  return side === "before" ? spaces + text : text + spaces;
}

const ELLIPSIS = "\u2026";
let segmenter: Intl.Segmenter | undefined;

/** What a reader takes for one character each. The segmenter takes some milliseconds to make, and is rarely needed. */
function charactersOf(text: string): string[] {
  segmenter ??= new Intl.Segmenter("en", { granularity: "grapheme" });
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

/** The text, shortened to a number of columns. An ellipsis replaces the end or the middle of a longer text. */
export function fitted(text: string, columns: number, lost: "end" | "middle" = "end"): string {
  if (widthOf(text) <= columns) return text;
  if (columns <= 0) return "";
  const characters = charactersOf(text);
  const room = columns - 1;
  const behind = lost === "middle" ? Math.floor(room / 2) : 0;
  const end = taken(characters.toReversed(), behind).reverse().join("");
  return `${taken(characters, room - behind).join("")}${ELLIPSIS}${end}`;
}

/** The longest run of leading characters that fits into the columns. */
function taken(characters: readonly string[], columns: number): string[] {
  let width = 0;
  const over = characters.findIndex((character) => {
    width += widthOf(character);
    return width > columns;
  });
  return characters.slice(0, over < 0 ? characters.length : over);
}
