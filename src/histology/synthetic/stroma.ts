/**
 * Draws the background of a slide: wavy collagen with spindle nuclei, and fat. Glands, tumour and lymphocytes are drawn
 * over it.
 */
import type { RandomStream } from "../../system/random.ts";
import { type Anatomy, CELL_PIXELS } from "./anatomy.ts";
import type { Canvas } from "./canvas.ts";
import { NoiseField } from "./noise.ts";
import { drawNucleus, SPINDLE, strew } from "./nuclei.ts";

/** Coordinates along the waves of the collagen. A fibre is a line of constant `across`. */
export class Fibres {
  readonly #cosine: number;
  readonly #sine: number;
  readonly #bend: NoiseField;
  readonly #wave: NoiseField;

  constructor(random: RandomStream) {
    const angle = random.uniform(0, Math.PI);
    this.#cosine = Math.cos(angle);
    this.#sine = Math.sin(angle);
    this.#bend = new NoiseField(random, 150);
    this.#wave = new NoiseField(random, 26);
  }

  /** Pixels across the fibres. */
  across(x: number, y: number): number {
    return x * this.#cosine + y * this.#sine + 70 * this.#bend.at(x, y) + 5 * this.#wave.at(x, y);
  }

  /** Pixels along the fibres. */
  along(x: number, y: number): number {
    return y * this.#cosine - x * this.#sine;
  }

  /** The direction of the fibres at a point, in radians. */
  angle(x: number, y: number): number {
    const slopeX = this.across(x + 2, y) - this.across(x - 2, y);
    const slopeY = this.across(x, y + 2) - this.across(x, y - 2);
    return Math.atan2(slopeX, -slopeY);
  }
}

/**
 * Paints collagen over all tissue. It varies from dense and pink to loose with white clefts, with a bluish tinge in
 * places.
 */
export function paintCollagen(canvas: Canvas, anatomy: Anatomy, fibres: Fibres, random: RandomStream): void {
  const [fine, broad, tone, loose, tinge] = [1, 1, 60, 90, 110].map((size) => new NoiseField(random, size));
  const { width, height, tissue, depth } = anatomy;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const index = y * width + x;
      if (tissue[index] === 0) continue;
      const across = fibres.across(x, y);
      const along = fibres.along(x, y);
      const fibre = 0.55 * fine!.at(across / 2.2, along / 16) + 0.45 * broad!.at(across / 5, along / 40);
      const solid = Math.max(0.1, Math.min(1, 4 * (fibre + 0.3 * loose!.at(x, y) + 0.8)));
      const pink = 0.36 + 0.14 * fibre + 0.07 * tone!.at(x, y);
      const inTumour = Math.max(0, Math.min(1, 0.5 + 4 * depth[index]!));
      const blue = (0.32 - 0.2 * inTumour) * Math.max(0, tinge!.at(x, y));
      canvas.eosin[index] = solid * pink;
      canvas.hematoxylin[index] = solid * (0.06 + 0.04 * fibre + blue);
    }
  }
}

/** Scatters fibroblasts over the stroma: few in most places, many in cellular ones. */
export function drawFibroblasts(canvas: Canvas, anatomy: Anatomy, fibres: Fibres, random: RandomStream): void {
  const cellularity = new NoiseField(random, 130);
  for (const place of strew(random, { left: 0, top: 0, width: anatomy.width, height: anatomy.height }, 5, 1)) {
    const { x, y } = place;
    const share = 0.1 + 0.9 * Math.max(0, cellularity.at(x, y));
    if (random.uniform() > share || !isTissue(anatomy, x, y)) continue;
    drawNucleus(canvas, random, SPINDLE, { x, y, angle: fibres.angle(x, y) + random.normal(0, 0.15) });
  }
}

/** Half the width of a fat vacuole. Vacuoles are polygons where they touch and round elsewhere. */
const VACUOLE_RADIUS_PIXELS = 9;
const VACUOLE_SPACING_PIXELS = 14;

