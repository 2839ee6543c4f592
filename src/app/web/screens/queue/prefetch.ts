/** The pixels of the items of a page: those ahead are fetched before they are needed, so that they are shown at once. */
import type { QueueItem } from "../../../api/corrections.ts";
import { getBytes } from "../../state/api.ts";

/** So many items are fetched at a time. */
const AT_ONCE = 2;

export class ItemPixels {
  readonly #dataset: string;
  readonly #items: readonly QueueItem[];
  readonly #loads = new Map<number, Promise<Uint8Array>>();
  readonly #loaded = new Map<number, Uint8Array>();

  constructor(dataset: string, items: readonly QueueItem[]) {
    this.#dataset = dataset;
    this.#items = items;
  }

  /** The pixels of an item and of its neighbours, if they have come. */
  at(place: number): Uint8Array | undefined {
    return this.#loaded.get(place);
  }

  /** Fetches an item, then all others after it, a few at a time. */
  async want(place: number): Promise<Uint8Array> {
    const pixels = await this.#load(place);
    void this.#ahead(place + 1);
    return pixels;
  }

  async #ahead(from: number): Promise<void> {
    for (let place = from; place < this.#items.length; place += AT_ONCE) {
      const some = Array.from({ length: AT_ONCE }, (_, i) => place + i).filter((one) => one < this.#items.length);
      await Promise.all(some.map((one) => this.#load(one))).catch(() => {});
    }
  }

  #load(place: number): Promise<Uint8Array> {
    const known = this.#loads.get(place);
    if (known) return known;
    const { record, neighbours } = this.#items[place]!;
    const records = [record, ...neighbours.map((one) => one.record)];
    const load = getBytes(`/datasets/${this.#dataset}/pixels?records=${records.join(",")}`).then((bytes) => {
      const pixels = new Uint8Array(bytes);
      this.#loaded.set(place, pixels);
      return pixels;
    });
    this.#loads.set(place, load);
    load.catch(() => this.#loads.delete(place));
    return load;
  }
}
