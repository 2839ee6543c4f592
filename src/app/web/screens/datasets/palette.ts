/** The colours of the grid's canvas, from the page's style sheet, and texts that are drawn once and then copied. */

export interface GridPalette {
  readonly page: string;
  readonly text: string;
  readonly negative: string;
  readonly positive: string;
  readonly exclude: string;
  readonly unsure: string;
  readonly wrong: string;
  readonly picked: string;
  readonly focus: string;
}

export function gridPalette(): GridPalette {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    page: colour("page"),
    text: colour("text"),
    negative: colour("chart-blue"),
    positive: colour("chart-vermilion"),
    exclude: colour("chart-grey"),
    unsure: colour("chart-grey"),
    wrong: colour("alert"),
    picked: colour("accent"),
    focus: colour("link"),
  };
}

/** Texts as small pictures: copying one is faster than writing it in every frame. */
export class TextSprites {
  readonly #ratio: number;
  readonly #sprites = new Map<string, ImageBitmap>();

  /** @param ratio device pixels per CSS pixel */
  constructor(ratio: number) {
    this.#ratio = ratio;
  }

  /** A text on a background of its own, or none; height in CSS pixels. */
  of(text: string, { colour, back, height }: { colour: string; back?: string; height: number }): ImageBitmap {
    const key = `${text} ${colour} ${back} ${height}`;
    const known = this.#sprites.get(key);
    if (known) return known;
    const font = `600 ${(height - 3) * this.#ratio}px system-ui, "DejaVu Sans", sans-serif`;
    const measuring = new OffscreenCanvas(1, 1).getContext("2d")!;
    measuring.font = font;
    const width = Math.max(measuring.measureText(text).width + 4 * this.#ratio, back ? height * this.#ratio : 0);
    const sprite = new OffscreenCanvas(Math.ceil(width), Math.ceil(height * this.#ratio));
    const context = sprite.getContext("2d")!;
    if (back !== undefined) {
      context.fillStyle = back;
      context.fillRect(0, 0, sprite.width, sprite.height);
    }
    context.font = font;
    context.fillStyle = colour;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillText(text, sprite.width / 2, sprite.height / 2 + this.#ratio / 2);
    const picture = sprite.transferToImageBitmap();
    this.#sprites.set(key, picture);
    return picture;
  }
}
