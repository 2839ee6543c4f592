/** Moves and recolourings against scipy and numpy: the matrices, the pixels that the engine's graph makes of them, the draws. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import fc from "fast-check";
import { Graph } from "../../src/engine/graph/graph.ts";
import { FILL_MODES, type FillMode } from "../../src/engine/nn/fill.ts";
import { movedImages, recolourImages } from "../../src/engine/nn/input.ts";
import { openGraph } from "../../src/engine/runtime/node/session.ts";
import type { Session } from "../../src/engine/runtime/session.ts";
import { drawMove, type Move, moveMatrix, TUTORIAL_RANGES } from "../../src/histology/augmentation/geometry.ts";
import { drawJitter, type Jitter, jitterMatrix } from "../../src/histology/augmentation/stain.ts";
import { RandomStream } from "../../src/system/random.ts";
import { Arena, interior } from "../engine/fused/arena.ts";
import { assertNear, readGolden } from "../golden/reference.ts";

interface Geometry {
  readonly name: string;
  readonly height: number;
  readonly width: number;
  readonly rotationDegrees: number;
  readonly shearDegrees: number;
  readonly rowShift: number;
  readonly columnShift: number;
  readonly rowZoom: number;
  readonly columnZoom: number;
  readonly flipLeftRight: boolean;
  readonly flipTopBottom: boolean;
  /** Row and column of the result's pixel to those of the image's, before the flips: [3, 3]. */
  readonly matrix: number[][];
  readonly pixels: number[][][];
}

interface Golden {
  readonly images: { readonly square: number[][][]; readonly oblong: number[][][] };
  readonly geometry: Geometry[];
  /** Moves that read far outside the image. */
  readonly fills: (Geometry & { readonly fill: FillMode; readonly value: number })[];
  readonly stain: {
    readonly colours: number[][];
    readonly cases: { name: string; gains: [number, number]; offsets: [number, number]; colours: number[][] }[];
  };
}

const golden = readGolden<Golden>("augmentation");
const SIDE_PIXELS = golden.images.square[0]!.length;
const IDENTITY: Move = {
  rotationDegrees: 0,
  rowShift: 0,
  columnShift: 0,
  shearDegrees: 0,
  rowZoom: 1,
  columnZoom: 1,
  flipRows: false,
  flipColumns: false,
};

const moveOf = (row: Geometry): Move => ({ ...row, flipRows: row.flipTopBottom, flipColumns: row.flipLeftRight });

/** Our matrix, of (x, y) from -1 to 1, as the map of (row, column) in pixels: the first two rows. */
function inPixels([cc, cr, c1, rc, rr, r1]: number[], sidePixels: number): number[][] {
  const [centre, half] = [(sidePixels - 1) / 2, sidePixels / 2];
  return [
    [rr!, rc!, centre - (rr! + rc!) * centre + half * r1!],
    [cr!, cc!, centre - (cr! + cc!) * centre + half * c1!],
  ];
}

/** The session of the graph that moves one image, and of the one that recolours one. */
let moving: Session;
let recolouring: Session;
const COLOURS = golden.stain.colours.length;

before(async () => {
  const move = new Graph();
  const image = move.input("image", "float32", [1, 3, SIDE_PIXELS, SIDE_PIXELS]);
  move.output("moved", movedImages(image, move.input("matrix", "float32", [1, 2, 3])));
  moving = await openGraph(move, { threads: 1 });
  const recolour = new Graph();
  const colours = recolour.input("colours", "float32", [1, 3, COLOURS, 1]);
  recolour.output("recoloured", recolourImages(colours, recolour.input("matrix", "float32", [1, 3, 4])));
  recolouring = await openGraph(recolour, { threads: 1 });
});

after(async () => {
  await moving.close();
  await recolouring.close();
});

async function moved(image: number[][][], move: Move, session = moving): Promise<number[]> {
  const results = await session.run({
    image: { data: Float32Array.from(image.flat(2)), shape: [1, 3, SIDE_PIXELS, SIDE_PIXELS] },
    matrix: { data: Float32Array.from(moveMatrix(move)), shape: [1, 2, 3] },
  });
  return Array.from(results.moved!.data, Number);
}