/**
 * Draws fat: whole vacuoles with thin pink walls. They fill about `share` of the benign tissue and a little of the
 * tumour, which also grows into fat.
 */
export function drawFat(canvas: Canvas, anatomy: Anatomy, random: RandomStream, share: number): void {
  const columns = Math.ceil(anatomy.width / VACUOLE_SPACING_PIXELS) + 2;
  const box = {
    left: -VACUOLE_SPACING_PIXELS,
    top: -VACUOLE_SPACING_PIXELS,
    width: columns * VACUOLE_SPACING_PIXELS,
    height: anatomy.height + 2 * VACUOLE_SPACING_PIXELS,
  };
  const territory = new NoiseField(random, 3 * CELL_PIXELS);
  const lace = new NoiseField(random, 30);
  const centres = [...strew(random, box, VACUOLE_SPACING_PIXELS, 0.75)];
  const fatty = centres.map(({ x, y }) => {
    const reluctance = isTumour(anatomy, x, y) ? 0.2 : 0;
    return territory.at(x, y) + 0.4 * lace.at(x, y) > 0.8 - 1.6 * share + reluctance;
  });
  const near = Uint8Array.from(fatty, (_, square) =>
    NEIGHBOURS.some(([across, down]) => fatty[square + down * columns + across]) ? 1 : 0,
  );
  for (let y = 0; y < anatomy.height; y++) {
    for (let x = 0; x < anatomy.width; x++) {
      const index = y * anatomy.width + x;
      if (anatomy.tissue[index] === 0) continue;
      if (near[vacuoleSquare(columns, x, y)] === 0) continue;
      const { nearest, depth } = vacuoleAt(centres, columns, x, y);
      if (!fatty[nearest]) continue;
      const inside = Math.max(0, Math.min(1, depth));
      canvas.eosin[index]! += (0.03 - canvas.eosin[index]!) * inside;
      canvas.hematoxylin[index]! += (0.01 - canvas.hematoxylin[index]!) * inside;
    }
  }
}

/** The centre nearest to a pixel, and the pixel's distance in pixels inside that vacuole's wall. */
function vacuoleAt(
  centres: readonly { x: number; y: number }[],
  columns: number,
  x: number,
  y: number,
): { nearest: number; depth: number } {
  const square = vacuoleSquare(columns, x, y);
  let [nearest, least, second] = [0, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (const [across, down] of NEIGHBOURS) {
    const neighbour = square + down * columns + across;
    const centre = centres[neighbour];
    if (centre === undefined) continue;
    const distance = Math.sqrt((centre.x - x) ** 2 + (centre.y - y) ** 2);
    if (distance < least) {
      second = least;
      least = distance;
      nearest = neighbour;
    } else if (distance < second) second = distance;
  }
  return { nearest, depth: Math.min((second - least) / 2 - 0.3, VACUOLE_RADIUS_PIXELS - least) };
}

/** The index of a pixel's square in the vacuoles' grid. The grid begins one square outside the slide. */
function vacuoleSquare(columns: number, x: number, y: number): number {
  return (Math.floor(y / VACUOLE_SPACING_PIXELS) + 1) * columns + Math.floor(x / VACUOLE_SPACING_PIXELS) + 1;
}

const NEIGHBOURS = [-1, 0, 1].flatMap((down) => [-1, 0, 1].map((across) => [across, down] as const));

export function isTissue(anatomy: Anatomy, x: number, y: number): boolean {
  return valueAt(anatomy, anatomy.tissue, x, y) === 1;
}

export function isTumour(anatomy: Anatomy, x: number, y: number): boolean {
  return valueAt(anatomy, anatomy.tumour, x, y) === 1;
}

function valueAt(anatomy: Anatomy, map: Uint8Array, x: number, y: number): number {
  const column = Math.round(x);
  const row = Math.round(y);
  if (column < 0 || row < 0 || column >= anatomy.width || row >= anatomy.height) return 0;
  return map[row * anatomy.width + column]!;
}
