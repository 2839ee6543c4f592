/** The sizes of the cases of the official test part, on which intervals are tested. */

/** The number of patches of each of the 49 test cases of the subset, by case number. */
const SUBSET_SIZES: readonly number[] = [
  1133, 171, 1541, 44, 101, 608, 40, 60, 87, 61, 64, 59, 85, 79, 19, 94, 9, 88, 119, 21, 25, 22, 51, 29, 33, 31, 23, 29,
  44, 28, 11, 44, 32, 30, 21, 18, 4, 28, 20, 22, 5, 10, 25, 8, 10, 26, 39, 30, 40,
];

export const subsetSizes = (): number[] => [...SUBSET_SIZES];
