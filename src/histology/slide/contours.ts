/**
 * Merges grid cells into connected regions, and outlines them as polygons with holes. The caller decides which cells
 * belong to a region.
 */

/** A set of cells connected by shared sides. */
export interface CellRegion {
  /** Cell indices (row * columns + column), ascending. */
  readonly cells: readonly number[];
  /**
   * The outer ring, then the rings of the holes, as cell corners [column, row]. Each ring is closed. The outer ring is
   * counter-clockwise if the row axis points up.
   */
  readonly rings: readonly Ring[];
}

export type Ring = readonly (readonly [column: number, row: number])[];

/**
 * The regions of the cells for which `belongs` is true, largest first. Regions of equal size are in the order of their
 * first cells.
 */
export function regionsOf(columns: number, rows: number, belongs: (cell: number) => boolean): CellRegion[] {
  const seen = new Uint8Array(columns * rows);
  const regions: CellRegion[] = [];
  for (let cell = 0; cell < seen.length; cell++) {
    if (seen[cell] || !belongs(cell)) continue;
    const cells = flood(cell, { columns, rows, belongs, seen }).sort((a, b) => a - b);
    regions.push({ cells, rings: ringsOf(cells, columns) });
  }
  return regions.sort((a, b) => b.cells.length - a.cells.length || a.cells[0]! - b.cells[0]!);
}

interface Field {
  readonly columns: number;
  readonly rows: number;
  readonly belongs: (cell: number) => boolean;
  readonly seen: Uint8Array;
}

function flood(first: number, { columns, rows, belongs, seen }: Field): number[] {
  const found = [first];
  seen[first] = 1;
  for (let next = 0; next < found.length; next++) {
    const cell = found[next]!;
    const [column, row] = [cell % columns, Math.floor(cell / columns)];
    for (const [dx, dy] of SIDES) {
      const [x, y] = [column + dx, row + dy];
      if (x < 0 || y < 0 || x >= columns || y >= rows) continue;
      const neighbour = y * columns + x;
      if (seen[neighbour] || !belongs(neighbour)) continue;
      seen[neighbour] = 1;
      found.push(neighbour);
    }
  }
  return found;
}

/** Right, down, left, up: the directions in which the edges along a cell's upper, right, lower and left sides run. */
const SIDES = [
  [1, 0],
  [0, 1],
  [-1, 0],
  [0, -1],
] as const;

/** A step along the border from a corner. The region is on its right (the row axis points down). */
interface Edge {
  readonly from: readonly [number, number];
  readonly direction: number;
}

/**
 * Follows the border edges, with the region on the right of each. If two cells touch only at a corner, the path turns
 * left, to the other cell. So no ring passes through a corner twice, and rings at most touch each other.
 */
function ringsOf(cells: readonly number[], columns: number): Ring[] {
  const inside = new Set(cells);
  const edges = new Map<string, Edge[]>();
  for (const cell of cells) {
    for (const edge of borderOf(cell, columns, inside)) {
      const key = edge.from.join();
      edges.set(key, [...(edges.get(key) ?? []), edge]);
    }
  }
  const rings: Ring[] = [];
  for (const [key, starting] of edges) {
    while (starting.length > 0) rings.push(walk(key, edges));
  }
  const areaOf = (ring: Ring) => Math.abs(signedArea(ring));
  return rings.sort((a, b) => areaOf(b) - areaOf(a));
}

/** The sides of a cell that are on the region's border: upper, right, lower, left. */
function borderOf(cell: number, columns: number, inside: ReadonlySet<number>): Edge[] {
  const [column, row] = [cell % columns, Math.floor(cell / columns)];
  const has = (dx: number, dy: number) => {
    const x = column + dx;
    return x >= 0 && x < columns && inside.has((row + dy) * columns + x);
  };
  return [
    ...(has(0, -1) ? [] : [{ from: [column, row], direction: 0 } as const]),
    ...(has(1, 0) ? [] : [{ from: [column + 1, row], direction: 1 } as const]),
    ...(has(0, 1) ? [] : [{ from: [column + 1, row + 1], direction: 2 } as const]),
    ...(has(-1, 0) ? [] : [{ from: [column, row + 1], direction: 3 } as const]),
  ];
}

function walk(start: string, edges: ReadonlyMap<string, Edge[]>): Ring {
  const first = edges.get(start)!.pop()!;
  const ring: (readonly [number, number])[] = [first.from];
  let edge = first;
  for (;;) {
    const [dx, dy] = SIDES[edge.direction]!;
    const to = [edge.from[0] + dx, edge.from[1] + dy] as const;
    if (to.join() === start) return closed(edge.direction === first.direction ? ring.slice(1) : ring);
    const starting = edges.get(to.join())!;
    const left = starting.findIndex(({ direction }) => direction === (edge.direction + 3) % SIDES.length);
    const [next] = starting.splice(Math.max(left, 0), 1);
    // Corners are kept only where the border changes direction.
    if (next!.direction !== edge.direction) ring.push(to);
    edge = next!;
  }
}

const closed = (ring: Ring): Ring => [...ring, ring[0]!];

/** The signed area: half the sum of the cross products (the shoelace formula). */
export function signedArea(ring: Ring): number {
  let sum = 0;
  for (let k = 0; k + 1 < ring.length; k++) {
    const [[x, y], [nextX, nextY]] = [ring[k]!, ring[k + 1]!];
    sum += x * nextY - nextX * y;
  }
  return sum / 2;
}
