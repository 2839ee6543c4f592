/**
 * Caches the most recently used tiles, with a limit in bytes. A tile that several regions request at once is decoded
 * once.
 */
import type { RgbImage } from "../image/rgb.ts";

/**
 * Two rows of 256-pixel tiles of a slide 100,000 pixels wide take 154 MB. A row of regions of 1,024 pixels needs much
 * less.
 */
const MOST_BYTES = 96 * 1024 * 1024;

/** The limit of slides that are opened from now on in this thread. */
let mostBytes = MOST_BYTES;

/** Sets that limit, for a thread that reads each tile about once. */
export function limitTileCaches(bytes: number): void {
  mostBytes = bytes;
}

/** The number of decoding threads (libuv's four), plus two tiles whose bytes are read meanwhile. */
const MOST_AT_ONCE = 6;

type Tile = RgbImage | undefined;

export class TileCache {
  /** In the order of last use, oldest first. */
  readonly #kept = new Map<string, { tile: Tile; bytes: number }>();
  readonly #loading = new Map<string, Promise<Tile>>();
  readonly #waiting: (() => void)[] = [];
  readonly #mostBytes = mostBytes;
  #bytes = 0;
  #running = 0;

  /** Returns the tile with this key. `load` reads it if it is not in the cache. */
  async get(key: string, load: () => Promise<Tile>): Promise<Tile> {
    const kept = this.#kept.get(key);
    if (kept) {
      this.#kept.delete(key);
      this.#kept.set(key, kept);
      return kept.tile;
    }
    let loading = this.#loading.get(key);
    if (!loading) {
      loading = this.#inTurn(load).then((tile) => this.#keep(key, tile));
      this.#loading.set(key, loading);
      const forget = () => this.#loading.delete(key);
      loading.then(forget, forget);
    }
    return loading;
  }

  async #inTurn(load: () => Promise<Tile>): Promise<Tile> {
    if (this.#running === MOST_AT_ONCE) await new Promise<void>((start) => this.#waiting.push(start));
    else this.#running++;
    try {
      return await load();
    } finally {
      // The next waiting task takes over this slot, so the count stays the same.
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running--;
    }
  }

  #keep(key: string, tile: Tile): Tile {
    const bytes = tile?.data.byteLength ?? 0;
    this.#kept.set(key, { tile, bytes });
    this.#bytes += bytes;
    for (const [oldest, { bytes: freed }] of this.#kept) {
      if (this.#bytes <= this.#mostBytes) break;
      this.#kept.delete(oldest);
      this.#bytes -= freed;
    }
    return tile;
  }
}
