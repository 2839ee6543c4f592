/**
 * Reads and writes whole CSV tables with a header row (RFC 4180, UTF-8, "\n" line ends). Together with
 * csv_line.ts, which writes single rows, and system/csv_stream.ts, which reads row by row, it is the only file that uses
 * the CSV libraries.
 */
import { parse } from "csv-parse/sync";
import { stringify } from "csv-stringify/sync";
import { messageOf, UserError } from "./errors.ts";

/** The text of a table: the header, then one line per row in the given order. */
export function toCsv(columns: readonly string[], rows: Iterable<readonly (string | number)[]>): string {
  return stringify([columns as string[], ...rows] as (string | number)[][], { record_delimiter: "\n" });
}

/** The lines of rows without a header, for a table that is written in several steps. */
export function linesOfCsv(rows: readonly (readonly (string | number)[])[]): string {
  return stringify(rows as (string | number)[][], { record_delimiter: "\n" });
}

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
