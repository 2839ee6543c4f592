/**
 * Handles tables that other programs wrote (pandas, Excel, R): their separators, column names and number formats.
 * util/csv.ts and system/csv_stream.ts parse the tables.
 */
import { UserError } from "./errors.ts";

/**
 * For each column, the other names that it may have. The column's own name comes first; upper and lower case are the
 * same.
 */
export type ColumnNames<C extends string> = Readonly<Record<C, readonly string[]>>;

/** Separators in order of preference. Excel writes semicolons in locales with a decimal comma. */
const SEPARATORS = [",", ";", "\t"] as const;

/** The separator of a table, found from its header: the one that occurs most often outside quotes. */
export function separatorOf(header: string): string {
  const bare = header.replace(/"[^"]*"/g, "");
  const count = (separator: string) => bare.split(separator).length;
  return SEPARATORS.reduce((best, one) => (count(one) > count(best) ? one : best));
}

/**
 * The header, with each known column renamed to our own name.
 * @throws UserError if a column is missing or appears twice.
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
    // If a table has both "class" and "label", the first known name wins.
    for (const other of found.slice(1)) renamed[other] = `other ${header[other]}`;
  }
  return renamed;
}

/** A whole number from a program that stores the column as floats: "8917.0", or "8917,0" in Excel. */
const WHOLE_FLOAT = /^(\d+)[.,]0+$/;

/** The text without decimals if it is a whole number such as "8917.0"; otherwise the text, trimmed. */
export const withoutDecimals = (text: string): string => WHOLE_FLOAT.exec(text.trim())?.[1] ?? text.trim();

/** The whole number in a text, which may have zero decimals ("8917.0"); undefined for any other text. */
export function wholeNumber(text: string): number | undefined {
  const digits = withoutDecimals(text);
  return /^\d{1,15}$/.test(digits) ? Number(digits) : undefined;
}
