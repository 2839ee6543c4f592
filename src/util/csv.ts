/** The one door to CSV (RFC 4180, UTF-8, "\n" line ends): tables with a header row, our own and those of other programs. */
import { createReadStream } from "node:fs";
import { pipeline, Readable } from "node:stream";
import { type Options, parse as parseStream } from "csv-parse";
import { parse } from "csv-parse/sync";
import { stringify } from "csv-stringify/sync";
import { messageOf, UserError } from "./errors.ts";
import { fileError, requireFile } from "./files.ts";
import { type ColumnNames, ownNames, separatorOf } from "./foreign_table.ts";

/** The text of a table: the header, then one line per row, in the order given. */
export function toCsv(columns: readonly string[], rows: Iterable<readonly (string | number)[]>): string {
  return stringify([columns as string[], ...rows] as (string | number)[][], { record_delimiter: "\n" });
}

/** One line of a table, without its line end; a field in quotes may hold line ends of its own. */
export function csvLine(cells: readonly (string | number)[]): string {
  return toCsv(cells.map(String), []).slice(0, -1);
}

/**
 * The rows of a table as objects by column name.
 * @param place the file's name, for the error
 * @throws UserError where a column is missing or a row has another number of fields.
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
    throw new UserError(`${place} lacks the column ${missing.join(", ")}: expected ${columns.join(", ")}.`);
  }
  return rows;
}

/** No line of a header is longer. */
const HEADER_BYTES = 1 << 16;

/**
 * Reads a table of any program row by row, so that a large one needs little memory: columns are separated by comma, semicolon or
 * tab, and may have any of the names, in upper or lower case; others are left out.
 * @param what names the table in errors: "the labels"
 * @throws UserError if the file cannot be read, a column is missing, or a row has another number of fields; what `onRow` throws.
 */
export async function readTable<C extends string>(
  path: string,
  what: string,
  columns: ColumnNames<C>,
  onRow: (row: Readonly<Record<C, string>>) => void,
): Promise<void> {
  await requireFile(path, what);
  const header = await headerOf(path, what);
  const options: Options = {
    bom: true,
    skip_empty_lines: true,
    trim: true,
    delimiter: separatorOf(header),
    columns: (names: string[]) => ownNames(names, columns, path),
  };
  const rows = parseStream(options);
  // An error of the file ends the parser with it.
  pipeline(Readable.from(textOf(path)), rows, () => {});
  try {
    for await (const row of rows) onRow(row as Record<C, string>);
  } catch (error) {
    throw error instanceof UserError ? error : unreadable(path, error);
  }
}

async function* textOf(path: string): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  try {
    for await (const chunk of createReadStream(path)) yield decoder.decode(chunk as Buffer, { stream: true });
    yield decoder.decode();
  } catch (error) {
    throw error instanceof TypeError ? notUtf8(path) : error;
  }
}

const notUtf8 = (path: string): UserError =>
  new UserError(`${path} is not text in UTF-8: save it as UTF-8, or restore it.`);

async function headerOf(path: string, what: string): Promise<string> {
  try {
    for await (const chunk of createReadStream(path, { end: HEADER_BYTES })) {
      const text = (chunk as Buffer).toString("utf8");
      if (text.includes("\0")) throw notUtf8(path);
      return text.split(/\r\n|\n|\r/, 1)[0]!;
    }
    return "";
  } catch (error) {
    throw fileError(error, `cannot read ${what} ${path}`, "check the path");
  }
}

function unreadable(place: string, error: unknown): UserError {
  return new UserError(`${place} is not a readable CSV table (${messageOf(error)}): write it again or restore it.`);
}
