/**
 * Decides which parts of a slide are tissue and which are tumour, and labels the grid's cells. Other files draw them.
 */
import type { RandomStream } from "../../system/random.ts";
import { NoiseField } from "./noise.ts";

/** The side in pixels of a grid cell and of a full patch. */
export const CELL_PIXELS = 50;

/** The tissue and tumour areas of a slide, one value per pixel, row-major. */
export interface Anatomy {
  width: number;
  height: number;
  /** 1 = tissue, 0 = bare glass. */
  tissue: Uint8Array;
  /** 1 = invasive tumour with its stroma. Only tissue pixels can be tumour. */
  tumour: Uint8Array;
  /** Depth inside the tumour: above 0 inside, below 0 outside. It changes by about 1 per 200 pixels. */
  depth: Float32Array;
}

/** Lays out one piece of tissue, with contiguous tumour in a share `idcShare` (0 to 1) of its pixels. */
export function layOut(random: RandomStream, width: number, height: number, idcShare: number): Anatomy {
  const tissue = drawTissue(random, width, height);
  const field = drawTumourField(random, width, height);
  const threshold = upperQuantile(field, tissue, idcShare);
  const tumour = new Uint8Array(tissue.length);
  const depth = new Float32Array(tissue.length);
  for (let index = 0; index < tumour.length; index++) {
    depth[index] = field[index]! - threshold;
    tumour[index] = tissue[index] === 1 && depth[index]! > 0 ? 1 : 0;
  }
  return { width, height, tissue, tumour, depth };
}

/** A rounded rectangle with a ragged edge, with a margin of glass on most sides. */
function drawTissue(random: RandomStream, width: number, height: number): Uint8Array {
  const [coarse, middle, fine] = [220, 45, 7].map((wavelength) => new NoiseField(random, wavelength));
  const reach = [random.uniform(0.92, 1.08), random.uniform(0.92, 1.08)] as const;
  const shift = [random.uniform(-0.12, 0.12), random.uniform(-0.12, 0.12)] as const;
  const cubes = [width, height].map((size, axis) =>
    Float64Array.from({ length: size }, (_, at) => (Math.abs((2 * at) / size - 1 - shift[axis]!) / reach[axis]!) ** 3),
  );
  const tissue = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const ragged = 0.45 * coarse!.at(x, y) + 0.12 * middle!.at(x, y) + 0.05 * fine!.at(x, y);
      tissue[y * width + x] = cubes[0]![x]! + cubes[1]![y]! + ragged < 0.95 ? 1 : 0;
    }
  }
  return tissue;
}

/** A smooth random field with hills a few cells wide. Tumour is where the field is high. */
function drawTumourField(random: RandomStream, width: number, height: number): Float32Array {
  const [warpX, warpY, coarse, middle, fine] = [120, 120, 260, 110, 28].map((size) => new NoiseField(random, size));
  const field = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const u = x + 50 * warpX!.at(x, y);
      const v = y + 50 * warpY!.at(x, y);
      field[y * width + x] = coarse!.at(u, v) + 0.4 * middle!.at(u, v) + 0.08 * fine!.at(x, y);
    }
  }
  return field;
}

/** The value that the given share of the tissue's values exceeds, estimated from every 61st pixel. */
function upperQuantile(field: Float32Array, tissue: Uint8Array, share: number): number {
  const sample: number[] = [];
  for (let index = 0; index < field.length; index += 61) if (tissue[index] === 1) sample.push(field[index]!);
  sample.sort((one, other) => one - other);
  const rank = Math.round((1 - share) * sample.length);
  if (rank <= 0) return Number.NEGATIVE_INFINITY;
  return rank >= sample.length ? Number.POSITIVE_INFINITY : sample[rank - 1]!;
}

/** The contents of the grid's cells. */
export interface CellLabels {
  /** One byte per cell, row-major: 1 = most of the cell's tissue is tumour. */
  labels: Uint8Array;
  /** One byte per cell, row-major: 1 = tissue covers at least a quarter of the cell. */
  tissue: Uint8Array;
}

/** Labels every 50 x 50 cell by majority. Width and height must be multiples of 50 pixels. */
export function labelCells(anatomy: Anatomy): CellLabels {
  const columns = anatomy.width / CELL_PIXELS;
  const tissueCounts = new Uint32Array((anatomy.height / CELL_PIXELS) * columns);
  const tumourCounts = new Uint32Array(tissueCounts.length);
  for (let y = 0; y < anatomy.height; y++) {
    for (let x = 0; x < anatomy.width; x++) {
      const cell = Math.floor(y / CELL_PIXELS) * columns + Math.floor(x / CELL_PIXELS);
      tissueCounts[cell]! += anatomy.tissue[y * anatomy.width + x]!;
      tumourCounts[cell]! += anatomy.tumour[y * anatomy.width + x]!;
    }
  }
  return {
    labels: Uint8Array.from(tumourCounts, (count, cell) => (count * 2 > tissueCounts[cell]! ? 1 : 0)),
    tissue: Uint8Array.from(tissueCounts, (count) => (count * 4 >= CELL_PIXELS * CELL_PIXELS ? 1 : 0)),
  };
}
