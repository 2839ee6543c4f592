/** Shapes: lists of dimensions, each a whole number or a name that is bound when the graph runs (such as "batch"). */

/** One dimension: its length, or the name of a length that is only known when the graph runs. */
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

/** The dimension as a number. @throws if it is only known when the graph runs. */
export function fixedSize(dimension: Dimension): number {
  if (typeof dimension === "number") return dimension;
  throw new Error(`The dimension "${dimension}" must be a number here: build the graph with a fixed one.`);
}

/** How many elements a fixed shape has. */
export function sizeOf(shape: Shape): number {
  return shape.reduce<number>((size, dimension) => size * fixedSize(dimension), 1);
}

/** The shape of an elementwise result (numpy's broadcasting rule). */
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
