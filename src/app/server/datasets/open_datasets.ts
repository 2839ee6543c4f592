/**
 * The datasets that are in use. Opening one reads all its records once, so a few stay open; those not used for a while
 * are closed. A dataset whose description has changed is opened again.
 */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { type Dataset, openDataset } from "../../../histology/dataset/dataset.ts";
import { DATASET_FILES } from "../../../histology/dataset/description.ts";
import { inTurns } from "../../../util/turns.ts";
import type { DatasetItem } from "../../api/items.ts";
import type { Workspace } from "../workspace/workspace.ts";
import { averageColours, type PatchColumns, patchColumns } from "./columns.ts";

const MOST_OPEN = 3;
const IDLE_MILLISECONDS = 10 * 60_000;

/** A dataset that is open, with what the routes compute of it once. */
export interface OpenDataset extends PatchColumns {
  readonly item: DatasetItem;
  readonly dataset: Dataset;
  /** The average colour of each record, [n, 3]. */
  colours(): Promise<Uint8Array<ArrayBuffer>>;
  /** Computes a value once, as long as the dataset stays open and the key stays the same. */
  once<T>(what: string, key: string, compute: () => Promise<T>): Promise<T>;
}

interface Entry {
  readonly key: string;
  readonly opened: Promise<OpenDataset>;
  users: number;
  used: number;
  isDropped: boolean;
}

export class OpenDatasets {
  readonly #workspace: Workspace;
  readonly #signal: AbortSignal;
  readonly #entries = new Map<string, Entry>();

  /** @param signal closes all datasets once it is aborted */
  constructor(workspace: Workspace, signal: AbortSignal) {
    this.#workspace = workspace;
    this.#signal = signal;
    const timer = setInterval(() => this.#closeIdle(performance.now() - IDLE_MILLISECONDS), 60_000);
    timer.unref();
    signal.addEventListener("abort", () => {
      clearInterval(timer);
      this.#closeIdle(Number.POSITIVE_INFINITY);
    });
  }

  /** The number of datasets that are open. */
  get size(): number {
    return this.#entries.size;
  }

  /**
   * Calls the work with the dataset, which stays open at least until the work ends.
   * @throws UserError if there is no such dataset, or it is damaged.
   */
  async use<T>(id: string, work: (open: OpenDataset) => Promise<T> | T): Promise<T> {
    const entry = await this.#entry(id);
    entry.users++;
    try {
      return await work(await entry.opened);
    } finally {
      entry.users--;
      entry.used = performance.now();
      this.#closeIfDropped(entry);
      this.#closeMoreThan(MOST_OPEN);
    }
  }

  async #entry(id: string): Promise<Entry> {
    const item = await this.#item(id);
    const key = `${item.manifestSha256} ${item.changed}`;
    const known = this.#entries.get(id);
    if (known?.key === key) return known;
    if (known) this.#drop(id, known);
    const opened = this.#workspace
      .pathOf(item)
      .then((folder) => openDataset(folder, this.#signal))
      .then((dataset) => opening(item, dataset, this.#signal));
    const entry: Entry = { key, opened, users: 0, used: performance.now(), isDropped: false };
    this.#entries.set(id, entry);
    opened.catch(() => {
      if (this.#entries.get(id) === entry) this.#entries.delete(id);
    });
    return entry;
  }

  /** The item as it is now: the list of items may be older than the dataset. */
  async #item(id: string): Promise<DatasetItem> {
    const item = await this.#workspace.item("dataset", id);
    const place = join(this.#workspace.root, item.path, DATASET_FILES.description);
    const changed = await stat(place).then(
      ({ mtimeMs }) => mtimeMs,
      () => undefined,
    );
    if (changed === item.changed) return item;
    this.#workspace.forget();
    await this.#workspace.items();
    return this.#workspace.item("dataset", id);
  }

  #drop(id: string, entry: Entry): void {
    this.#entries.delete(id);
    entry.isDropped = true;
    this.#closeIfDropped(entry);
  }

  #closeIfDropped({ isDropped, users, opened }: Entry): void {
    if (isDropped && users === 0)
      void opened.then(
        ({ dataset }) => dataset.close(),
        () => {},
      );
  }

  #closeIdle(before: number): void {
    for (const [id, entry] of this.#entries) if (entry.used < before && entry.users === 0) this.#drop(id, entry);
  }

  #closeMoreThan(most: number): void {
    const idle = [...this.#entries].filter(([, { users }]) => users === 0).sort(([, a], [, b]) => a.used - b.used);
    for (const [id, entry] of idle.slice(0, Math.max(this.#entries.size - most, 0))) this.#drop(id, entry);
  }
}

function opening(item: DatasetItem, dataset: Dataset, signal: AbortSignal): OpenDataset {
  const values = new Map<string, { readonly key: string; readonly value: Promise<unknown> }>();
  const once = <T>(what: string, key: string, compute: () => Promise<T>): Promise<T> => {
    const known = values.get(what);
    if (known?.key === key) return known.value as Promise<T>;
    const value = compute();
    values.set(what, { key, value });
    value.catch(() => values.delete(what));
    return value;
  };
  return {
    item,
    dataset,
    ...patchColumns(dataset.rows),
    colours: () => once("colours", "", () => inTurns(averageColours(dataset), signal)),
    once,
  };
}
