/** The summary of a scored slide in numbers. */

/**
 * For areas, each patch counts as a square with the stride as its side. So overlapping patches are not counted twice.
 */
export interface Findings {
  readonly patches: { readonly scored: number; readonly in_grid: number; readonly with_little_tissue: number };
  /** The area of the scored patches; null if the size of the slide's pixels is unknown. */
  readonly tissue_mm2: number | null;
  /** The number of scored patches divided by the number of patches in the grid. */
  readonly tissue_share: number;
  /** The patches whose probability is at or above the threshold. */
  readonly idc: {
    readonly patches: number;
    /** As a share of the scored patches. */
    readonly share: number;
    readonly mm2: number | null;
    readonly regions: number;
    readonly largest_region_patches: number;
    readonly largest_region_mm2: number | null;
  };
  readonly probability: { readonly mean: number; readonly max: number };
}
