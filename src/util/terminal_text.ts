/** The one place that makes text fit for a terminal: control characters become visible, and widths are counted in columns. */
import stringWidth from "string-width";

/**
 * What a terminal would obey rather than show: C0, DEL and C1 (U+0000 to U+001F, U+007F to U+009F), the line and paragraph
 * separators (U+2028, U+2029), and what turns the direction of writing (U+202A to U+202E, U+2066 to U+2069 and their like).
 */
const OBEYED = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

/**
 * A text of one line with every character that a terminal would obey written out as JSON writes it: "\u001b", "\n". So no name
 * moves the cursor, colours the screen or breaks a row, and JSON stays JSON.
 */
export function visible(text: string): string {
  return text.replace(OBEYED, (character) =>
    character < " "
      ? JSON.stringify(character).slice(1, -1)
      : `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** The columns that a text takes in a terminal: two for a Chinese character or an emoji, none for a combining mark. */
export function widthOf(text: string): number {
  return stringWidth(text);
}

/** The text with spaces behind it, or before it, up to a width in columns. */
export function padded(text: string, columns: number, side: "before" | "behind" = "behind"): string {
  const spaces = " ".repeat(Math.max(0, columns - widthOf(text)));
  return side === "before" ? spaces + text : text + spaces;
}

const ELLIPSIS = "\u2026";
const CHARACTERS = new Intl.Segmenter("en", { granularity: "grapheme" });

/** The text in at most so many columns; what is too long loses its end, or its middle, to an ellipsis. */
export function fitted(text: string, columns: number, lost: "end" | "middle" = "end"): string {
  if (widthOf(text) <= columns) return text;
  if (columns <= 0) return "";
  const characters = Array.from(CHARACTERS.segment(text), ({ segment }) => segment);
  const room = columns - 1;
  const behind = lost === "middle" ? Math.floor(room / 2) : 0;
  const end = taken(characters.toReversed(), behind).reverse().join("");
  return `${taken(characters, room - behind).join("")}${ELLIPSIS}${end}`;
}

/** The first of the characters that fit. */
function taken(characters: readonly string[], columns: number): string[] {
  let width = 0;
  const over = characters.findIndex((character) => {
    width += widthOf(character);
    return width > columns;
  });
  return characters.slice(0, over < 0 ? characters.length : over);
}
