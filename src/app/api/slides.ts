/** Slides of the studio: facts, tiles, the overview, and the map of probabilities as bytes. */
import * as z from "zod";
import type { ClassNames } from "../../histology/dataset/class_names.ts";
import type { Grid } from "../../histology/slide/grid.ts";

/** Answer of GET /api/slides/:id. */
export interface SlideFacts {
  readonly id: string;
  readonly path: string;
  readonly format: string;
  /** Width and height of a tile in pixels. */
  readonly tilePixels: number;
  /** The levels of the tiles; the index is z, and the last one is the slide itself. */
  readonly levels: readonly { readonly width: number; readonly height: number }[];
  /** The width of a pixel in micrometres that the file states. */
  readonly micronsPerPixel: number | null;
  /** The magnification that the file states: 20 for 20x. */
  readonly objective: number | null;
  /** Tiles of the finest level that are missing from the file, of all. */
  readonly missingTiles: number;
  readonly tilesInFile: number;
  /** The number of levels that need the overview; 0 for a slide with a pyramid. */
  readonly overviewLevels: number;
  /** Changes when the file changes; part of the addresses of tiles. */
  readonly version: string;
}

/** Answer of GET and POST /api/slides/:id/overview. POST starts to make it. */
export type OverviewAnswer =
  | { readonly state: "unneeded" | "absent" | "ready" }
  | { readonly state: "making"; readonly share: number }
  | { readonly state: "failed"; readonly message: string };

/** The query of GET /api/slides/:id/tiles/:z/:x/:y; a tile of a version never changes. */
export const tileQuery = z.object({ version: z.string().max(40).optional() });

export const tilePlace = z.object({
  z: z.coerce.number().int().min(0).max(40),
  x: z.coerce.number().int().min(0).max(1e7),
  y: z.coerce.number().int().min(0).max(1e7),
});

/** The query of GET /api/slides/:id/map: the id of a result of the slide. */
export const mapQuery = z.object({ result: z.string().min(1).max(60) });

/** The files of a result that can be downloaded, by the name in the address. */
export const RESULT_FILES = ["geojson", "table", "page", "map"] as const;

export type ResultFile = (typeof RESULT_FILES)[number];

/** What the map's bytes begin with. */
export interface MapHeader {
  readonly grid: Grid;
  /** False while the slide is being scored. */
  readonly isDone: boolean;
  /** Whether the neighbours of the patches are still to be added: the probabilities will change. */
  readonly isProvisional: boolean;
  readonly threshold: number;
  readonly classNames: ClassNames;
  readonly model: string;
  /** The width of a pixel in micrometres that the scoring used; null if it is not known. */
  readonly micronsPerPixel: number | null;
  /** Why the scoring took its scale. */
  readonly scaleReason: string;
  readonly scaleIsGuessed: boolean;
  /** The command line of the scoring; null while it runs. */
  readonly command: string | null;
}

export interface ProbabilityMap extends MapHeader {
  /** float32 [rows, columns]; NaN for cells that are not scored. */
  readonly probabilities: Float32Array;
}

const LENGTH_BYTES = 4;

/** The length of the header as 32 bits, the header as JSON, spaces up to a multiple of 4 bytes, float32; little-endian. */
export function encodeMap({ probabilities, ...header }: ProbabilityMap): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(JSON.stringify(header satisfies MapHeader));
  const length = Math.ceil(text.length / 4) * 4;
  const bytes = new Uint8Array(LENGTH_BYTES + length + probabilities.length * 4).fill(32);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, length, true);
  bytes.set(text, LENGTH_BYTES);
  for (const [at, value] of probabilities.entries()) view.setFloat32(LENGTH_BYTES + length + at * 4, value, true);
  return bytes;
}

export function decodeMap(bytes: ArrayBuffer): ProbabilityMap {
  const view = new DataView(bytes);
  const length = view.getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, LENGTH_BYTES, length))) as MapHeader;
  const start = LENGTH_BYTES + length;
  const count = (bytes.byteLength - start) / 4;
  const probabilities = Float32Array.from({ length: count }, (_, at) => view.getFloat32(start + at * 4, true));
  return { ...header, probabilities };
}
