/**
 * Deep-zoom tiles of any slide: opens slides, keeps recent tiles, and makes the overview of a slide that has no pyramid
 * when asked to. Files and routes are the caller's.
 */
import { nameOfBytes } from "../../../system/file_stamp.ts";
import { messageOf, UserError } from "../../../util/errors.ts";
import type { Gaps, SlideLevel } from "../slide.ts";
import { type PyramidLevel, regionOfTile, TILE_PIXELS, type TilePlace } from "./levels.ts";
import { type OpenedSlide, OpenSlides } from "./open_slides.ts";
import { makeStoredOverview, openOverview, removeOverview } from "./overview.ts";
import type { OverviewReader } from "./overview_file.ts";
import { RecentBytes } from "./recent_bytes.ts";
import { SharedWork } from "./shared_work.ts";

/** Decoded pixels of all open slides. */
const MOST_SLIDE_BYTES = 144 * 1024 * 1024;
/** JPEG tiles that were made already. */
const MOST_TILE_BYTES = 32 * 1024 * 1024;
const TILES_AT_ONCE = 4;
const MOST_TILES_WAITING = 256;

/**
 * - unneeded: the slide has a pyramid of its own
 * - absent: it is needed; ask for it with `startOverview`
 * - making: with the finished share, from 0 to 1
 * - ready
 * - failed: with a sentence
 */
export type OverviewState =
  | { readonly state: "unneeded" | "absent" | "ready" }
  | { readonly state: "making"; readonly share: number }
  | { readonly state: "failed"; readonly message: string };

export interface TiledSlideFacts {
  readonly format: string;
  readonly tilePixels: number;
  /** The pyramid; the index is the z of a tile. */
  readonly levels: readonly PyramidLevel[];
  /** The levels in the file. */
  readonly stored: readonly SlideLevel[];
  readonly micronsPerPixel: number | undefined;
  readonly objective: number | undefined;
  /** The tiles that are missing from the finest level in the file. */
  readonly gaps: Gaps;
  /** The number of levels whose tiles come from the overview. */
  readonly overviewLevels: number;
  /** Changes whenever the slide's file changes. */
  readonly version: string;
}

/** The overview of one version of a slide. */
interface Overview {
  state: OverviewState;
  reader?: OverviewReader | undefined;
  /** Names the bytes of the slide. */
  name?: string;
  making?: Promise<void>;
}

export interface SlideTilesOptions {
  /** The folder for overviews; it is made when the first one is. */
  readonly folder: string;
}

export class SlideTiles {
  readonly #folder: string;
  readonly #slides = new OpenSlides(MOST_SLIDE_BYTES);
  readonly #tiles = new RecentBytes(MOST_TILE_BYTES);
  readonly #work = new SharedWork<Buffer>(TILES_AT_ONCE, MOST_TILES_WAITING);
  /** By version of the slide. */
  readonly #overviews = new Map<string, Promise<Overview>>();
  readonly #end = new AbortController();
  /** One overview is made at a time. */
  #lastMaking: Promise<unknown> = Promise.resolve();

  constructor({ folder }: SlideTilesOptions) {
    this.#folder = folder;
  }

