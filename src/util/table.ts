/** Formats small tables as aligned plain text for people. util/csv.ts writes tables to files. */
import { padded, visible, widthOf } from "./terminal_text.ts";

const NUMBER = /^[-+]?[\d,]*\.?\d+ ?%?$/;

/**
 * The lines of a table: the header, a rule, then one line per row. Columns are two spaces apart. Terminal control
 * characters are escaped in every cell, so that no cell breaks its row. Numbers get thousands separators. A column of
 * numbers only is aligned to the right. Strings of digits, such as case ids, are unchanged.
 * @throws Error if a row has a different number of cells than the header.
 */
export function tableLines(titles: readonly string[], rows: readonly (readonly (string | number)[])[]): string[] {
  const header = titles.map(visible);
  const body = rows.map((row) => {
    if (row.length !== header.length)
      throw new Error(`A table row has ${row.length} cells, expected ${header.length}.`);
    return row.map((cell) => (typeof cell === "number" ? cell.toLocaleString("en-US") : visible(cell)));
  });
  const columns = header.map((title, index) => {
    const cells = body.map((row) => row[index]!);
    return {
      width: Math.max(widthOf(title), ...cells.map(widthOf)),
      right:
        cells.some((cell) => cell !== "") && cells.every((cell) => cell === "" || cell === "-" || NUMBER.test(cell)),
    };
  });
  const line = (cells: readonly string[]): string =>
    columns
      .map(({ width, right }, index) => padded(cells[index]!, width, right ? "before" : "behind"))
      .join("  ")
      .trimEnd();
  const rule = columns.map(({ width }) => "-".repeat(width));
  return [line(header), line(rule), ...body.map(line)];
}