/** The colours [n, 3], as many as golden ones, after the jitter. */
async function recoloured(colours: number[][], jitter: Jitter): Promise<number[][]> {
  const planes = [0, 1, 2].flatMap((channel) => colours.map((colour) => colour[channel]!));
  const results = await recolouring.run({
    colours: { data: Float32Array.from(planes), shape: [1, 3, COLOURS, 1] },
    matrix: { data: Float32Array.from(jitterMatrix(jitter)), shape: [1, 3, 4] },
  });
  const { data } = results.recoloured!;
  return colours.map((_, index) => [0, 1, 2].map((channel) => Number(data[channel * COLOURS + index])));
}

function assertPixels(actual: readonly number[], expected: readonly number[], tolerance: number): void {
  assert.equal(actual.length, expected.length);
  for (const [index, value] of expected.entries()) assertNear(actual[index]!, value, tolerance, `pixel ${index}`);
}

for (const row of golden.geometry) {
  const oblong =
    row.height !== row.width && "a patch is square: in shares of its sides a turned oblong would be sheared";
  test(`the move "${row.name}" has Keras' matrix`, { skip: oblong }, () => {
    const actual = inPixels(moveMatrix({ ...moveOf(row), flipRows: false, flipColumns: false }), row.height).flat();
    for (const [index, value] of row.matrix.slice(0, 2).flat().entries()) {
      // The reference numbers have ten digits.
      assertNear(actual[index]!, value, 1e-9 * Math.max(1, Math.abs(value)), `element ${index}`);
    }
  });

  test(`the move "${row.name}" gives scipy's pixels`, { skip: oblong }, async () => {
    assertPixels(await moved(golden.images.square, moveOf(row)), row.pixels.flat(2), 5e-3);
  });
}

for (const { fill, value, ...row } of golden.fills) {
  test(`the move "${row.name}" filled with ${fill} ${value} gives scipy's pixels`, async () => {
    const graph = new Graph();
    const image = graph.input("image", "float32", [1, 3, SIDE_PIXELS, SIDE_PIXELS]);
    graph.output("moved", movedImages(image, graph.input("matrix", "float32", [1, 2, 3]), { mode: fill, value }));
    const session = await openGraph(graph, { threads: 1 });
    try {
      assertPixels(await moved(golden.images.square, moveOf(row), session), row.pixels.flat(2), 5e-3);
    } finally {
      await session.close();
    }
  });

  test(`the kernel's move "${row.name}" filled with ${fill} ${value} gives scipy's pixels`, () => {
    const arena = new Arena();
    const from = arena.put(Float32Array.from(golden.images.square.flat(2)));
    const matrix = arena.put(Float32Array.from(moveMatrix(moveOf(row))));
    const shape = { n: 1, c: 3, h: SIDE_PIXELS, w: SIDE_PIXELS };
    const output = arena.bordered(shape);
    const [source, matrices, target] = [from, matrix, output].map((view) => view.byteOffset) as [
      number,
      number,
      number,
    ];
    arena.run([output], (kernels) =>
      kernels.moveImages(source, matrices, target, 1, 3, SIDE_PIXELS, SIDE_PIXELS, FILL_MODES.indexOf(fill), value),
    );
    assertPixels(Array.from(interior(output, shape)), row.pixels.flat(2), 5e-3);
  });
}

