/** What no other page has: ids of corrections, seeds of queues. */

/** The id of a correction. */
export const uniqueId = (): string => crypto.randomUUID();

/** A seed for a new queue, which the address then keeps. */
export const newSeed = (): number => crypto.getRandomValues(new Uint32Array(1))[0]!;
