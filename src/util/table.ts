/** Small tables as aligned plain text, for summaries that a person reads; files of rows are util/csv.ts's work. */

const NUMBER = /^[-+]?[\d,]*\.?\d+ ?%?$/;

/**
 * The lines of a table: the header, a rule, then a line a row, columns two spaces apart.
 * Numbers get thousands separators; a column that holds nothing but numbers is aligned to the right. A digit string, such
 * as a case id, stays as it is.
 * @throws Error where a row has another number of cells than the header.
 */
export function tableLines(header: readonly string[], rows: readonly (readonly (string | number)[])[]): string[] {
  const body = rows.map((row) => {
    if (row.length !== header.length)
      throw new Error(`A table row has ${row.length} cells, expected ${header.length}.`);
    return row.map((cell) => (typeof cell === "number" ? cell.toLocaleString("en-US") : cell));
  });
  const columns = header.map((title, index) => {
    const cells = body.map((row) => row[index]!);
    return {
      width: Math.max(title.length, ...cells.map((cell) => cell.length)),
      right:
        cells.some((cell) => cell !== "") && cells.every((cell) => cell === "" || cell === "-" || NUMBER.test(cell)),
    };
  });
  const line = (cells: readonly string[]): string =>
    columns
      .map(({ width, right }, index) => (right ? cells[index]!.padStart(width) : cells[index]!.padEnd(width)))
      .join("  ")
      .trimEnd();
  const rule = columns.map(({ width }) => "-".repeat(width));
  return [line(header), line(rule), ...body.map(line)];
}
