/** Draws what is painted over the slide, and the cell that the keys are at. */
import type { CorrectionLabel } from "../../../../../artifacts/corrections/entries.ts";
import { type Grid, squareStart } from "../../../../../histology/slide/grid.ts";
import type { ViewerLayer } from "../viewer.ts";
import type { GridCell } from "./stroke.ts";

/** What the layer shows; it is read at each drawing. */
export interface BrushPicture {
  /** By "column,row". */
  readonly painted: ReadonlyMap<string, CorrectionLabel>;
  /** The cell that the keys are at; undefined if the brush is off. */
  readonly current: GridCell | undefined;
}

const SIGNS: Readonly<Record<CorrectionLabel, string>> = { positive: "+", negative: "−", exclude: "×", unsure: "?" };
const SMALLEST_SIGN = 14;

export function brushLayer(
  grid: Grid,
  colours: Readonly<Record<CorrectionLabel | "focus", string>>,
  picture: () => BrushPicture,
): ViewerLayer {
  return {
    draw(context, { zoom, originX, originY }) {
      const side = grid.stride * grid.scale * zoom;
      const corner = (cell: number, origin: number) => origin + squareStart(cell, grid) * grid.scale * zoom;
      const { painted, current } = picture();
      context.textAlign = "center";
      context.textBaseline = "middle";
      context.font = `600 ${Math.min(side * 0.6, 28)}px system-ui, sans-serif`;
      for (const [key, label] of painted) {
        const [column, row] = key.split(",").map(Number) as [number, number];
        const [x, y] = [corner(column, originX), corner(row, originY)];
        context.fillStyle = colours[label];
        context.globalAlpha = 0.45;
        context.fillRect(x, y, side, side);
        context.globalAlpha = 1;
        if (side < SMALLEST_SIGN) continue;
        context.fillStyle = "#000000";
        context.fillText(SIGNS[label], x + side / 2, y + side / 2);
      }
      if (!current) return;
      context.lineWidth = 3;
      context.strokeStyle = colours.focus;
      context.strokeRect(corner(current.column, originX), corner(current.row, originY), side, side);
    },
  };
}
