/** What a scored slide comes to, in numbers. */

/** Areas count a patch as a square of the stride's size, so that overlapping patches are not counted twice. */
export interface Findings {
  readonly patches: { readonly scored: number; readonly in_grid: number; readonly with_little_tissue: number };
  /** Of the scored patches; null if the slide does not state how large its pixels are. */
  readonly tissue_mm2: number | null;
  /** Scored patches over those of the grid. */
  readonly tissue_share: number;
  readonly idc: {
    readonly patches: number;
    /** Of the scored patches. */
    readonly share: number;
    readonly mm2: number | null;
    readonly regions: number;
    readonly largest_region_patches: number;
    readonly largest_region_mm2: number | null;
  };
  readonly probability: { readonly mean: number; readonly max: number };
}
