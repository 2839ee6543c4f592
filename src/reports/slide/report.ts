/** The content of slide.json: every number of the page, each under a name. */
import type { DeviceName } from "../../engine/runtime/devices.ts";
import type { NamedModel } from "../named_model.ts";
import type { Agreement } from "./agreement.ts";
import type { Findings } from "./findings.ts";

export interface SlideReport {
  readonly slide: {
    readonly file: string;
    readonly sha256: string;
    readonly format: string;
    /** The size of level 0 in pixels. */
    readonly width: number;
    readonly height: number;
    readonly levels: number;
    /** The value in the slide's file. */
    readonly microns_per_pixel: number | null;
    /** The number of tiles in the level that was read, and how many are missing from the file. */
    readonly tiles: {
      readonly in_level: number;
      /** Missing tiles that were filled from a finer level. */
      readonly filled: number;
      /** Missing tiles that are shown as white. */
      readonly absent: number;
    };
    /** The objective's magnification in the slide's file. */
    readonly objective: number | null;
  };
  readonly scale: {
    /** The width of a model pixel in pixels of level 0. */
    readonly slide_pixels_per_model_pixel: number;
    readonly reason: string;
    readonly guessed: boolean;
    /** The value used for areas: from --mpp, from --objective, or from the slide's file. */
    readonly microns_per_pixel: number | null;
    /** The level that was read. */
    readonly level: number;
  };
  readonly grid: {
    readonly columns: number;
    readonly rows: number;
    /** The side of a patch in model pixels. */
    readonly patch: number;
    readonly stride: number;
    readonly min_tissue: number;
  };
  /**
   * The maps. With s = `slide_pixels_per_picture_pixel`, picture pixel (i, j) covers the s x s pixels of level 0 that
   * start at (i * s, j * s).
   */
  readonly pictures: {
    readonly slide_pixels_per_picture_pixel: number;
    readonly width: number;
    readonly height: number;
  };
  readonly threshold: number;
  readonly findings: Findings;
  /** The largest regions at or above the threshold. */
  readonly regions: readonly {
    readonly patches: number;
    readonly mean_probability: number;
    readonly max_probability: number;
    /** The region's left upper corner in pixels of level 0. */
    readonly x: number;
    readonly y: number;
  }[];
  /** Null if no labels were given. */
  readonly agreement: (Agreement & { readonly labels: string; readonly case: string }) | null;
  /** The options that affect the files. */
  readonly settings: Readonly<Record<string, string | number>>;
  readonly model: NamedModel;
  readonly model_sha256: string;
  readonly device: DeviceName;
  readonly command: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly notice: string;
}
