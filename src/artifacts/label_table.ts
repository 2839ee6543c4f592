/** Stores labels by position in eight bytes each, so that a table of a million rows stays small. */

/** Positions are below this. A slide that wide in model pixels would be more than 100 metres wide. */
export const MOST_PLACES = 2 ** 25;

/** Collects labels, then sorts them by position for lookups. */
export class LabelTable {
  /** (y * MOST_PLACES + x) * 2 + label, which a float64 represents exactly. */
  #entries = new Float64Array(1024);
  #size = 0;
  #idc = 0;

  /** @param x a whole number from 0 to below MOST_PLACES, like y */
  add(x: number, y: number, label: 0 | 1): void {
    if (this.#size === this.#entries.length) {
      const larger = new Float64Array(2 * this.#size);
      larger.set(this.#entries);
      this.#entries = larger;
    }
    this.#entries[this.#size++] = (y * MOST_PLACES + x) * 2 + label;
  }

  /**
   * Sorts the labels and removes duplicates. Call it once, after all labels are added.
   * @returns a position with both labels, after which the table must not be used; undefined if all labels agree.
   */
  sort(): { x: number; y: number } | undefined {
    const sorted = this.#entries.subarray(0, this.#size).sort();
    let size = 0;
    for (const entry of sorted) {
      const before = size === 0 ? -1 : sorted[size - 1]!;
      if (entry === before) continue;
      const place = Math.floor(entry / 2);
      if (place === Math.floor(before / 2)) return { x: place % MOST_PLACES, y: Math.floor(place / MOST_PLACES) };
      sorted[size++] = entry;
      this.#idc += entry % 2;
    }
    this.#entries = sorted.slice(0, size);
    this.#size = size;
    return undefined;
  }

  get size(): number {
    return this.#size;
  }

  /** The number of labels that are 1. */
  get idc(): number {
    return this.#idc;
  }

  get(x: number, y: number): 0 | 1 | undefined {
    const wanted = (y * MOST_PLACES + x) * 2;
    let [low, high] = [0, this.#size];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#entries[middle]! < wanted) low = middle + 1;
      else high = middle;
    }
    const found = low < this.#size ? this.#entries[low]! - wanted : -1;
    return found === 0 || found === 1 ? found : undefined;
  }
}
