/** Reads large CSV tables row by row. It keeps only the requested columns, and never holds the whole file in memory. */
import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import { parse } from "csv-parse";
import { messageOf, UserError } from "../util/errors.ts";
import { type ColumnNames, ownNames, separatorOf } from "../util/foreign_table.ts";
import { fileError, kindOf, notText } from "./files.ts";

/** The longest allowed row. A file without line ends would otherwise be read as one row. */
const MOST_ROW_CHARACTERS = 1 << 20;

/** The columns to read from a table. */
export interface TableColumns<C extends string> {
  readonly columns: readonly C[];
  /** Column names that other programs use. If given, other separators and spaces around cells are accepted too. */
  readonly otherNames?: ColumnNames<C>;
  /** Columns to keep if the table has them. */
  readonly optional?: readonly string[];
  /** Names the file in errors, for example "the labels". */
  readonly what: string;
  readonly signal?: AbortSignal;
}

/**
 * The rows of a table (RFC 4180, UTF-8, with a header row) as objects keyed by column name.
 * @throws UserError if the file cannot be read, is not UTF-8, is not CSV or lacks a column, or if a row has a different
 * number of fields than the header; the signal's reason if it is aborted.
 */
export async function* csvRows<C extends string>(
  path: string,
  { columns, otherNames, optional = [], what, signal }: TableColumns<C>,
): AsyncGenerator<Readonly<Record<C, string>>> {
  await kindOf(path); // Refuses pipes and devices, since reading them may never end.
  let hasHeader = false;
  const kept: readonly string[] = [...columns, ...optional];
  const foreign = otherNames && { trim: true, delimiter: separatorOf(await headerOf(path, what)) };
  const parser = parse({
    ...foreign,
    skip_empty_lines: true,
    max_record_size: MOST_ROW_CHARACTERS,
    columns: (header: string[]) => {
      hasHeader = true;
      const names = otherNames ? ownNames(header, otherNames, path) : header;
      const missing = columns.filter((column) => !names.includes(column));
      if (missing.length > 0) {
        throw new UserError(
          "table-column-missing",
          `${path} lacks the column ${missing.join(", ")}: expected ${columns.join(", ")}.`,
        );
      }
      return names.map((name) => (kept.includes(name) ? name : false));
    },
  });
  const source = Readable.from(textOf(path, what, signal));
  source.once("error", (error) => parser.destroy(error));
  source.pipe(parser);
  try {
    for await (const row of parser) yield row;
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof UserError) throw error;
    throw new UserError(
      "table-damaged",
      `${path} is not a readable CSV table (${messageOf(error)}): make it again or restore it.`,
    );
  } finally {
    source.destroy();
  }
  if (!hasHeader)
    throw new UserError("table-damaged", `${path} is empty: expected a table with ${columns.join(", ")}.`);
}

/** The first line of the file. */
async function headerOf(path: string, what: string): Promise<string> {
  let header = "";
  for await (const part of textOf(path, what, undefined)) {
    header += part;
    if (/[\r\n]/.test(part) || header.length > MOST_ROW_CHARACTERS) break;
  }
  return header.split(/[\r\n]/, 1)[0]!;
}

/** The text of a file, piece by piece. */
async function* textOf(path: string, what: string, signal: AbortSignal | undefined): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const decoded = (part?: Uint8Array): string => {
    try {
      const text = decoder.decode(part, { stream: part !== undefined });
      if (!text.includes("\0")) return text;
    } catch {} // Falls through to the error below.
    throw notText(path);
  };
  try {
    for await (const part of createReadStream(path)) {
      signal?.throwIfAborted();
      yield decoded(part);
    }
    yield decoded();
  } catch (error) {
    throw fileError(error, `cannot read ${what} ${path}`, "check the path");
  }
}
