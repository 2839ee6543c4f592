/** Writes single rows of CSV tables (RFC 4180), also in a browser, without the library that reads tables. */
import { stringify } from "csv-stringify/sync";

/** One row of a table without its line end. A quoted field may contain line ends. */
export function csvLine(cells: readonly (string | number)[]): string {
  return stringify([cells.map(String)], { record_delimiter: "\n" }).slice(0, -1);
}
