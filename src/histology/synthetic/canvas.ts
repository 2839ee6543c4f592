/** The amounts of both stains at every pixel, and soft-edged ellipses drawn into them; colour is left to the stain. */

/** Stain amounts in the order of pixels, row by row; 0 is bare glass, about 1 is a dark nucleus. */
export interface Canvas {
  width: number;
  height: number;
  hematoxylin: Float32Array;
  eosin: Float32Array;
}

/** An ellipse: centre and the geometric mean of its half axes in pixels, long over short axis, direction in radians. */
export interface Ellipse {
  x: number;
  y: number;
  radiusPixels: number;
  aspect?: number;
  angle?: number;
}

/** What fills a shape. The opacity (1 unless given) is how far it replaces what was there. */
export interface Filling {
  hematoxylin: number;
  eosin: number;
  opacity?: number;
}

/** An empty canvas. */
export function createCanvas(width: number, height: number): Canvas {
  return { width, height, hematoxylin: new Float32Array(width * height), eosin: new Float32Array(width * height) };
}

/** Fills an ellipse; its edge is one pixel soft, and what lies outside of the canvas is not drawn. */
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

/** Whether the point of the tissue is a hole: a lumen, a vacuole of fat or a cleft. */
export function isOpen(canvas: Canvas, x: number, y: number): boolean {
  return canvas.eosin[Math.round(y) * canvas.width + Math.round(x)]! < 0.09;
}
