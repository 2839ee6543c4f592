/** The heat map of a slide that grows while the slide is scored: a pixel per cell, in the colours of the command line. */
import { sequential } from "../../../histology/image/colour_map.ts";
import { type Grid, squareStart } from "../../../histology/slide/grid.ts";

export class HeatMap {
  readonly #grid: Grid;
  readonly #cells: OffscreenCanvas;
  readonly #pixels: ImageData;

  constructor(grid: Grid) {
    this.#grid = grid;
    this.#cells = new OffscreenCanvas(grid.columns, grid.rows);
    this.#pixels = new ImageData(grid.columns, grid.rows);
  }

  /** Colours cells. NaN leaves a cell as it is. */
  paint(cells: Iterable<number>, probabilities: Float32Array): void {
    let place = 0;
    for (const cell of cells) {
      const probability = probabilities[place++]!;
      if (Number.isNaN(probability)) continue;
      this.#pixels.data.set([...sequential(probability), 255], cell * 4);
    }
  }

  /** Draws the map over a picture of the slide. @param pixel the width of a pixel of the picture in pixels of level 0 */
  draw(canvas: HTMLCanvasElement, pixel: number): void {
    const { columns, rows, stride, scale } = this.#grid;
    this.#cells.getContext("2d")!.putImageData(this.#pixels, 0, 0);
    const context = canvas.getContext("2d")!;
    // A cell stands for the square around the middle of its patch, as in the pictures of "slide".
    const at = (squareStart(0, this.#grid) * scale) / pixel;
    const side = (stride * scale) / pixel;
    context.imageSmoothingEnabled = false;
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.drawImage(this.#cells, at, at, columns * side, rows * side);
  }
}