  /** @throws UserError if the slide cannot be opened. */
  facts(path: string): Promise<TiledSlideFacts> {
    return this.#slides.use(path, async ({ slide, levels, overviewLevels, version }) => ({
      ...{ format: slide.format, tilePixels: TILE_PIXELS, levels, stored: slide.levels },
      ...{ micronsPerPixel: slide.micronsPerPixel, objective: slide.objective, gaps: slide.gapsOf(0) },
      ...{ overviewLevels, version },
    }));
  }

  /**
   * A tile as JPEG.
   * @throws UserError if there is no such tile, the slide is damaged there, its overview is needed first, or too many
   *   tiles are waiting; the signal's reason if it is aborted.
   */
  tile(path: string, place: TilePlace, signal: AbortSignal): Promise<Buffer> {
    signal.throwIfAborted();
    return this.#slides.use(path, async (opened) => {
      const { renderer, levels, version } = opened;
      regionOfTile(levels, place);
      if (place.z < opened.overviewLevels) return this.#overviewTile(opened, place);
      const key = `${version}/${place.z}/${place.x}/${place.y}`;
      const recent = this.#tiles.get(key);
      if (recent) return recent;
      const made = await this.#work.get(key, signal, () =>
        // A request that is aborted no longer keeps the slide open, so the work itself does.
        this.#slides.use(path, () => renderer.render(place)),
      );
      this.#tiles.set(key, made);
      return made;
    });
  }

  /** @throws UserError if the slide cannot be opened. */
  overview(path: string): Promise<OverviewState> {
    return this.#slides.use(path, async (opened) => (await this.#overviewOf(opened)).state);
  }

  /**
   * Starts to make the overview of a slide, if it needs one.
   * @throws UserError if the slide cannot be opened.
   */
  startOverview(path: string): Promise<OverviewState> {
    return this.#slides.use(path, async (opened) => {
      const overview = await this.#overviewOf(opened);
      const { state } = overview.state;
      if (state === "absent" || state === "failed") {
        overview.state = { state: "making", share: 0 };
        overview.making = this.#lastMaking.then(() => this.#make(opened, overview));
        this.#lastMaking = overview.making;
      }
      return overview.state;
    });
  }

  /** Waits until the overview of a slide that was started is ready or failed. */
  async waitForOverview(path: string): Promise<OverviewState> {
    const overview = await this.#slides.use(path, (opened) => this.#overviewOf(opened));
    await overview.making;
    return overview.state;
  }

  /** Stops all work and closes all files. */
  async close(): Promise<void> {
    this.#end.abort();
    await this.#lastMaking;
    for (const overview of this.#overviews.values()) await (await overview).reader?.close();
    this.#overviews.clear();
    await this.#slides.close();
  }

  async #overviewTile(opened: OpenedSlide, place: TilePlace): Promise<Buffer> {
    const overview = await this.#overviewOf(opened);
    const { reader, name } = overview;
    if (!reader) {
      throw new UserError("overview-pending", "The overview of the slide is not made yet: wait until it is.");
    }
    return reader.read(place).catch(async (error: unknown) => {
      if (overview.reader !== reader) throw error;
      overview.reader = undefined;
      overview.state = { state: "absent" };
      await reader.close();
      await removeOverview(this.#folder, name!);
      throw error;
    });
  }

  #overviewOf({ version, overviewLevels, files }: OpenedSlide): Promise<Overview> {
    let overview = this.#overviews.get(version);
    if (!overview) {
      const isNeeded = overviewLevels > 0;
      overview = isNeeded ? this.#stored(files) : Promise.resolve({ state: { state: "unneeded" } });
      this.#overviews.set(version, overview);
      overview.catch(() => this.#overviews.delete(version));
    }
    return overview;
  }

  async #stored(files: readonly string[]): Promise<Overview> {
    const name = await nameOfBytes(files, this.#end.signal);
    const reader = await openOverview(this.#folder, name);
    return { name, reader, state: { state: reader ? "ready" : "absent" } };
  }

  /** Never fails: what went wrong is in the overview's state. */
  async #make({ path, files }: OpenedSlide, overview: Overview): Promise<void> {
    const { signal } = this.#end;
    const name = overview.name!;
    const onProgress = (done: number, total: number) => {
      overview.state = { state: "making", share: done / total };
    };
    try {
      await makeStoredOverview({ folder: this.#folder, slide: path, name, signal, onProgress });
      const isSame = (await nameOfBytes(files, signal)) === name;
      if (!isSame) await removeOverview(this.#folder, name);
      overview.reader = isSame ? await openOverview(this.#folder, name) : undefined;
      overview.state = overview.reader
        ? { state: "ready" }
        : { state: "failed", message: "The slide has changed while its overview was made: open it again." };
    } catch (error) {
      overview.state = { state: "failed", message: messageOf(error) };
    }
  }
}
