/**
 * The amounts of both stains at every pixel, and soft-edged ellipses drawn into them. stain.ts turns amounts into
 * colours.
 */

/** Stain amounts per pixel, row-major. 0 is bare glass, about 1 is a dark nucleus. */
export interface Canvas {
  width: number;
  height: number;
  hematoxylin: Float32Array;
  eosin: Float32Array;
}

/**
 * An ellipse: centre, geometric mean of the half axes in pixels, ratio of long to short axis, and direction in radians.
 */
export interface Ellipse {
  x: number;
  y: number;
  radiusPixels: number;
  aspect?: number;
  angle?: number;
}

/** The stain amounts that fill a shape. The opacity (default 1) is how far they replace the previous amounts. */
export interface Filling {
  hematoxylin: number;
  eosin: number;
  opacity?: number;
}

export function createCanvas(width: number, height: number): Canvas {
  return { width, height, hematoxylin: new Float32Array(width * height), eosin: new Float32Array(width * height) };
}

/** Fills an ellipse. Its edge is one pixel soft. Parts outside the canvas are not drawn. */
export function fillEllipse(canvas: Canvas, shape: Ellipse, filling: Filling): void {
  const { x, y, radiusPixels: radius, aspect = 1, angle = 0 } = shape;
  const { hematoxylin, eosin, opacity = 1 } = filling;
  const stretch = Math.sqrt(aspect);
  const cosine = Math.cos(angle) / (radius * stretch);
  const sine = Math.sin(angle) / (radius * stretch);
  const reach = radius * stretch + 1;
  const bottom = Math.min(canvas.height - 1, Math.ceil(y + reach));
  const right = Math.min(canvas.width - 1, Math.ceil(x + reach));
  for (let row = Math.max(0, Math.floor(y - reach)); row <= bottom; row++) {
    for (let column = Math.max(0, Math.floor(x - reach)); column <= right; column++) {
      const along = (column - x) * cosine + (row - y) * sine;
      const across = ((row - y) * cosine - (column - x) * sine) * aspect;
      const cover = Math.min(1, (1 - Math.sqrt(along * along + across * across)) * radius + 0.5) * opacity;
      if (cover <= 0) continue;
      const index = row * canvas.width + column;
      canvas.hematoxylin[index]! += (hematoxylin - canvas.hematoxylin[index]!) * cover;
      canvas.eosin[index]! += (eosin - canvas.eosin[index]!) * cover;
    }
  }
}

/** Returns whether a point is a hole in the tissue: a lumen, a fat vacuole or a cleft. */
export function isOpen(canvas: Canvas, x: number, y: number): boolean {
  return canvas.eosin[Math.round(y) * canvas.width + Math.round(x)]! < 0.09;
}
