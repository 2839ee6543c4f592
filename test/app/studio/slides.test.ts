/** What the screen of slides computes: the scale and its bar, names for results, the map's bytes, regions, colours. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decodeMap, encodeMap, type ProbabilityMap } from "../../../src/app/api/slides.ts";
import { freeResultName } from "../../../src/app/web/screens/slides/free_name.ts";
import { mapColours } from "../../../src/app/web/screens/slides/map_colours.ts";
import { boundsOf, mapNumbers } from "../../../src/app/web/screens/slides/map_numbers.ts";
import { scaleBar, scaleOfSlide } from "../../../src/app/web/screens/slides/scale_bar.ts";
import { sequential } from "../../../src/histology/image/colour_map.ts";

const { NaN: none } = Number;

const map = (probabilities: readonly number[], more: Partial<ProbabilityMap> = {}): ProbabilityMap => ({
  grid: { scale: 2, side: 50, stride: 25, columns: 4, rows: 2, width: 125, height: 75 },
  ...{ isDone: true, isProvisional: false, threshold: 0.5, classNames: ["no IDC", "IDC"], model: "idc" },
  ...{ micronsPerPixel: 0.5, scaleReason: "for a test", scaleIsGuessed: false, command: "cancernet slide" },
  probabilities: Float32Array.from(probabilities),
  ...more,
});

test("the scale is that of an option, of the file, of the objective, or unknown, and says so", () => {
  const file = { micronsPerPixel: 0.25, objective: 40 };
  assert.deepEqual(scaleOfSlide(file, undefined).microns, 0.25);
  assert.match(scaleOfSlide(file, undefined).basis, /as the file states/);
  assert.match(scaleOfSlide(file, { micronsPerPixel: 0.25 }).basis, /as the file states/);
  assert.equal(scaleOfSlide(file, { micronsPerPixel: 0.5 }).microns, 0.5);
  assert.match(scaleOfSlide(file, { micronsPerPixel: 0.5 }).basis, /by an option/);
  assert.equal(scaleOfSlide({ micronsPerPixel: null, objective: 20 }, undefined).microns, 0.5);
  assert.match(scaleOfSlide({ micronsPerPixel: null, objective: 20 }, undefined).basis, /^a guess/);
  assert.equal(scaleOfSlide({ micronsPerPixel: null, objective: null }, undefined).microns, null);
});

test("the bar has the length that it states", () => {
  const basis = "";
  assert.deepEqual(scaleBar(1, { microns: 0.5, basis }, 160), { pixels: 100, text: "50 µm" });
  assert.deepEqual(scaleBar(0.01, { microns: 0.25, basis }, 160), { pixels: 80, text: "2 mm" });
  assert.deepEqual(scaleBar(0.5, { microns: null, basis }, 160), { pixels: 100, text: "200 pixels" });
  assert.deepEqual(scaleBar(160, { microns: null, basis }, 160), { pixels: 160, text: "1 pixel" });
  fc.assert(
    fc.property(fc.double({ min: 1e-5, max: 100, noNaN: true }), (zoom) => {
      const { pixels } = scaleBar(zoom, { microns: 0.5, basis }, 160);
      assert.ok(pixels > 60 && pixels <= 160.001, `${pixels} at ${zoom}`);
    }),
  );
});

test("the name of a new result is a name on every system, and not taken", () => {
  assert.equal(freeResultName("slides/CMU-1.svs", []), "CMU-1-scored");
  assert.equal(freeResultName("slides/CMU-1.svs", ["CMU-1-scored", "CMU-1-scored-2"]), "CMU-1-scored-3");
  assert.equal(freeResultName("a/..:*?.tif", []), "slide-scored");
  assert.equal(freeResultName("Präparat 7 (b).tiff", []), "Präparat 7 -b--scored");
});

test("a map survives its bytes to the last bit", () => {
  const one = map([0.1, none, 0.30000001192092896, 1, 0, 0.7, none, 1e-20]);
  assert.deepEqual(decodeMap(encodeMap(one).buffer), one);
});

test("areas and regions are those of the squares around the patches, at the threshold", () => {
  const one = map([0.9, 0.5, 0.2, none, 0.1, 0.8, none, 0.7]);
  const { regions, scored, positive, cellArea } = mapNumbers(one, 0.5);
  assert.deepEqual([scored, positive], [6, 4]);
  assert.deepEqual(
    regions.map(({ patches }) => patches),
    [3, 1],
  );
  assert.equal(cellArea, 0.025 * 0.025);
  // The first region has two columns and two rows from cell (0, 0), whose square begins 12.5 model pixels in.
  assert.deepEqual(boundsOf(regions[0]!, one), { left: 25, top: 25, width: 100, height: 100 });
  assert.equal(mapNumbers(one, 0.95).regions.length, 0);
  assert.equal(mapNumbers(map([1], { micronsPerPixel: null }), 0.5).cellArea, null);
});

test("a cell has the colour of the legend; cells without an answer, and hidden ones, have none", () => {
  const one = map([0.9, none, 0.2]);
  const rgba = (probability: number) => [...sequential(probability), 255];
  const [high, low] = [rgba(Math.fround(0.9)), rgba(Math.fround(0.2))];
  const clear = [0, 0, 0, 0];
  assert.deepEqual([...mapColours(one, { threshold: 0.5, showsBelow: true })], [...high, ...clear, ...low]);
  assert.deepEqual([...mapColours(one, { threshold: 0.5, showsBelow: false })], [...high, ...clear, ...clear]);
});
