/** The parts of "explain" that need no model: squares that hide, maps by pixel and cell, the picture's words and bars. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { explainOptions } from "../../src/options/explain.ts";
import { renderSvg } from "../../src/reports/charts/svg.ts";
import { AGREEMENT_LIMIT, agreementText, mapsDisagree } from "../../src/reports/explanation/agreement.ts";
import { coarsened, dropsByPixel, hideSquares, squareEdges } from "../../src/reports/explanation/occlusion.ts";
import { RandomStream } from "../../src/system/random.ts";
import { explainChart } from "../../src/workflows/explain/picture.ts";
import { assertNear } from "../golden/reference.ts";

const SIDE = 12;
const image = { width: SIDE, height: SIDE, data: new RandomStream(1, "picture").bytes(SIDE * SIDE * 3) };

test("squares begin at both ends of a side", () => {
  assert.deepEqual(squareEdges(12, { square: 4, stride: 4 }), [0, 4, 8]);
  assert.deepEqual(squareEdges(12, { square: 4, stride: 3 }), [0, 3, 6, 8]);
  assert.deepEqual(squareEdges(12, { square: 12, stride: 1 }), [0]);
  assert.equal(squareEdges(48, { square: 8, stride: 4 }).length, 11);
});

test("each copy has one square of the mean colour, row by row, and is the image elsewhere", () => {
  const squares = { square: 5, stride: 4 };
  const edges = squareEdges(SIDE, squares);
  const into = new Uint8Array(image.data.length * 4);
  hideSquares(image, squares, [3, 4], into);
  const mean = [0, 1, 2].map((channel) => {
    const values = image.data.filter((_, index) => index % 3 === channel);
    return Math.round(values.reduce((sum, value) => sum + value, 0) / values.length);
  });
  for (let copy = 0; copy < 4; copy++) {
    const [top, left] = [edges[Math.floor((3 + copy) / edges.length)]!, edges[(3 + copy) % edges.length]!];
    for (const [index, value] of image.data.entries()) {
      const [y, x] = [Math.floor(index / (3 * SIDE)), Math.floor(index / 3) % SIDE];
      const inside = y >= top && y < top + 5 && x >= left && x < left + 5;
      assert.equal(
        into[copy * image.data.length + index],
        inside ? mean[index % 3] : value,
        `copy ${copy}, ${x}, ${y}`,
      );
    }
  }
});

test("a pixel has the mean of the squares that hide it, and a cell the mean of its pixels", () => {
  const apart = dropsByPixel([1, 2, 3, 4], 4, { square: 2, stride: 2 });
  assert.deepEqual(Array.from(apart.values), [1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4]);
  const overlapping = dropsByPixel([1, 2, 3, 4], 3, { square: 2, stride: 1 });
  assert.deepEqual(Array.from(overlapping.values), [1, 1.5, 2, 2, 2.5, 3, 3, 3.5, 4]);
  assert.deepEqual(Array.from(coarsened(apart, 2, 2).values), [1, 2, 3, 4]);
  const uneven = coarsened({ width: 5, height: 1, values: [1, 2, 3, 4, 5] }, 1, 2);
  assert.deepEqual(Array.from(uneven.values), [2, 4.5]);
});

test("a constant fall stays constant by pixel, whatever the squares", () => {
  for (const squares of [
    { square: 5, stride: 3 },
    { square: 7, stride: 7 },
    { square: 1, stride: 1 },
  ]) {
    const count = squareEdges(SIDE, squares).length ** 2;
    const { values } = dropsByPixel(new Float64Array(count).fill(0.3), SIDE, squares);
    for (const value of Array.from(values)) assertNear(value, 0.3, 1e-12, JSON.stringify(squares));
  }
});

test("the picture tells each patch's probability and spread, and its bars end at the largest number of all rows", async () => {
  const explanationOf = (largest: number) => ({
    probability: 0.75,
    label: "IDC",
    threshold: 0.5,
    image,
    logit: 1.1,
    logOdds: 1.1,
    views: { logOdds: [1, 2], probabilities: [0.625, 0.875], meanLogOdds: 1.5, sdLogOdds: 0.5 },
    gradCam: { width: 2, height: 2, values: [0, -largest, 0.01, 0] },
    drops: { width: 1, height: 1, values: [0] },
    occlusion: { width: 1, height: 1, values: [0] },
    agreement: null,
  });
  const rows = [0.25, 0.5].map((largest, index) => ({
    patch: { file: `folder/${index} <&>.png`, image, ...(index ? { at: { x: 7, y: 9 } } : {}) },
    explanation: explanationOf(largest),
  }));
  const captions = {
    title: "title",
    probability: "P(IDC)",
    lines: ["line"],
    gradCam: "first bar",
    occlusion: "second bar",
  };
  const svg = await renderSvg(await explainChart(rows, captions));
  const texts = [...svg.matchAll(/<text[^>]*>([^<]*)/g)].map(([, text]) => text);
  assert.ok(texts.includes("0 &lt;&amp;&gt;.png: P(IDC) 0.750, IDC; single views 0.625 to 0.875"), texts.join("\n"));
  assert.ok(texts.includes("1 &lt;&amp;&gt;.png at 7,9: P(IDC) 0.750, IDC; single views 0.625 to 0.875"));
  for (const text of ["title", "line", "first bar", "second bar", "\u22120.5", "+0.5", "\u22121", "+1"]) {
    assert.equal(texts.filter((one) => one === text).length, 1, text);
  }
  assert.equal(svg.match(/data:image\/png;base64,/g)?.length, 6);
});

test("maps that agree, that disagree, and of which one is constant: the limit itself still agrees", () => {
  assert.equal(agreementText(0.551), "The two maps agree (rank correlation 0.55).");
  assert.equal(
    agreementText(-0.123),
    "The two maps disagree here (rank correlation -0.12): do not read either as the reason.",
  );
  assert.match(agreementText(-0.001), /rank correlation 0\.00\)/);
  assert.match(agreementText(null), /constant here: do not read either/);
  assert.deepEqual([AGREEMENT_LIMIT, 0.2999, -1, null, 1].map(mapsDisagree), [false, true, true, true, false]);
});

test("a long name loses its middle in the picture, and no name breaks the drawing", async () => {
  const flat = { width: 2, height: 2, values: [0, 1, 0, 0] };
  const explanation = {
    ...{ probability: 0.75, label: "IDC", threshold: 0.5, image, logit: 1, logOdds: 1, gradCam: flat, drops: flat },
    ...{ occlusion: flat, agreement: 0.9 },
    views: { logOdds: [1], probabilities: [0.75], meanLogOdds: 1, sdLogOdds: 0 },
  };
  const file = `folder/a\u001b${"very-".repeat(40)}long.png`;
  const captions = { title: "title", probability: "P(IDC)", lines: ["line"], gradCam: "first", occlusion: "second" };
  const svg = await renderSvg(await explainChart([{ patch: { file, image }, explanation }], captions));
  assert.match(svg, />a\\u001bvery-[^<]{20,45}long\.png: P\(IDC\) 0\.750, IDC; single views/);
  assert.ok(svg.includes("The two maps agree (rank correlation 0.90)."));
  assert.ok(svg.includes(">0</text>") && !svg.includes("+0<"));
  const longer = { ...captions, probability: "P(a class of man\u2026)" };
  const named = { ...explanation, label: "a class of many more letters than sixteen" };
  const other = await renderSvg(await explainChart([{ patch: { file, image }, explanation: named }], longer));
  assert.match(
    other,
    />a\\u001bvery-[^<]{5,20}long\.png: P\(a class of man\u2026\) 0\.750, a class of many\u2026; single views/,
  );
});

test("a place is two whole numbers", () => {
  const read = (at: string) => explainOptions.safeParse({ model: "m", images: ["i"], out: "o", at }).success;
  assert.deepEqual(["0,0", "12,3400"].map(read), [true, true]);
  for (const at of ["", "5", "1,2,3", "-1,2", "1.5,2", "a,b", "1, 2", "1e3,2"]) assert.equal(read(at), false, at);
});
