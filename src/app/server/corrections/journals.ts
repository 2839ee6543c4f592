/**
 * The journals of corrections, one per dataset: read when asked, opened for appending with the first correction, closed
 * when the server ends.
 */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { Correction, CorrectionDraft } from "../../../artifacts/corrections/entries.ts";
import { type CorrectionJournal, openJournal } from "../../../artifacts/corrections/journal.ts";
import { readJournal, requireJournalOf } from "../../../artifacts/corrections/read.ts";
import { UserError } from "../../../util/errors.ts";
import type { DatasetItem } from "../../api/items.ts";
import type { ServerNews } from "../news.ts";
import { journalDataset, journalPath } from "../workspace/journal_path.ts";

interface ReadEntries {
  readonly key: string;
  readonly entries: readonly Correction[];
}

export class Journals {
  readonly #root: string;
  readonly #news: ServerNews;
  /** By path. */
  readonly #open = new Map<string, Promise<CorrectionJournal>>();
  readonly #read = new Map<string, ReadEntries>();
  /** Resolves when the appends so far have ended, by path. */
  readonly #last = new Map<string, Promise<unknown>>();
  #isClosed = false;

  /** @param root the studio's folder */
  constructor(root: string, news: ServerNews) {
    this.#root = root;
    this.#news = news;
  }

  /**
   * All entries, in their order. Does not create or change the journal.
   * @throws UserError if it is damaged, or that of another dataset.
   */
  async entries(item: DatasetItem): Promise<readonly Correction[]> {
    const path = join(this.#root, journalPath(item));
    const opened = await this.#open.get(path)?.catch(() => undefined);
    if (opened) return opened.entries;
    const found = await stat(path).catch(() => undefined);
    if (!found) return NO_ENTRIES;
    const key = `${found.size} ${found.mtimeMs} ${found.ino}`;
    const known = this.#read.get(path);
    if (known?.key === key) return known.entries;
    const { header, entries } = await readJournal(path);
    requireJournalOf(journalPath(item), header, journalDataset(item));
    this.#read.set(path, { key, entries });
    return entries;
  }

  /**
   * Appends an entry, one after the other.
   * @param make gets the entries so far. It gives the entry to append, or one that is there already.
   * @throws UserError if nothing was saved.
   */
  append(
    item: DatasetItem,
    make: (entries: readonly Correction[]) => CorrectionDraft | Promise<CorrectionDraft>,
  ): Promise<{ readonly entry: Correction; readonly entries: readonly Correction[] }> {
    const path = join(this.#root, journalPath(item));
    const appended = (this.#last.get(path) ?? Promise.resolve()).then(() => this.#append(path, item, make));
    this.#last.set(
      path,
      appended.catch(() => {}),
    );
    return appended;
  }

  async #append(
    path: string,
    item: DatasetItem,
    make: (entries: readonly Correction[]) => CorrectionDraft | Promise<CorrectionDraft>,
  ) {
    const journal = await this.#opened(path, item);
    try {
      const entry = await journal.append(await make(journal.entries));
      const { entries } = journal;
      this.#news.publish("corrections", { dataset: item.id, entries: entries.length });
      return { entry, entries };
    } catch (error) {
      if (error instanceof UserError && error.code === "journal-changed") {
        this.#open.delete(path);
        await journal.close();
      }
      throw error;
    }
  }

  #opened(path: string, item: DatasetItem): Promise<CorrectionJournal> {
    if (this.#isClosed) throw new UserError("request-invalid", "The studio is ending: nothing was saved.");
    const known = this.#open.get(path);
    if (known) return known;
    const opened = openJournal(path, journalDataset(item));
    this.#open.set(path, opened);
    opened.catch(() => this.#open.delete(path));
    return opened;
  }

  /** Waits for the entries that are being written, and closes all journals. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#last.values());
    for (const opened of this.#open.values()) await opened.then((journal) => journal.close()).catch(() => {});
    this.#open.clear();
  }
}

const NO_ENTRIES: readonly Correction[] = [];
