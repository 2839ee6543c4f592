/** The canvas of the grid in its scroller: draws in the next frame after a scroll, a change or the arrival of pixels. */
import { drawGrid, type GridScene } from "./drawing.ts";
import { shownRange } from "./layout.ts";
import { gridPalette, TextSprites } from "./palette.ts";
import { PixelBlocks } from "./pixel_blocks.ts";

/** A scroll by more of the window than this between two frames is fast. */
const FAST_WINDOWS = 0.6;
/** Pixels are fetched when a fast scroll has paused for this time. */
const REST_MILLISECONDS = 50;

export type Shown = Pick<GridScene, "layout" | "order" | "colours" | "selection" | "hasFocus">;

/** Draws the grid in the next frame after a scroll, a change or the arrival of pixels. */
export class GridView {
  readonly #scroller: HTMLElement;
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  readonly #blocks: PixelBlocks;
  readonly #ratio = devicePixelRatio;
  readonly #sizer: HTMLElement;
  readonly #sprites = new TextSprites(devicePixelRatio);
  #palette = gridPalette();
  #shown: Shown | undefined;
  #lastTop = 0;
  #isForward = true;
  #frame = 0;
  #drawnTop = 0;
  #rest: ReturnType<typeof setTimeout> | undefined;

  constructor(
    scroller: HTMLElement,
    canvas: HTMLCanvasElement,
    source: { readonly dataset: string; readonly side: number; readonly records: Uint32Array },
    picture: number,
  ) {
    this.#scroller = scroller;
    this.#canvas = canvas;
    this.#context = canvas.getContext("2d", { alpha: false })!;
    const shown = Math.round(picture * this.#ratio);
    this.#blocks = new PixelBlocks({ ...source, shown }, (first, end) => {
      const range = this.#range();
      if (range && first < range.end && end > range.first) this.#schedule();
    });
    this.#sizer = document.createElement("div");
    this.#sizer.className = "patch-grid-size";
    this.#sizer.ariaHidden = "true";
    scroller.append(this.#sizer);
    scroller.addEventListener("scroll", this.#onScroll, { passive: true });
    this.#scheme.addEventListener("change", this.#onScheme);
  }

  readonly #scheme = matchMedia("(prefers-color-scheme: dark)");

  readonly #onScheme = () => {
    if (this.#shown) this.show(this.#shown);
  };

  readonly #onScroll = () => {
    const top = this.#scroller.scrollTop;
    if (top !== this.#lastTop) this.#isForward = top > this.#lastTop;
    this.#lastTop = top;
    this.#schedule();
  };

  show(shown: Shown): void {
    this.#shown = shown;
    this.#palette = gridPalette();
    this.#sizer.style.height = `${shown.layout.height}px`;
    this.#schedule();
  }

  close(): void {
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#rest);
    this.#scroller.removeEventListener("scroll", this.#onScroll);
    this.#scheme.removeEventListener("change", this.#onScheme);
    this.#sizer.remove();
    this.#blocks.close();
  }

  /** Pixels that a fast scroll passes by would be late anyway, and fetching them would slow it down. */
  #want({ first, end }: { readonly first: number; readonly end: number }, isFast: boolean): void {
    clearTimeout(this.#rest);
    if (isFast) this.#rest = setTimeout(() => this.#blocks.want(first, end, this.#isForward), REST_MILLISECONDS);
    else this.#blocks.want(first, end, this.#isForward);
  }

  #range() {
    return this.#shown && shownRange(this.#shown.layout, this.#scroller.scrollTop, this.#scroller.clientHeight);
  }

  #schedule(): void {
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#draw());
  }

  #draw(): void {
    this.#frame = 0;
    const range = this.#range();
    if (!this.#shown || !range) return;
    const { clientWidth: width, clientHeight: height, scrollTop: top } = this.#scroller;
    const [across, down] = [Math.round(width * this.#ratio), Math.round(height * this.#ratio)];
    if (this.#canvas.width !== across || this.#canvas.height !== down) {
      this.#canvas.width = across;
      this.#canvas.height = down;
      this.#canvas.style.width = `${width}px`;
      this.#canvas.style.height = `${height}px`;
      this.#sizer.style.marginTop = `-${height}px`;
    }
    this.#want(range, Math.abs(top - this.#drawnTop) > FAST_WINDOWS * height);
    this.#drawnTop = top;
    const scene = { ...this.#shown, blocks: this.#blocks, palette: this.#palette, sprites: this.#sprites };
    const missing = drawGrid(this.#context, scene, { top, width, height, ratio: this.#ratio });
    this.#canvas.dataset.missing = String(missing);
  }
}
