/** Tables that other programs wrote (pandas, Excel, R): separators, names of columns and numbers as they write them; parsing is util/csv.ts's work. */
import { UserError } from "./errors.ts";

/** For each column its own name first, then others that it may have; upper and lower case count as the same. */
export type ColumnNames<C extends string> = Readonly<Record<C, readonly string[]>>;

/** Separators, in the order in which they are preferred: Excel writes semicolons if the comma is a decimal sign. */
const SEPARATORS = [",", ";", "\t"] as const;

/** The separator of a table by its header: the one that occurs most often outside quotes. */
export function separatorOf(header: string): string {
  const bare = header.replace(/"[^"]*"/g, "");
  const count = (separator: string) => bare.split(separator).length;
  return SEPARATORS.reduce((best, one) => (count(one) > count(best) ? one : best));
}

/**
 * The header with each known column under its own name.
 * @throws UserError if a column is missing or there twice.
 */
export function ownNames<C extends string>(
  header: readonly string[],
  columns: ColumnNames<C>,
  place: string,
): string[] {
  const names = header.map((name) => name.trim().toLowerCase());
  const renamed = [...header];
  for (const column of Object.keys(columns) as C[]) {
    const known = [column, ...columns[column]].map((name) => name.toLowerCase());
    const found = known.flatMap((name) => names.flatMap((own, index) => (own === name ? [index] : [])));
    const [first, second] = found;
    if (first === undefined) {
      throw new UserError(
        "table-column-missing",
        `${place} lacks the column ${known.join(" or ")}: expected ${Object.keys(columns).join(", ")}, and found ${header.join(", ")}.`,
      );
    }
    if (second !== undefined && names[second] === names[first]) {
      throw new UserError(
        "table-column-repeated",
        `${place} has the column ${header[first]} twice: remove one of them.`,
      );
    }
    renamed[first] = column;
    // "class" and "label" in one table: the first name counts.
    for (const other of found.slice(1)) renamed[other] = `other ${header[other]}`;
  }
  return renamed;
}

/** A whole number as programs write it that take a column for floats: "8917.0", or "8917,0" in Excel. */
const WHOLE_FLOAT = /^(\d+)[.,]0+$/;

/** The same text, or the whole number of "8917.0" without its decimals. */
export const withoutDecimals = (text: string): string => WHOLE_FLOAT.exec(text.trim())?.[1] ?? text.trim();

/** The whole number that a text is, with or without decimals that are 0; undefined for anything else. */
export function wholeNumber(text: string): number | undefined {
  const digits = withoutDecimals(text);
  return /^\d{1,15}$/.test(digits) ? Number(digits) : undefined;
}