/** Where Keras reads the pixel (row, column) of the result, step by step and in pixels: the second witness. */
function keras(move: Move, sidePixels: number, row: number, column: number): [number, number] {
  const centre = (sidePixels - 1) / 2;
  const [turn, slant] = [move.rotationDegrees, move.shearDegrees].map((degrees) => (degrees * Math.PI) / 180);
  const flipped = [move.flipRows ? 2 * centre - row : row, move.flipColumns ? 2 * centre - column : column];
  const zoomed = [(flipped[0]! - centre) * move.rowZoom, (flipped[1]! - centre) * move.columnZoom];
  const sheared = [zoomed[0]! - Math.sin(slant!) * zoomed[1]!, Math.cos(slant!) * zoomed[1]!];
  const shifted = [sheared[0]! + move.rowShift * sidePixels, sheared[1]! + move.columnShift * sidePixels];
  return [
    centre + Math.cos(turn!) * shifted[0]! - Math.sin(turn!) * shifted[1]!,
    centre + Math.sin(turn!) * shifted[0]! + Math.cos(turn!) * shifted[1]!,
  ];
}

test("the matrix of any move reads where Keras' steps lead", () => {
  const shifts = { rowShift: 0.5, columnShift: 0.7 };
  const ranges = { ...TUTORIAL_RANGES, ...shifts, rotationDegrees: 180, shearDegrees: 40, zoom: 0.5 };
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 100 }), (seed, sidePixels) => {
      const random = new RandomStream(seed, "move");
      const move = drawMove(random, ranges);
      const [rows, columns] = inPixels(moveMatrix(move), sidePixels) as [number[], number[]];
      const [row, column] = [random.integer(sidePixels), random.integer(sidePixels)];
      const expected = keras(move, sidePixels, row, column);
      for (const [axis, part] of [rows, columns].entries()) {
        assertNear(part[0]! * row + part[1]! * column + part[2]!, expected[axis]!, 1e-12 * 200, `axis ${axis}`);
      }
    }),
  );
});

test("no move gives the image back, flips mirror it exactly", async () => {
  const image = golden.images.square;
  assertPixels(await moved(image, IDENTITY), image.flat(2), 1e-3);
  const upsideDown = image.map((plane) => plane.toReversed());
  assertPixels(await moved(image, { ...IDENTITY, flipRows: true }), upsideDown.flat(2), 1e-3);
  const mirrored = image.map((plane) => plane.map((row) => row.toReversed()));
  assertPixels(await moved(image, { ...IDENTITY, flipColumns: true }), mirrored.flat(2), 1e-3);
});

test("draws stay in the tutorial's ranges, fill them, and are the same for the same stream", () => {
  const draw = (index: number) => drawMove(new RandomStream(5, "move", index));
  const moves = Array.from({ length: 2000 }, (_, index) => draw(index));
  const { rotationDegrees, rowShift, columnShift, shearDegrees, zoom } = TUTORIAL_RANGES;
  const ranges: [keyof Move, number, number][] = [
    ["rotationDegrees", 0, rotationDegrees],
    ["rowShift", 0, rowShift],
    ["columnShift", 0, columnShift],
    ["shearDegrees", 0, shearDegrees],
    ["rowZoom", 1, zoom],
    ["columnZoom", 1, zoom],
  ];
  for (const [name, middle, range] of ranges) {
    const shares = moves.map((move) => (Number(move[name]) - middle) / range);
    assert.ok(Math.min(...shares) >= -1 && Math.max(...shares) <= 1, `${name} stays in its range`);
    assert.ok(Math.min(...shares) < -0.98 && Math.max(...shares) > 0.98, `${name} fills its range`);
    const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
    // Four standard errors of a uniform draw.
    assert.ok(Math.abs(mean) < 4 / Math.sqrt(3 * shares.length), `${name} is centred: ${mean}`);
  }
  for (const flip of ["flipRows", "flipColumns"] as const) {
    const share = moves.filter((move) => move[flip]).length / moves.length;
    assert.ok(Math.abs(share - 0.5) < 4 * Math.sqrt(0.25 / moves.length), `${flip} happens half the time: ${share}`);
  }
  assert.deepEqual(draw(7), moves[7]);
  assert.notDeepEqual(draw(8), moves[7]);
});

