/** Writes CSV tables with a header row (RFC 4180, UTF-8, "\n" line ends). */
import { stringify } from "csv-stringify/sync";

/** The text of a table: the header, then one line per row in the given order. */
export function toCsv(columns: readonly string[], rows: Iterable<readonly (string | number)[]>): string {
  return stringify([columns as string[], ...rows] as (string | number)[][], { record_delimiter: "\n" });
}

/** One row of a table without its line end. A quoted field may contain line ends. */
export function csvLine(cells: readonly (string | number)[]): string {
  return toCsv(cells.map(String), []).slice(0, -1);
}

/** The lines of rows without a header, for a table that is written in several steps. */
export function linesOfCsv(rows: readonly (readonly (string | number)[])[]): string {
  return stringify(rows as (string | number)[][], { record_delimiter: "\n" });
}
