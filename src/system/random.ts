/**
 * Seeded randomness. A seed and a purpose ("order" of epoch 3, "dropout" of step 1,207) identify a stream. Each stream
 * can be recreated at any time, in any order and on any thread, so that no state has to be saved.
 */
import { createCipheriv, createSecretKey, hash } from "node:crypto";

const BLOCK_BYTES = 4096;
const ZEROS = Buffer.alloc(BLOCK_BYTES);

/** A stream of random numbers: the AES-128-CTR keystream, with a key derived from the seed and the purpose. */
export class RandomStream {
  readonly #cipher;
  #block = Buffer.alloc(0);
  #offset = 0;

  constructor(seed: number, ...purpose: (string | number)[]) {
    const key = hash("sha256", JSON.stringify([seed, ...purpose]), "buffer");
    // A key object makes this several times faster than the key's bytes do.
    this.#cipher = createCipheriv("aes-128-ctr", createSecretKey(key.subarray(0, 16)), key.subarray(16, 32));
  }

  /** `length` random bytes. */
  bytes(length: number): Uint8Array {
    return this.#cipher.update(length <= BLOCK_BYTES ? ZEROS.subarray(0, length) : Buffer.alloc(length));
  }

  /** A whole number in [0, 2^32). */
  uint32(): number {
    if (this.#offset + 4 > this.#block.length) {
      this.#block = this.#cipher.update(ZEROS);
      this.#offset = 0;
    }
    const value = this.#block.readUInt32LE(this.#offset);
    this.#offset += 4;
    return value;
  }

  /** A number in [low, high), with 53 random bits. */
  uniform(low = 0, high = 1): number {
    const high27 = this.uint32() >>> 5;
    const low26 = this.uint32() >>> 6;
    return low + (high - low) * ((high27 * 67108864 + low26) / 9007199254740992);
  }

  /** A whole number in [0, bound), uniformly distributed. */
  integer(bound: number): number {
    return Math.floor(this.uniform() * bound);
  }

  /** A number from a normal distribution (Box & Muller 1958). */
  normal(mean = 0, standardDeviation = 1): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return mean + standardDeviation * radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** Shuffles the items in place (Fisher & Yates) and returns them. */
  shuffle<T extends { [index: number]: unknown; length: number }>(items: T): T {
    for (let last = items.length - 1; last > 0; last--) {
      const other = this.integer(last + 1);
      const kept = items[last];
      items[last] = items[other];
      items[other] = kept;
    }
    return items;
  }
}
