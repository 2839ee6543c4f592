/**
 * A scored slide as GeoJSON for QuPath: regions or single patches, with class and probability, in pixels of level 0.
 */

import type { Ring } from "../../histology/slide/contours.ts";
import { type Grid, squareStart } from "../../histology/slide/grid.ts";
import { cornerOf } from "../../histology/slide/patches.ts";
import { type SlideScores, scoredCells } from "../../histology/slide/scores.ts";
import type { GeoJsonKind } from "../../options/slide.ts";
import { exactDecimal } from "../prediction.ts";
import type { IdcRegion } from "./regions.ts";

/** Vermilion and sky blue, which colour-blind readers can distinguish (Okabe & Ito 2008). */
const COLOURS = { idc: [213, 94, 0], none: [86, 180, 233] } as const;

export interface GeoJsonSource {
  readonly scores: Pick<SlideScores, "grid" | "probabilities">;
  readonly regions: readonly IdcRegion[];
  readonly threshold: number;
  readonly classNames: readonly [string, string];
}

/** The text of a GeoJSON feature collection (RFC 7946, with QuPath's properties). */
export function geoJsonText(kind: GeoJsonKind, source: GeoJsonSource): string {
  const features = kind === "regions" ? regionFeatures(source) : cellFeatures(source);
  // One feature per line, so that the file of a large slide can be viewed in an editor and read in parts.
  return `{"type":"FeatureCollection","features":[\n${features.map((feature) => JSON.stringify(feature)).join(",\n")}\n]}\n`;
}

function regionFeatures({ scores: { grid }, regions, classNames: [, idc] }: GeoJsonSource): object[] {
  return regions.map(({ rings, patches, meanProbability, maxProbability }, index) => ({
    type: "Feature",
    geometry: { type: "Polygon", coordinates: rings.map((ring) => toSlide(ring, grid)) },
    properties: {
      objectType: "annotation",
      name: `${idc} ${index + 1}`,
      classification: { name: idc, color: COLOURS.idc },
      measurements: { patches, "mean probability": meanProbability, "largest probability": maxProbability },
    },
  }));
}

function cellFeatures({ scores, threshold, classNames }: GeoJsonSource): object[] {
  const { grid, probabilities } = scores;
  const { side } = grid;
  return Array.from(scoredCells(scores), (cell) => {
    const { x, y } = cornerOf(grid, cell);
    const isIdc = probabilities[cell]! >= threshold;
    const corners = [
      [x, y],
      [x + side, y],
      [x + side, y + side],
      [x, y + side],
      [x, y],
    ].map((corner) => corner.map((at) => rounded(at * grid.scale)));
    return {
      type: "Feature",
      geometry: { type: "Polygon", coordinates: [corners] },
      properties: {
        objectType: "tile",
        classification: { name: classNames[isIdc ? 1 : 0], color: isIdc ? COLOURS.idc : COLOURS.none },
        measurements: { probability: exactDecimal(probabilities[cell]!) },
      },
    };
  });
}

/** Converts corners of cells to pixels of level 0. A cell is a square with the stride as its side. */
function toSlide(ring: Ring, grid: Grid): number[][] {
  return ring.map((corner) => corner.map((at) => rounded(squareStart(at, grid) * grid.scale)));
}

/** Rounds to a hundredth of a pixel, which is precise enough. */
const rounded = (value: number): number => Math.round(value * 100) / 100;
