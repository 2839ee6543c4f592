/** How an epoch draws its patches. */

/**
 * "patches": an epoch shows every patch once. "cases": it shows as many patches, but a case in proportion to the square root
 * of its number of patches, so that a few large cases do not drown many small ones.
 */
export const SAMPLINGS = ["patches", "cases"] as const;

export type Sampling = (typeof SAMPLINGS)[number];
