/**
 * Shapes: lists of dimensions. Each dimension is a number, or a name such as "batch" whose value is known when the
 * graph runs.
 */

/** One dimension: its length, or the name of a length that is known only when the graph runs. */
export type Dimension = number | string;

/** Dimensions, outermost first. A scalar has none. */
export type Shape = readonly Dimension[];

/** A shape as text, such as "[batch, 3, 48, 48]". */
export function shapeText(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dimension, axis) => dimension === b[axis]);
}

/**
 * The dimension as a number.
 * @throws Error if it is known only when the graph runs.
 */
export function fixedSize(dimension: Dimension): number {
  if (typeof dimension === "number") return dimension;
  throw new Error(`The dimension "${dimension}" must be a number here: build the graph with a fixed one.`);
}

/**
 * The number of elements of a shape.
 * @throws Error if the shape is known only when the graph runs.
 */
export function sizeOf(shape: Shape): number {
  return shape.reduce<number>((size, dimension) => size * fixedSize(dimension), 1);
}

/**
 * The shape of an elementwise result, by numpy's broadcasting rule.
 * @throws Error if the shapes do not fit together.
 */
export function broadcastShape(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const left = a[a.length - rank + axis] ?? 1;
    const right = b[b.length - rank + axis] ?? 1;
    if (left === right || right === 1) return left;
    if (left === 1) return right;
    throw new Error(`Shapes ${shapeText(a)} and ${shapeText(b)} do not fit together.`);
  });
}
