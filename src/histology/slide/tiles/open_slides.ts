/**
 * The slides that are open for tiles: the ones used last, within a limit of memory. A slide whose file has changed is
 * opened again, so that no tile of another file is shown.
 */
import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileStamp } from "../../../system/file_stamp.ts";
import { sha256OfBytes } from "../../../system/files.ts";
import { dicom } from "../dicom.ts";
import { openSlide } from "../open.ts";
import { picture } from "../picture.ts";
import type { Slide } from "../slide.ts";
import { limitTileCaches } from "../tile_cache.ts";
import { overviewLevels, type PyramidLevel, pyramidOf } from "./levels.ts";
import { TileRenderer } from "./render.ts";

/** A slide keeps decoded tiles of at most this size: twice what a window shows. */
const MOST_CACHED_BYTES = 40 * 1024 * 1024;
const MOST_OPEN = 8;

/** An open slide and its pyramid. */
export interface OpenedSlide {
  readonly path: string;
  readonly slide: Slide;
  readonly levels: readonly PyramidLevel[];
  readonly renderer: TileRenderer;
  /** The number of levels whose tiles come from the overview. */
  readonly overviewLevels: number;
  /** The files that hold the slide. */
  readonly files: readonly string[];
  /** Changes whenever one of these files changes. */
  readonly version: string;
}

interface Entry {
  readonly opened: Promise<OpenedSlide>;
  /** The bytes of memory that it may take; 0 while it opens. */
  bytes: number;
  users: number;
  /** It is closed when nobody uses it. */
  isOld: boolean;
}

export class OpenSlides {
  readonly #mostBytes: number;
  /** By path, in the order of last use, oldest first. */
  readonly #entries = new Map<string, Entry>();
  /** Those that were replaced and are still used. */
  readonly #leaving = new Set<Entry>();

  /** @param mostBytes of decoded pixels; a slide in use is kept even beyond it. */
  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
    limitTileCaches(MOST_CACHED_BYTES);
  }

  /**
   * Calls `work` with the slide, which stays open meanwhile.
   * @throws UserError if it cannot be opened.
   */
  async use<T>(path: string, work: (opened: OpenedSlide) => Promise<T>): Promise<T> {
    const entry = await this.#current(path);
    entry.users++;
    try {
      return await work(await entry.opened);
    } finally {
      entry.users--;
      await this.#makeRoom();
    }
  }

  /** Closes the slide of that path as soon as nobody uses it. */
  async forget(path: string): Promise<void> {
    const entry = this.#entries.get(path);
    if (entry) this.#replace(path, entry);
    await this.#makeRoom();
  }

  /** Closes all slides; those in use when their work is done. */
  async close(): Promise<void> {
    for (const [path, entry] of this.#entries) this.#replace(path, entry);
    await this.#makeRoom();
  }

  async #current(path: string): Promise<Entry> {
    const known = this.#entries.get(path);
    if (known && (await isCurrent(known))) {
      const again = this.#entries.get(path);
      if (again === known) {
        this.#entries.delete(path);
        this.#entries.set(path, known);
        return known;
      }
    } else if (known && this.#entries.get(path) === known) this.#replace(path, known);
    return this.#entries.get(path) ?? this.#open(path);
  }

  #open(path: string): Entry {
    const entry: Entry = { opened: open(path), bytes: 0, users: 0, isOld: false };
    this.#entries.set(path, entry);
    entry.opened.then(
      ({ slide }) => {
        entry.bytes = bytesOf(slide);
      },
      () => {
        if (this.#entries.get(path) === entry) this.#entries.delete(path);
      },
    );
    return entry;
  }

  #replace(path: string, entry: Entry): void {
    entry.isOld = true;
    this.#entries.delete(path);
    this.#leaving.add(entry);
  }

  async #makeRoom(): Promise<void> {
    let bytes = this.#entries.values().reduce((sum, entry) => sum + entry.bytes, 0);
    for (const [path, entry] of this.#entries) {
      if (bytes <= this.#mostBytes && this.#entries.size <= MOST_OPEN) break;
      if (entry.users > 0 || entry.bytes === 0) continue;
      bytes -= entry.bytes;
      this.#replace(path, entry);
    }
    for (const entry of this.#leaving) {
      if (entry.users > 0) continue;
      this.#leaving.delete(entry);
      await entry.opened.then(({ slide }) => slide.close());
    }
  }
}

/** Whether the files of an open slide are still those that were opened. */
async function isCurrent({ opened }: Entry): Promise<boolean> {
  const one = await opened;
  return (await versionOf(one.files).catch(() => undefined)) === one.version;
}

async function open(path: string): Promise<OpenedSlide> {
  // A change between the stamp and the opening is found at the next use.
  const single = await versionOf([path]).catch(() => "");
  const slide = await openSlide(path);
  try {
    const files = slide.format === dicom.name ? await filesBeside(path) : [path];
    const version = files.length === 1 ? single : await versionOf(files);
    const levels = pyramidOf(slide.levels[0]);
    const renderer = new TileRenderer(slide, levels);
    return { path, slide, levels, renderer, overviewLevels: overviewLevels(slide, levels), files, version };
  } catch (error) {
    await slide.close();
    throw error;
  }
}

/** A DICOM slide is a series of files in one folder, whatever their names. */
async function filesBeside(path: string): Promise<string[]> {
  const entries = await readdir(dirname(path), { withFileTypes: true });
  const names = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  return names.sort().map((name) => join(dirname(path), name));
}

async function versionOf(files: readonly string[]): Promise<string> {
  const stamps = await Promise.all(files.map((file) => fileStamp(file)));
  return sha256OfBytes(Buffer.from(stamps.join("\n"))).slice(0, 16);
}

/** The pixels that an open slide keeps in memory: a plain picture is decoded whole. */
function bytesOf({ format, levels }: Slide): number {
  const bytes = levels.reduce((sum, { width, height }) => sum + width * height * 3, 1);
  return picture.name.includes(format) ? bytes : Math.min(bytes, MOST_CACHED_BYTES);
}
