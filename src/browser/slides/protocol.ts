/** The messages between the page, the worker that reads a slide, and the workers that run the model. */
import type { ModelCard } from "../../artifacts/model_card.ts";
import type { Grid } from "../../histology/slide/grid.ts";
import type { GeoJsonKind } from "../../options/slide.ts";
import type { Findings } from "../../reports/slide/findings.ts";
import type { ScoredCells } from "../../scoring/slide.ts";
import type { SentError } from "../protocol.ts";

/** A block of patches on its way to a worker with the model: uint8 RGB [count, side, side, 3]. */
export interface SentBlock {
  readonly images: Uint8Array<ArrayBuffer>;
  readonly count: number;
}

/** The answers for a block: float32 [count] each. */
export type BlockReply =
  | { readonly probabilities: Float32Array; readonly logits: Float32Array }
  | { readonly error: SentError };

/** How a slide is to be scored. */
export interface SlideSettings {
  readonly micronsPerPixel?: number | undefined;
  readonly patchSizeMicrons?: number | undefined;
  readonly stride?: number | undefined;
  readonly minTissue?: number | undefined;
  readonly geojson?: GeoJsonKind | undefined;
}

/** The only request to a worker that reads a slide. */
export interface SlideOrder {
  readonly file: Blob;
  /** The file's name in errors. */
  readonly name: string;
  readonly card: ModelCard;
  readonly settings: SlideSettings;
  /** Whether the page wants a picture of the slide. */
  readonly wantsPicture: boolean;
  /** The lanes, to workers that have the model. */
  readonly ports: readonly MessagePort[];
}

/** What is known of a slide when it is open. */
export interface WebSlide {
  /** The format's name, for example "Aperio SVS". */
  readonly format: string;
  /** The size of level 0, in pixels. */
  readonly width: number;
  readonly height: number;
  /** Width of a pixel of level 0 in micrometres: the given one, or that of the file; undefined if neither states it. */
  readonly micronsPerPixel: number | undefined;
  /** True if the scale is a guess, because the size of the slide's pixels is unknown. A page should say so. */
  readonly isScaleGuessed: boolean;
  /** What the guess is based on, and why it matters, as `slide` warns; undefined if the scale is no guess. */
  readonly scaleWarning: string | undefined;
  /**
   * The grid of patches. Cell (column, row) has the index row * grid.columns + column, and its patch begins at (column *
   * stride * scale, row * stride * scale) in pixels of level 0.
   */
  readonly grid: Grid;
}

/** A small picture of the whole slide, for a page that draws over it. */
export interface WebSlidePicture {
  readonly width: number;
  readonly height: number;
  /** 8-bit RGBA by row, as ImageData has. */
  readonly data: Uint8ClampedArray<ArrayBuffer>;
  /** Width of a pixel in pixels of level 0. The upper left corners are the same. */
  readonly slidePixelsPerPixel: number;
}

/** A scored slide. */
export interface WebSlideScores {
  readonly grid: Grid;
  /** float32 [rows, columns] The calibrated probability of the positive class; NaN for patches with too little tissue. */
  readonly probabilities: Float32Array<ArrayBuffer>;
  /** The summary in numbers, as in slide.json. */
  readonly findings: Findings;
  /** Tiles that the file lacks, in the level that was read. A page should say so if there are any. */
  readonly missingTiles: number;
  /** The warning of `slide` about them; undefined if there are none. */
  readonly gapsWarning: string | undefined;
  /** The bytes of probabilities.csv, as `cancernet slide` writes them. */
  readonly csv: Blob;
  /** The bytes of the GeoJSON file, as `cancernet slide` writes them. */
  readonly geojson: Blob;
}

export type SlideReply =
  | { readonly kind: "opened"; readonly slide: WebSlide }
  | { readonly kind: "picture"; readonly picture: WebSlidePicture }
  | { readonly kind: "tissue"; readonly done: number; readonly total: number }
  | { readonly kind: "scored"; readonly scored: ScoredCells }
  | { readonly kind: "finished"; readonly scores: WebSlideScores }
  | { readonly kind: "failed"; readonly error: SentError };
