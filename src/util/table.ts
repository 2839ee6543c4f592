/** Small tables as aligned plain text, for summaries that a person reads; files of rows are util/csv.ts's work. */
import { padded, visible, widthOf } from "./terminal_text.ts";

const NUMBER = /^[-+]?[\d,]*\.?\d+ ?%?$/;

/**
 * The lines of a table: the header, a rule, then one line per row, columns two spaces apart. What a terminal would obey is
 * written out in every cell, so that no cell breaks its row. Numbers get thousands separators; a column that holds nothing but
 * numbers is aligned to the right. A digit string, such as a case id, stays as it is.
 * @throws Error if a row has another number of cells than the header.
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