test("a range that is 0 and a flip that is off change nothing else that is drawn", () => {
  const off = { rotationDegrees: 0, rowShift: 0, columnShift: 0, shearDegrees: 0, zoom: 0 };
  const still = { ...TUTORIAL_RANGES, ...off, flipRows: false, flipColumns: false };
  fc.assert(
    fc.property(fc.integer(), fc.constantFrom(...Object.keys(off), "flipRows", "flipColumns"), (seed, name) => {
      const draw = (ranges: typeof TUTORIAL_RANGES) => drawMove(new RandomStream(seed, "move"), ranges);
      assert.deepEqual({ ...draw(still), rotationDegrees: 0 }, { ...IDENTITY });
      const [all, one] = [draw(TUTORIAL_RANGES), draw({ ...still, [name]: TUTORIAL_RANGES[name as "zoom"] })];
      const changed = name === "zoom" ? (["rowZoom", "columnZoom"] as const) : [name as keyof Move];
      assert.deepEqual(one, { ...IDENTITY, ...Object.fromEntries(changed.map((part) => [part, all[part]])) });
    }),
  );
});

for (const { name, gains, offsets, colours } of golden.stain.cases) {
  const jitter: Jitter = [
    { factor: gains[0], offset: offsets[0] },
    { factor: gains[1], offset: offsets[1] },
  ];
  test(`the jitter "${name}" has numpy's matrix`, () => {
    const matrix = jitterMatrix(jitter);
    for (const [index, colour] of golden.stain.colours.entries()) {
      const logs = [...colour.map((intensity) => Math.log(intensity + 1)), 1];
      for (const channel of [0, 1, 2]) {
        const log = logs.reduce((sum, value, column) => sum + matrix[4 * channel + column]! * value, 0);
        const intensity = Math.min(Math.max(Math.exp(log) - 1, 0), 255);
        assertNear(intensity, colours[index]![channel]!, 1e-7, `colour ${index}, channel ${channel}`);
      }
    }
  });

  test(`the jitter "${name}" gives numpy's colours`, async () => {
    assertPixels((await recoloured(golden.stain.colours, jitter)).flat(), colours.flat(), 2e-3);
  });
}

const change = (strength: number) =>
  fc.record({
    factor: fc.double({ min: 1 - strength, max: 1 + strength, noNaN: true }),
    offset: fc.double({ min: -strength, max: strength, noNaN: true }),
  });

test("no jitter, however strong, leaves 0..255", async () => {
  const colour = fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 3, maxLength: 3 });
  const colours = fc.array(colour, { minLength: COLOURS, maxLength: COLOURS });
  await fc.assert(
    fc.asyncProperty(colours, fc.tuple(change(3), change(3)), async (before, jitter) => {
      const result = await recoloured(before, jitter);
      assert.ok(result.flat().every((intensity) => intensity >= 0 && intensity <= 255));
    }),
  );
});

test("white stays white under factors alone", async () => {
  const white = golden.stain.colours.map(() => [255, 255, 255]);
  await fc.assert(
    fc.asyncProperty(change(0.5), change(0.5), async (first, second) => {
      const result = await recoloured(white, [
        { ...first, offset: 0 },
        { ...second, offset: 0 },
      ]);
      for (const intensity of result.flat()) assertNear(intensity, 255, 2e-3, "white");
    }),
  );
});

test("more of both stains makes every colour of tissue darker", async () => {
  const tissue = golden.stain.colours.map(() => [200, 120, 180]);
  const [result] = await recoloured(tissue, [
    { factor: 1.1, offset: 0.05 },
    { factor: 1.1, offset: 0.05 },
  ]);
  for (const [channel, intensity] of result!.entries()) assert.ok(intensity < tissue[0]![channel]!);
});

test("jitters stay within their strength and are the same for the same stream", () => {
  fc.assert(
    fc.property(fc.integer(), fc.double({ min: 0, max: 0.5, noNaN: true }), (seed, strength) => {
      const jitter = drawJitter(new RandomStream(seed, "jitter"), strength);
      for (const { factor, offset } of jitter) {
        assert.ok(Math.abs(factor - 1) <= strength + 1e-15 && Math.abs(offset) <= strength);
      }
      assert.deepEqual(drawJitter(new RandomStream(seed, "jitter"), strength), jitter);
    }),
  );
});
