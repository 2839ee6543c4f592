/** The scale of a slide: what the user says, what the file states in the units of many programs, and what is only guessed. */

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import { openSlide } from "../../../src/histology/slide/open.ts";
import { scaleOf } from "../../../src/histology/slide/scale.ts";
import { guessWarning, SCALE_OPTIONS, scaleOptionsOf } from "../../../src/options/scale.ts";
import { useFolder } from "../../support/folder.ts";
import { refused } from "../../support/refused.ts";
import { smoothPicture, tilesOf } from "./support/pictures.ts";
import { type Tag, tiffFile, tiledPicture } from "./support/tiff_file.ts";

const at = useFolder("scale");
const PICTURE = smoothPicture(100, 80);
const tags = (unit: number, x: readonly number[]): Tag[] => [
  { tag: 282, type: "rational", values: x },
  { tag: 283, type: "rational", values: x },
  { tag: 296, type: "short", values: [unit] },
];

async function stated(description: string | Buffer, more: Tag[] = []) {
  const path = at("slide.tif");
  const text = Buffer.isBuffer(description) ? description : Buffer.from(`${description}\0`);
  const own: Tag = { tag: 270, type: "ascii", values: text };
  writeFileSync(
    path,
    tiffFile([tiledPicture({ ...PICTURE, tile: 64, tiles: tilesOf(PICTURE, 64), more: [own, ...more] })]),
  );
  const slide = await openSlide(path);
  await slide.close();
  return slide;
}

test("ImageJ's unit counts, as it is written by each of its versions", async () => {
  const perUnit = async (unit: string | Buffer, x: readonly number[]) => {
    const description = Buffer.concat([
      Buffer.from("ImageJ=1.53t\nunit="),
      Buffer.from(unit),
      Buffer.from("\nloop=false\n\0"),
    ]);
    return (await stated(description, tags(1, x))).micronsPerPixel;
  };
  for (const unit of ["micron", "um", "\\u00B5m", "\u00b5m", "\u03bcm", "microns", Buffer.from([0xb5, 0x6d])]) {
    assert.equal(await perUnit(unit, [4, 1]), 0.25, String(unit));
  }
  assert.equal(await perUnit("mm", [2000, 1]), 0.5);
  assert.equal(await perUnit("cm", [20_000, 1]), 0.5);
  assert.equal(await perUnit("nm", [1, 500]), 500 * 1e-3);
  assert.equal(await perUnit("inch", [50_800, 1]), 0.5);
  assert.equal(await perUnit("pixel", [4, 1]), undefined);
  assert.equal(
    (await stated("ImageJ=1.53t\nimages=1\n", tags(3, [40_000, 1]))).micronsPerPixel,
    0.25,
    "no unit of its own",
  );
  assert.equal((await stated("unit=micron\n", tags(1, [4, 1]))).micronsPerPixel, undefined, "not ImageJ's");
});

const ome = (pixels: string) =>
  `<?xml version="1.0"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"><Image ID="I:0"><Pixels ID="P:0" Type="uint8" DimensionOrder="XYCZT"
   SizeX="100" SizeY="80" SizeC="3" SizeZ="1" SizeT="1" ${pixels}><Channel ID="C" SamplesPerPixel="3"/><TiffData/></Pixels></Image></OME>`;

test("OME's units in every spelling; the resolution tags count if it states no size", async () => {
  for (const unit of ["um", "micrometer", "micrometre", "micron", "\u00b5m", "&#956;m"]) {
    const size = `PhysicalSizeX="0.5" PhysicalSizeXUnit="${unit}"`;
    assert.equal((await stated(ome(size))).micronsPerPixel, 0.5, unit);
  }
  const latin1 = Buffer.from(`${ome('PhysicalSizeX="0.5" PhysicalSizeXUnit="\u00b5m"')}\0`, "latin1");
  assert.equal((await stated(latin1)).micronsPerPixel, 0.5);
  assert.equal((await stated(ome(""), tags(3, [40_000, 1]))).micronsPerPixel, 0.25);
  const other = ome('PhysicalSizeX="1" PhysicalSizeXUnit="pixel"');
  assert.equal((await stated(other, tags(3, [40_000, 1]))).micronsPerPixel, undefined, "a size in pixels is none");
});

