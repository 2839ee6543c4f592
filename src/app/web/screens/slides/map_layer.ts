/** Draws a map of probabilities over the slide: one picture with a pixel per cell, which is scaled by the browser. */
import { squareStart } from "../../../../histology/slide/grid.ts";
import type { ProbabilityMap } from "../../../api/slides.ts";
import { type MapLook, mapColours } from "./map_colours.ts";
import type { ViewerLayer } from "./viewer.ts";

/** The layer of a map. */
export function mapLayer(map: ProbabilityMap, look: MapLook): ViewerLayer {
  const { grid } = map;
  const picture = new OffscreenCanvas(grid.columns, grid.rows);
  picture.getContext("2d")!.putImageData(new ImageData(mapColours(map, look), grid.columns, grid.rows), 0, 0);
  return {
    draw(context, { zoom, originX, originY }) {
      // A cell stands for the square around the middle of its patch, as in the command's pictures.
      const at = squareStart(0, grid) * grid.scale * zoom;
      const side = grid.stride * grid.scale * zoom;
      context.globalAlpha = look.opacity;
      context.imageSmoothingEnabled = false;
      context.drawImage(picture, originX + at, originY + at, grid.columns * side, grid.rows * side);
    },
  };
}

/** The layer of one region's outline: corners of cells, ring by ring. */
export function outlineLayer(
  { grid }: Pick<ProbabilityMap, "grid">,
  rings: readonly (readonly (readonly [number, number])[])[],
): ViewerLayer {
  return {
    draw(context, { zoom, originX, originY }) {
      const at = (corner: number, origin: number) => origin + squareStart(corner, grid) * grid.scale * zoom;
      context.beginPath();
      for (const ring of rings) {
        for (const [index, [column, row]] of ring.entries()) {
          const [x, y] = [at(column, originX), at(row, originY)];
          if (index === 0) context.moveTo(x, y);
          else context.lineTo(x, y);
        }
      }
      for (const [width, colour] of [
        [5, "#ffffff"],
        [2.5, "#d1495b"],
      ] as const) {
        context.lineWidth = width;
        context.strokeStyle = colour;
        context.stroke();
      }
    },
  };
}
