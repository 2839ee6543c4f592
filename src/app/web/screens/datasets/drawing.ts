/** Draws the visible cells of the grid on its canvas. A cell shows the label by its border and by a sign. */
import { type PatchOrder, patchMarks } from "../../../api/patch_order.ts";
import { BORDER, CAPTION, cellCorner, type GridLayout, shownRange } from "./layout.ts";
import type { GridPalette, TextSprites } from "./palette.ts";
import type { PixelBlocks } from "./pixel_blocks.ts";
import type { GridSelection } from "./selection.ts";

/** The signs of the labels, and of what a person said instead. */
const SIGNS = { negative: "−", positive: "+", exclude: "×", unsure: "?" } as const;
const SIGN_HEIGHT = 14;

export interface GridScene {
  readonly layout: GridLayout;
  readonly order: PatchOrder;
  readonly blocks: PixelBlocks;
  /** The average colour of each record, [n, 3]. */
  readonly colours: Uint8Array;
  readonly selection: GridSelection;
  readonly hasFocus: boolean;
  readonly palette: GridPalette;
  readonly sprites: TextSprites;
}

/** A part of the grid: CSS pixels from its top, and the canvas's size in CSS pixels. */
export interface GridWindow {
  readonly top: number;
  readonly width: number;
  readonly height: number;
  /** Device pixels per CSS pixel. */
  readonly ratio: number;
}

/** Draws a window of the grid. @returns the number of cells whose pixels have not come yet */
export function drawGrid(context: CanvasRenderingContext2D, scene: GridScene, window: GridWindow): number {
  const { layout, palette } = scene;
  const { top, width, height, ratio } = window;
  context.fillStyle = palette.page;
  context.fillRect(0, 0, width * ratio, height * ratio);
  const { first, end } = shownRange(layout, top, height);
  let missing = 0;
  for (let position = first; position < end; position++) {
    const { x, y } = cellCorner(layout, position);
    const at = { x: Math.round((x + BORDER) * ratio), y: Math.round((y - top + BORDER) * ratio) };
    if (!drawCell(context, scene, { position, at, ratio })) missing++;
  }
  return missing;
}

interface CellPlace {
  readonly position: number;
  /** The left upper corner of the border, in device pixels. */
  readonly at: { readonly x: number; readonly y: number };
  readonly ratio: number;
}

function drawCell(context: CanvasRenderingContext2D, scene: GridScene, { position, at, ratio }: CellPlace): boolean {
  const { layout, order, blocks, colours, palette, sprites, selection } = scene;
  const [border, side] = [BORDER * ratio, Math.round(layout.picture * ratio)];
  const outer = side + 2 * border;
  const record = order.records[position]!;
  const { isWrong, isSuspected, label, correction, hasNote } = patchMarks(order.marks[position]!);
  const shown = correction ?? (label === 1 ? "positive" : "negative");
  const colour = palette[shown];
  context.fillStyle = colour;
  context.fillRect(at.x, at.y, outer, outer);
  const found = blocks.at(position);
  const [left, upper] = [at.x + border, at.y + border];
  if (found) context.drawImage(found.picture, 0, found.top, side, side, left, upper, side, side);
  else {
    context.fillStyle = `rgb(${colours[3 * record]} ${colours[3 * record + 1]} ${colours[3 * record + 2]})`;
    context.fillRect(left, upper, side, side);
  }
  const sign = sprites.of(SIGNS[shown], { colour: palette.page, back: colour, height: SIGN_HEIGHT });
  context.drawImage(sign, at.x, at.y);
  if (correction !== null || hasNote) {
    const mark = sprites.of(correction === null ? "✉" : "✎", {
      colour: palette.page,
      back: palette.picked,
      height: SIGN_HEIGHT,
    });
    context.drawImage(mark, at.x + outer - mark.width, at.y);
  }
  drawCaption(context, scene, { position, isWrong, isSuspected, x: at.x, y: at.y + outer, width: outer });
  const isPicked = selection.picked.has(record);
  const isCurrent = position === selection.current;
  if (isPicked || isCurrent) {
    context.lineWidth = (isPicked || scene.hasFocus ? 3 : 2) * ratio;
    context.strokeStyle = isPicked ? palette.picked : palette.focus;
    const off = isPicked && isCurrent ? 0 : 0.5 * ratio;
    context.strokeRect(at.x - off, at.y - off, outer + 2 * off, outer + 2 * off);
    if (isPicked) {
      const mark = sprites.of("✓", { colour: palette.page, back: palette.picked, height: SIGN_HEIGHT });
      context.drawImage(mark, at.x + outer - mark.width, at.y + outer - mark.height);
    }
    if (isCurrent) {
      context.strokeStyle = palette.focus;
      context.strokeRect(at.x - ratio, at.y - ratio, outer + 2 * ratio, outer + 2 * ratio);
    }
  }
  return found !== undefined;
}

interface Caption {
  readonly position: number;
  readonly isWrong: boolean;
  readonly isSuspected: boolean;
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

function drawCaption(
  context: CanvasRenderingContext2D,
  { order, palette, sprites }: GridScene,
  { position, isWrong, isSuspected, x, y, width }: Caption,
): void {
  const probability = order.probabilities[position]!;
  if (Number.isNaN(probability)) return;
  const text = `${probability.toFixed(2)}${isSuspected ? " ?" : ""}`;
  const sprite = isWrong
    ? sprites.of(`${text} ✗`, { colour: palette.wrong, height: CAPTION - 1 })
    : sprites.of(text, { colour: palette.text, height: CAPTION - 1 });
  context.drawImage(sprite, x + Math.round((width - sprite.width) / 2), y);
}
