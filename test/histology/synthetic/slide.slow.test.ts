/** Synthetic slides: the same seed draws the same tissue, its labels say what was drawn, its stain obeys the formula. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { labelCells, layOut } from "../../../src/histology/synthetic/anatomy.ts";
import { createCanvas, fillEllipse } from "../../../src/histology/synthetic/canvas.ts";
import { renderSlide } from "../../../src/histology/synthetic/slide.ts";
import { developStain, drawStain } from "../../../src/histology/synthetic/stain.ts";
import { RandomStream } from "../../../src/system/random.ts";

const small = { seed: 5, caseId: "90001", columns: 6, rows: 5, idcShare: 0.4 };

test("the same seed and case draw the same bytes; another seed or case draws others", () => {
  const first = renderSlide(small);
  const { data, labels } = renderSlide(small);
  assert.ok(Buffer.from(first.data).equals(data));
  assert.deepEqual(first.labels, labels);
  assert.ok(!Buffer.from(first.data).equals(renderSlide({ ...small, seed: 6 }).data));
  assert.ok(!Buffer.from(first.data).equals(renderSlide({ ...small, caseId: "90002" }).data));
});

test("a slide has 50 x 50 pixels a cell", () => {
  const slide = renderSlide(small);
  assert.equal(slide.width, 300);
  assert.equal(slide.height, 250);
  assert.equal(slide.data.length, 300 * 250 * 3);
  assert.equal(slide.labels.length, 30);
  assert.equal(slide.tissue.length, 30);
});

test("the share of tumour is what was asked for, from none to all", () => {
  for (const share of [0, 0.05, 0.3, 0.8, 1]) {
    const { tissue, tumour } = layOut(new RandomStream(1, "share"), 1000, 900, share);
    const [tissuePixels, tumourPixels] = [tissue, tumour].map((map) => map.reduce((sum, one) => sum + one, 0));
    assert.ok(Math.abs(tumourPixels! / tissuePixels! - share) < 0.01, `${tumourPixels} of ${tissuePixels}`);
    assert.ok(
      tumour.every((isTumour, index) => isTumour <= tissue[index]!),
      "tumour only where there is tissue",
    );
  }
});

test("a cell is IDC where tumour is more than half of its tissue, and tissue where that covers a quarter", () => {
  const counts = [
    { tissue: 2500, tumour: 1251, label: 1, hasTissue: 1 },
    { tissue: 2500, tumour: 1250, label: 0, hasTissue: 1 },
    { tissue: 625, tumour: 313, label: 1, hasTissue: 1 },
    { tissue: 624, tumour: 0, label: 0, hasTissue: 0 },
    { tissue: 0, tumour: 0, label: 0, hasTissue: 0 },
  ];
  for (const { tissue, tumour, label, hasTissue } of counts) {
    const first = (count: number) => new Uint8Array(2500).fill(1, 0, count);
    const depth = new Float32Array(2500);
    const cells = labelCells({ width: 50, height: 50, tissue: first(tissue), tumour: first(tumour), depth });
    assert.deepEqual([cells.labels[0], cells.tissue[0]], [label, hasTissue]);
  }
});

test("tumour is contiguous: most IDC cells have an IDC neighbour to each side", () => {
  const { labels } = renderSlide({ seed: 2, caseId: "90001", columns: 16, rows: 16, idcShare: 0.4 });
  const idcCells = [...labels.keys()].filter((cell) => labels[cell] === 1);
  const neighbours = idcCells.flatMap((cell) => [cell - 1, cell + 1, cell - 16, cell + 16].map((n) => labels[n] ?? 0));
  const share = neighbours.reduce((sum, label) => sum + label, 0) / neighbours.length;
  assert.ok(share > 0.6, `${share}: strewn at random it would be about 0.3`);
});

test("glass is white and tissue is not", () => {
  const slide = renderSlide({ ...small, columns: 12, rows: 12 });
  const means = [0, 0, 0].map((_, channel) => mean(slide.data.filter((_, byte) => byte % 3 === channel)));
  assert.ok(means[1]! < means[0]! && means[1]! < means[2]!, `green is absorbed most: ${means}`);
  const corners = [0, slide.width - 1, slide.width * (slide.height - 1), slide.width * slide.height - 1];
  for (const pixel of corners) {
    for (const channel of [0, 1, 2]) assert.ok(slide.data[pixel * 3 + channel]! > 228, "the corners are glass");
  }
});

test("optical density is hematoxylin amount x vector + eosin amount x vector", () => {
  const canvas = createCanvas(40, 40);
  canvas.hematoxylin.fill(0.5);
  canvas.eosin.fill(0.25);
  const stain = {
    hematoxylin: [0.65, 0.704, 0.286],
    eosin: [0.072, 0.99, 0.105],
    hematoxylinStrength: 1,
    eosinStrength: 0.8,
    glass: [240, 240, 240],
  } as const;
  const rgb = developStain(canvas, stain, new RandomStream(1, "film"));
  // 240 x 10^-(0.5 x 0.65 + 0.2 x 0.072) and so on; the section's thickness varies by at most a fifth, the grain by 2.
  for (const [channel, density] of [0.3394, 0.55, 0.164].entries()) {
    const [thick, thin] = [1.2, 0.8].map((factor) => 240 * 10 ** (-density * factor));
    const values = rgb.filter((_, byte) => byte % 3 === channel);
    assert.ok(
      values.every((value) => value >= thick! - 3 && value <= thin! + 3),
      `channel ${channel}`,
    );
  }
});

test("stain vectors have length 1, hematoxylin absorbs red and eosin hardly does", () => {
  for (let one = 0; one < 200; one++) {
    const { hematoxylin, eosin } = drawStain(new RandomStream(one, "stain"));
    assert.ok(Math.abs(Math.hypot(...hematoxylin) - 1) < 1e-12);
    assert.ok(Math.abs(Math.hypot(...eosin) - 1) < 1e-12);
    assert.ok(hematoxylin[0] > 2 * eosin[0]);
  }
});

test("an ellipse covers pi x radius^2 pixels at any angle and aspect, and none outside of the canvas", () => {
  for (const [aspect, angle] of [
    [1, 0],
    [2.5, 0.4],
    [4, 2],
  ] as const) {
    const canvas = createCanvas(80, 80);
    const ellipse = { x: 40.3, y: 39.6, radiusPixels: 12, aspect, angle };
    fillEllipse(canvas, ellipse, { hematoxylin: 1, eosin: 0.5 });
    const area = canvas.hematoxylin.reduce((sum, one) => sum + one, 0);
    assert.ok(Math.abs(area / (Math.PI * 144) - 1) < 0.05, `aspect ${aspect}: ${area}`);
    assert.ok(Math.abs(canvas.eosin.reduce((sum, one) => sum + one, 0) - area / 2) < 0.01);
  }
  const canvas = createCanvas(4, 4);
  fillEllipse(canvas, { x: -20, y: 2, radiusPixels: 5 }, { hematoxylin: 1, eosin: 1 });
  assert.ok(canvas.hematoxylin.every((one) => one === 0));
});

function mean(values: Uint8Array): number {
  return values.reduce((sum, one) => sum + one, 0) / values.length;
}
