/**
 * The journal of the corrections of one dataset, open for appending: one line per entry, in a file that only grows. An
 * entry is on the disk before `append` resolves. entries.ts describes the lines, read.ts reads them.
 */
import { type FileHandle, open, stat } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { fileError, kindOf, makeFolders, writeFileAtomically } from "../../system/files.ts";
import { type HeldLock, takeLock } from "../../system/folder_lock.ts";
import { removeLeftovers } from "../../system/leftovers.ts";
import { SOFTWARE } from "../../system/version.ts";
import { messageOf, UserError } from "../../util/errors.ts";
import { checked } from "../../util/json.ts";
import {
  type Correction,
  type CorrectionDraft,
  correctionDraftSchema,
  JOURNAL_FORMAT,
  type JournalDataset,
  type JournalHeader,
} from "./entries.ts";
import { type ReadJournal, readJournal, requireJournalOf } from "./read.ts";
import { undoneEntries } from "./replay.ts";

/** An open journal. This process holds its lock until `close`. */
export interface CorrectionJournal {
  readonly path: string;
  readonly header: JournalHeader;
  /** All entries, in the order in which they were appended. A new array after each append. */
  readonly entries: readonly Correction[];
  /**
   * Appends an entry, and returns it with its time when it is on the disk. Several calls are queued. A draft whose id
   * and content are already in the journal is not appended again: the earlier entry is returned.
   * @throws UserError if the entry is invalid, or if it cannot be written; then nothing of it is in the journal.
   */
  append(draft: CorrectionDraft): Promise<Correction>;
  /** Waits for the queued entries, and releases the lock. */
  close(): Promise<void>;
}

/** The name of a dataset's journal. */
export function journalName({ name, manifest_sha256 }: JournalDataset): string {
  return `${name}-${manifest_sha256.slice(0, 8)}.jsonl`;
}

/**
 * Opens the journal of a dataset, or creates it with its folder.
 * @param now the clock that gives the entries their times
 * @throws UserError if another process has it open, if it belongs to another dataset or is damaged, or if it cannot be
 * written.
 */
export async function openJournal(
  path: string,
  dataset: JournalDataset,
  now: () => Date = () => new Date(),
): Promise<CorrectionJournal> {
  const folder = dirname(resolve(path));
  await makeFolders(folder).catch((error: unknown) => {
    throw fileError(error, `cannot make the folder ${folder}`, "check the free space and its permissions");
  });
  const lock = takeLock(folder, `${basename(path)}.lock`);
  try {
    await removeLeftovers(folder, () => {});
    if ((await kindOf(path)) === "nothing") await writeFileAtomically(path, lineOf(newHeader(dataset)));
    const found = await readJournal(path);
    requireJournalOf(path, found.header, dataset);
    const file = await open(path, "a");
    return new OpenJournal({ path, file, lock, found, now });
  } catch (error) {
    lock.close();
    throw fileError(error, `cannot open the journal ${path}`, "check its permissions");
  }
}

const newHeader = (dataset: JournalDataset): JournalHeader => ({ format: JOURNAL_FORMAT, dataset, software: SOFTWARE });

const lineOf = (value: object): string => `${JSON.stringify(value)}\n`;

interface Parts {
  readonly path: string;
  readonly file: FileHandle;
  readonly lock: HeldLock;
  readonly found: ReadJournal;
  readonly now: () => Date;
}

