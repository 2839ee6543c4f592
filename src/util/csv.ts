/**
 * Reads whole CSV tables with a header row (RFC 4180, UTF-8, "\n" line ends). csv_text.ts writes them. Together with
 * system/csv_stream.ts, which reads row by row, these are the only files that use the CSV libraries.
 */
import { parse } from "csv-parse/sync";
import { messageOf, UserError } from "./errors.ts";

export { csvLine, linesOfCsv, toCsv } from "./csv_text.ts";

/**
 * The rows of a table as objects keyed by column name.
 * @param place the file's name, for errors
 * @throws UserError if the text is not CSV, a column is missing, or a row has a different number of fields than the
 * header.
 */
export function fromCsv<C extends string>(text: string, columns: readonly C[], place: string): Record<C, string>[] {
  let rows: Record<C, string>[];
  try {
    rows = parse(text, { columns: true, bom: true, skip_empty_lines: true });
  } catch (error) {
    throw unreadable(place, error);
  }
  const missing = rows.length === 0 ? [] : columns.filter((column) => !(column in rows[0]!));
  if (missing.length > 0) {
    throw new UserError(
      "table-column-missing",
      `${place} lacks the column ${missing.join(", ")}: expected ${columns.join(", ")}.`,
    );
  }
  return rows;
}

function unreadable(place: string, error: unknown): UserError {
  return new UserError(
    "table-damaged",
    `${place} is not a readable CSV table (${messageOf(error)}): write it again or restore it.`,
  );
}
