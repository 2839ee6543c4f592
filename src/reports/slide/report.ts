/** What slide.json holds: every number that the page shows, under its name. */
import type { DeviceName } from "../../engine/runtime/devices.ts";
import type { NamedModel } from "../named_model.ts";
import type { Agreement } from "./agreement.ts";
import type { Findings } from "./findings.ts";

export interface SlideReport {
  readonly slide: {
    readonly file: string;
    readonly sha256: string;
    readonly format: string;
    /** Of level 0, in pixels. */
    readonly width: number;
    readonly height: number;
    readonly levels: number;
    /** As the slide states it. */
    readonly microns_per_pixel: number | null;
    /** Of the level that was read: its tiles, and those that the file leaves out. */
    readonly tiles: {
      readonly in_level: number;
      /** Shown from a finer level. */
      readonly filled: number;
      /** White. */
      readonly absent: number;
    };
    /** The objective's magnification, as the slide states it. */
    readonly objective: number | null;
  };
  readonly scale: {
    /** Pixels of level 0 that a model pixel is wide. */
    readonly slide_pixels_per_model_pixel: number;
    readonly reason: string;
    readonly guessed: boolean;
    /** What areas are computed with: --mpp, --objective or what the slide states. */
    readonly microns_per_pixel: number | null;
    /** The level that was read. */
    readonly level: number;
  };
  readonly grid: {
    readonly columns: number;
    readonly rows: number;
    /** In model pixels. */
    readonly patch: number;
    readonly stride: number;
    readonly min_tissue: number;
  };
  /** Picture pixel (i, j) of each map is the square of so many pixels of level 0 at (i, j) times as many. */
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
    /** Its left upper corner in pixels of level 0. */
    readonly x: number;
    readonly y: number;
  }[];
  /** Null if no labels were given. */
  readonly agreement: (Agreement & { readonly labels: string; readonly case: string }) | null;
  /** What of the options the files depend on. */
  readonly settings: Readonly<Record<string, string | number>>;
  readonly model: NamedModel;
  readonly model_sha256: string;
  readonly device: DeviceName;
  readonly command: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly notice: string;
}
