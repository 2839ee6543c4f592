/**
 * Reads a journal of corrections. A last line without its end was being written when its process was killed: it was
 * never acknowledged, so it does not count. Any other line that is not an entry is damage, and is refused by its number.
 */
import { isDeepStrictEqual } from "node:util";
import * as z from "zod";
import { kindOf, readBytes } from "../../system/files.ts";
import { UserError } from "../../util/errors.ts";
import { checked, type Expected, parseJson, type Schema } from "../../util/json.ts";
import {
  type Correction,
  correctionSchema,
  headerSchema,
  JOURNAL_FORMAT,
  type JournalDataset,
  type JournalHeader,
} from "./entries.ts";

/** The content of a journal's file. */
export interface ReadJournal {
  readonly header: JournalHeader;
  /** In the order in which they were appended. */
  readonly entries: readonly Correction[];
  /** The bytes of the complete lines. Bytes after them are a line that was not completed. */
  readonly completeBytes: number;
  /** The bytes of the file. */
  readonly bytes: number;
}

const LINE_FEED = 10;

/**
 * Reads a journal. Needs no lock: another process may be appending to it.
 * @throws UserError if it does not exist, is damaged, has another format, or is not text.
 */
export async function readJournal(path: string): Promise<ReadJournal> {
  if ((await kindOf(path)) === "nothing") {
    throw new UserError("journal-missing", `There is no journal of corrections at ${path}: check the path.`);
  }
  const bytes = await readBytes(path, "the journal of corrections");
  const completeBytes = bytes.lastIndexOf(LINE_FEED) + 1;
  const [first = "", ...lines] = linesOf(bytes.subarray(0, completeBytes), path);
  const header = parsedHeader(first, path);
  const entries: Correction[] = [];
  const byId = new Map<string, Correction>();
  for (const [index, line] of lines.entries()) {
    const place = `Line ${index + 2} of ${path}`;
    const expected: Expected = { code: "journal-damaged", place, what: "an entry of a journal", remedy: REMEDY };
    const entry = checked(correctionSchema as Schema<Correction>, parseJson(line, expected), expected);
    const same = byId.get(entry.id);
    if (same !== undefined && isDeepStrictEqual(same, entry)) continue;
    if (same !== undefined) throw damaged(`${place} has the id of another entry, ${entry.id}`);
    if (entry.kind === "undo" && !byId.has(entry.undoes)) {
      throw damaged(`${place} undoes the entry ${entry.undoes}, which is not before it`);
    }
    byId.set(entry.id, entry);
    entries.push(entry);
  }
  return { header, entries, completeBytes, bytes: bytes.length };
}

/**
 * Checks that a journal belongs to a dataset.
 * @throws UserError that names both datasets if it belongs to another one.
 */
export function requireJournalOf(path: string, { dataset: own }: JournalHeader, dataset: JournalDataset): void {
  if (own.manifest_sha256 === dataset.manifest_sha256) return;
  const short = ({ name, manifest_sha256 }: JournalDataset) => `${name} (manifest ${manifest_sha256.slice(0, 8)})`;
  throw new UserError(
    "journal-other-dataset",
    `${path} holds corrections of the dataset ${short(own)}, not of ${short(dataset)}: give the journal of this dataset, or the dataset of this journal.`,
  );
}

function linesOf(bytes: Uint8Array, path: string): string[] {
  const lines: string[] = [];
  const decoder = new TextDecoder("utf-8", { fatal: true });
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(LINE_FEED, start);
    try {
      lines.push(decoder.decode(bytes.subarray(start, end)));
    } catch {
      throw damaged(`Line ${lines.length + 1} of ${path} is not text in UTF-8`);
    }
    start = end + 1;
  }
  return lines;
}

function parsedHeader(line: string, path: string): JournalHeader {
  const expected: Expected = {
    code: "journal-damaged",
    place: `Line 1 of ${path}`,
    what: "the header of a journal of corrections",
    remedy: "give a journal that the studio has written, or restore it from a copy",
  };
  const value = parseJson(line, expected);
  const { format } = checked(ANY_FORMAT, value, expected);
  if (format === JOURNAL_FORMAT) return checked(headerSchema, value, expected);
  throw new UserError(
    "journal-other-format",
    `${path} has format ${format}, but this program reads format ${JOURNAL_FORMAT}: use the program that wrote it.`,
  );
}

/** A header of any version of the format. */
const ANY_FORMAT = z.looseObject({ format: z.number() });

const REMEDY = "restore the journal from a copy";

const damaged = (what: string): UserError => new UserError("journal-damaged", `${what}: ${REMEDY}.`);
