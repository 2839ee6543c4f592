/** The colour maps against published colours, and what makes them readable: even lightness, a white middle, clamped ends. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type ColourMap, diverging, hexColours, sequential } from "../../src/histology/image/colour_map.ts";

/** CIE 1976 lightness L*, 0 to 100, of an sRGB colour (IEC 61966-2-1). */
function lightness([red, green, blue]: ReturnType<ColourMap>): number {
  const [r, g, b] = [red, green, blue].map((byte) => {
    const value = byte / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  const luminance = 0.2126 * r + 0.7152 * g + 0.0722 * b;
  return luminance <= 216 / 24389 ? (24389 / 27) * luminance : 116 * Math.cbrt(luminance) - 16;
}

test("the sequential map is viridis as matplotlib publishes it", () => {
  // Rows 0, 128 and 255 of viridis in matplotlib's _cm_listed.py, in bytes.
  assert.deepEqual(sequential(0), [68, 1, 84]);
  assert.deepEqual(sequential(0.5), [33, 145, 140]);
  assert.deepEqual(sequential(1), [253, 231, 37]);
});

test("the diverging map has ColorBrewer's RdBu ends and a nearly white middle", () => {
  assert.deepEqual(diverging(0), [5, 48, 97]);
  assert.deepEqual(diverging(1), [103, 0, 31]);
  assert.ok(Math.min(...diverging(0.5)) > 235);
});

test("lightness rises evenly with an amount, and falls alike on both sides of the middle", () => {
  const steps = Array.from({ length: 33 }, (_, index) => index / 32);
  const amounts = steps.map((step) => lightness(sequential(step)));
  const rises = amounts.slice(1).map((value, index) => value - amounts[index]!);
  const mean = (amounts.at(-1)! - amounts[0]!) / rises.length;
  assert.ok(
    rises.every((rise) => rise > 0.7 * mean && rise < 1.3 * mean),
    rises.join(" "),
  );
  const sides = [1, -1].map((sign) =>
    Array.from({ length: 9 }, (_, index) => lightness(diverging(0.5 + (sign * index) / 16))),
  );
  for (const side of sides)
    assert.deepEqual(
      side,
      side.toSorted((a, b) => b - a),
    );
  const distances = sides[0]!.map((value, index) => Math.abs(value - sides[1]![index]!));
  assert.ok(Math.max(...distances) < 12, distances.join(" "));
});

test("numbers beyond the ends take the ends' colours, and no number has none", () => {
  for (const map of [sequential, diverging]) {
    assert.deepEqual([map(-3), map(7)], [map(0), map(1)]);
    assert.throws(() => map(Number.NaN), RangeError);
  }
});

test("a legend's colours are the map's own", () => {
  assert.deepEqual(hexColours(sequential, 2), ["#440154", "#fde725"]);
  assert.equal(hexColours(diverging, 5).length, 5);
});