class OpenJournal implements CorrectionJournal {
  readonly path: string;
  readonly header: JournalHeader;
  readonly #parts: Parts;
  #entries: readonly Correction[];
  /** The bytes of the complete lines, and of the file: they differ only while the file ends with an incomplete line. */
  #completeBytes: number;
  #fileBytes: number;
  /** Resolves when every append so far has ended. */
  #last: Promise<unknown> = Promise.resolve();
  #isClosed = false;
  /** Why nothing more can be appended; undefined if it can. */
  #unusable: string | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.path = parts.path;
    this.header = parts.found.header;
    this.#entries = parts.found.entries;
    this.#completeBytes = parts.found.completeBytes;
    this.#fileBytes = parts.found.bytes;
  }

  get entries(): readonly Correction[] {
    return this.#entries;
  }

  append(draft: CorrectionDraft): Promise<Correction> {
    if (this.#isClosed) return Promise.reject(this.#refusal("it is closed"));
    const appended = this.#last.then(() => this.#append(draft));
    this.#last = appended.catch(() => {});
    return appended;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#last;
    await this.#parts.file.close().catch(() => {});
    this.#parts.lock.close();
  }

  async #append(given: CorrectionDraft): Promise<Correction> {
    const draft = checked<CorrectionDraft>(correctionDraftSchema, given, {
      code: "correction-invalid",
      place: "The correction",
      what: "an entry of the journal",
      remedy: "nothing was saved, correct the request",
    });
    const same = this.#entries.find(({ id }) => id === draft.id);
    if (same !== undefined) return requireSame(same, draft);
    if (draft.kind === "undo") this.#requireUndoable(draft.undoes);
    const entry = { ...draft, time: this.#parts.now().toISOString() };
    await this.#write(Buffer.from(lineOf(entry)));
    this.#entries = [...this.#entries, entry];
    return entry;
  }

  #requireUndoable(id: string): void {
    const known = this.#entries.some((entry) => entry.id === id);
    if (known && !undoneEntries(this.#entries).has(id)) return;
    throw new UserError(
      "correction-not-undoable",
      known
        ? `The entry ${id} of ${this.path} is undone already: undo that undo to put it into effect again.`
        : `${this.path} has no entry ${id} to undo: load the journal again.`,
    );
  }

  /** Writes a line and flushes it to the disk, or leaves the journal as it was. */
  async #write(line: Buffer): Promise<void> {
    await this.#requireUsable();
    const { file } = this.#parts;
    try {
      // An incomplete line is cut off only now, so that a journal that is only read is not changed.
      if (this.#fileBytes !== this.#completeBytes) await this.#cutBack();
      const { bytesWritten } = await file.write(line);
      if (bytesWritten !== line.length) throw notWhole(this.path);
      await file.sync();
      this.#completeBytes += line.length;
      this.#fileBytes = this.#completeBytes;
    } catch (error) {
      await this.#cutBack().catch((failed: unknown) => {
        this.#unusable = `a failed write could not be taken back (${messageOf(failed)})`;
      });
      throw fileError(
        error,
        `the correction was not saved, cannot write ${this.path}`,
        "free some space or check the disk, and correct it again",
      );
    }
  }

  async #cutBack(): Promise<void> {
    await this.#parts.file.truncate(this.#completeBytes);
    await this.#parts.file.sync();
    this.#fileBytes = this.#completeBytes;
  }

  /** Checks that the file at the path is still the one that is open, with the length that it had. */
  async #requireUsable(): Promise<void> {
    if (this.#unusable !== undefined) throw this.#refusal(this.#unusable);
    const [own, there] = [await this.#parts.file.stat(), await stat(this.path).catch(() => undefined)];
    if (there?.ino !== own.ino || there.dev !== own.dev) {
      throw this.#refusal("another program removed or replaced it");
    }
    if (own.size !== this.#fileBytes) throw this.#refusal("another program changed it");
  }

  #refusal(why: string): UserError {
    return new UserError(
      "journal-changed",
      `The correction was not saved in ${this.path}, because ${why}: open the journal again.`,
    );
  }
}

function requireSame(entry: Correction, draft: CorrectionDraft): Correction {
  const { time: _, ...content } = entry;
  if (isDeepStrictEqual(content, draft)) return entry;
  throw new UserError(
    "correction-repeated",
    `The journal has another entry with the id ${draft.id}: give each correction an id of its own.`,
  );
}

function notWhole(path: string): UserError {
  return new UserError(
    "disk-full",
    `The correction was not saved, as only a part of it could be written to ${path}: free some space, and correct it again.`,
  );
}