test("Aperio's objective is a guess that says so", async () => {
  const aperio = (fields: string) => stated(`Aperio Image Library v11.2.1\r\n100x80|${fields}`);
  const slide = await aperio("AppMag = 20|Left = 1");
  assert.deepEqual([slide.micronsPerPixel, slide.objective], [undefined, 20]);
  const { scale, guessed, reason, micronsPerPixel } = scaleOf(slide, {});
  assert.deepEqual([scale, guessed, micronsPerPixel], [8, true, undefined]);
  assert.match(reason, /the slide's pixels 0.5, as usual at the 20x objective that the slide states/);
  assert.match(guessWarning("a.svs", slide), /^a\.svs states a 20x objective, .*: 0\.5 micrometres are assumed\./);
  const both = await aperio("AppMag = 40|MPP = 0,2527");
  assert.deepEqual([both.micronsPerPixel, both.objective], [0.2527, 40]);
  assert.equal(scaleOf(both, {}).guessed, false);
  assert.equal((await aperio("AppMag = 0")).objective, undefined);
  assert.equal((await aperio("AppMag = forty")).objective, undefined);
});

test("what the user says goes before what the slide states", () => {
  const slide = { micronsPerPixel: 0.25, objective: 40 };
  const asked = (more: object) => {
    const { scale, micronsPerPixel, guessed } = scaleOf(slide, scaleOptionsOf(more));
    return [scale, micronsPerPixel, guessed];
  };
  assert.deepEqual(asked({}), [16, 0.25, false]);
  assert.deepEqual(asked({ mpp: 0.5 }), [8, 0.5, false]);
  assert.deepEqual(asked({ objective: "20x" }), [8, 0.5, false]);
  assert.deepEqual(asked({ objective: "40 X", patchSizeUm: 100 }), [8, 0.25, false]);
  assert.deepEqual(asked({ scale: 3 }), [3, 0.25, false]);
  for (const two of [
    { scale: 1, mpp: 1 },
    { mpp: 1, objective: "20x" },
    { scale: 1, objective: "20" },
    { scale: 1, patchSizeUm: 100 },
  ])
    assert.throws(() => scaleOptionsOf(two), refused("options-conflict"));
  for (const wrong of ["x", "0x", "201x", "20y", "-20x", "", "1e2"]) {
    assert.equal(SCALE_OPTIONS.objective.safeParse(wrong).success, false, wrong);
  }
});

test("a slide that states nothing is read at level 0, and the warning names the options for 20x and 40x", () => {
  const nothing = { micronsPerPixel: undefined, objective: undefined };
  assert.deepEqual([scaleOf(nothing, {}).scale, scaleOf(nothing, {}).guessed], [1, true]);
  assert.match(
    guessWarning("a.tif", nothing),
    /--objective 20x \(0\.5 .*--objective 40x \(0\.25\); or give --mpp or --scale/,
  );
});

test("of patches of another side nothing is known: the width of one or a scale must say it, and the slide its pixels", () => {
  const stated = { micronsPerPixel: 0.5, objective: undefined };
  const nothing = { micronsPerPixel: undefined, objective: undefined };
  const side = 96;
  for (const given of [{}, { mpp: 0.5 }, { objective: "20x" }]) {
    assert.throws(
      () => scaleOf(stated, { side, ...scaleOptionsOf(given) }),
      refused(
        "slide-scale-unknown",
        /patches of 96 x 96 pixels, .* is not known: give --patch-size-um, .*--mpp or --objective .*, or --scale\.$/,
      ),
    );
  }
  assert.equal(scaleOf(stated, { side, patchSizeUm: 96 }).scale, 2);
  assert.equal(scaleOf(nothing, { side, patchSizeUm: 96, mpp: 0.25 }).scale, 4);
  assert.equal(scaleOf(nothing, { side, ...scaleOptionsOf({ patchSizeUm: 96, objective: "10x" }) }).scale, 1);
  assert.equal(scaleOf(nothing, { side, scale: 3 }).scale, 3);
  assert.throws(
    () => scaleOf(nothing, { side, patchSizeUm: 96 }),
    refused("slide-scale-unknown", /--mpp or --objective, or --scale/),
  );
  const guessed = { micronsPerPixel: undefined, objective: 40 };
  assert.deepEqual(
    [scaleOf(guessed, { side, patchSizeUm: 48 }).scale, scaleOf(guessed, { side, patchSizeUm: 48 }).guessed],
    [2, true],
  );
  assert.match(
    guessWarning("a.svs", guessed, { side, patchSizeUm: 48 }),
    /A patch is taken to be 48 micrometres wide; at/,
  );
  assert.match(guessWarning("a.svs", guessed), /The model knows patches of about 200 micrometres; at/);
});
