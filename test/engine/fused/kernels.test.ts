/** Every fused kernel against its twin at many shapes; an image alone gives the same bits; nothing is written elsewhere. */
import assert from "node:assert/strict";
import { readdirSync, statSync } from "node:fs";
import { test } from "node:test";
import { RandomStream } from "../../../src/system/random.ts";
import { Arena, type View } from "./arena.ts";
import { type Arrays, CASES, type Expected } from "./cases.ts";
import type { Shape } from "./twins.ts";

test("the built kernels are no older than their sources", () => {
  const root = new URL("../../../", import.meta.url);
  const built = statSync(new URL("dist/engine/fused/kernels.wasm", root)).mtimeMs;
  const folder = new URL("src/engine/fused/kernels/", root);
  for (const name of readdirSync(folder).filter((name) => name.endsWith(".ts"))) {
    assert.ok(statSync(new URL(name, folder)).mtimeMs <= built, `${name} has changed: run "npm run build" first.`);
  }
});

const SIZES = "1x1 2x3 5x7 6x6 9x4 12x12 13x10 24x24 48x48".split(" ").map((size) => size.split("x").map(Number));
const SHAPES: Shape[] = SIZES.flatMap(([h, w]) =>
  [1, 3].flatMap((n) => [1, 3, 5].map((c): Shape => ({ n, c, h: h!, w: w! }))),
);

/** Random numbers in [-2, 2) in steps of 1/64: ties, and sums at zero, are frequent. */
function randomNumbers(random: RandomStream, length: number): Float32Array {
  return new Float32Array(random.bytes(length)).map((byte) => byte / 64 - 2);
}

const arena = new Arena();
for (const [name, { perChannel, shared, run, twin }] of Object.entries(CASES)) {
  const least = name.includes("ool") ? 2 : name.startsWith("moveImages") ? 4 : 1;
  const shapes = SHAPES.filter(({ h, w }) => h >= least && w >= least);

  test(`${name}: as its twin, writes nothing else, and an image alone gives the same bits`, () => {
    for (const shape of shapes) {
      const place = `at ${shape.n} images of ${shape.c} x ${shape.h} x ${shape.w}`;
      const random = new RandomStream(1, name, place);
      const images = mapValues(perChannel, (length) => randomNumbers(random, shape.n * shape.c * length(shape)));
      // Weights with all their bits, so that products are rounded.
      const common = mapValues(shared ?? {}, (length) =>
        new Float32Array(shape.c * length).map(() => random.uniform(-2, 2)),
      );
      const runOn = (n: number, given: Arrays): Record<string, View> => {
        arena.clear();
        return mapValues(run(arena, { ...shape, n }, { ...given, ...common }), (values) => values.slice());
      };
      const found = runOn(shape.n, images);
      const expected = twin(shape, { ...images, ...common });
      assert.deepEqual(Object.keys(found), Object.keys(expected));
      for (const [key, want] of Object.entries(expected)) assertNear(found[key]!, want, `${key} ${place}`);
      for (let image = 0; image < shape.n; image++) {
        const alone = runOn(
          1,
          mapValues(images, (values) => partOf(values, image, shape.n)),
        );
        assert.deepEqual(
          alone,
          mapValues(found, (values) => partOf(values, image, shape.n)),
          `image ${image} ${place}`,
        );
      }
    }
  });
}

/** One image's part of an array that all images share evenly. */
function partOf<T extends View>(values: T, image: number, n: number): T {
  const length = values.length / n;
  return values.slice(image * length, (image + 1) * length) as T;
}

function mapValues<A, B>(values: Record<string, A>, map: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, map(value)]));
}

function assertNear(found: View, { values, bound }: Expected, place: string): void {
  assert.equal(found.length, values.length, place);
  for (let i = 0; i < values.length; i++) {
    const tolerance = bound ? bound.of[i]! * bound.relative : 0;
    const error = Math.abs(found[i]! - values[i]!);
    if (!(error <= tolerance)) assert.fail(`${place}: [${i}] is ${found[i]}, expected ${values[i]} +- ${tolerance}`);
  }
}
