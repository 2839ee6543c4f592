/** Labels by place, in nine bytes or less each: a table of a million rows stays small. */

/** Places from 0 to before this; a slide of as many model pixels would be a hundred metres wide. */
export const MOST_PLACES = 2 ** 25;

/** Labels while they are collected, and then sorted by place. */
export class LabelTable {
  /** (y * MOST_PLACES + x) * 2 + label, which a double holds exactly. */
  #entries = new Float64Array(1024);
  #size = 0;
  #idc = 0;

  /** @param x whole numbers from 0 to before MOST_PLACES, as y */
  add(x: number, y: number, label: 0 | 1): void {
    if (this.#size === this.#entries.length) {
      const larger = new Float64Array(2 * this.#size);
      larger.set(this.#entries);
      this.#entries = larger;
    }
    this.#entries[this.#size++] = (y * MOST_PLACES + x) * 2 + label;
  }

  /**
   * Called once, when all labels were added; a label that was given twice counts once.
   * @returns a place that has both labels, which is left as it is; undefined if there is none.
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

  /** How many are labelled 1. */
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
