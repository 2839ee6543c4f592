/** The training's picture: where its lines run, by the axis' arithmetic; what it says; that it is the same each time. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { MeasuredEpoch } from "../../../src/artifacts/history.ts";
import { type Kept, keptOf } from "../../../src/options/training/keep.ts";
import { renderSvg } from "../../../src/reports/charts/svg.ts";
import { historyChart } from "../../../src/reports/training/history_chart.ts";
import { renderPng } from "../../../src/workflows/chart.ts";

const HISTORY: MeasuredEpoch[] = [
  { epoch: 1, loss: 0.8, accuracy: 0.7, val_loss: 0.6, val_accuracy: 0.75, val_auroc: 0.85 },
  { epoch: 2, loss: 0.5, accuracy: 0.8, val_loss: 0.4, val_accuracy: 0.85, val_auroc: 0.92 },
  { epoch: 3, loss: 0.4, accuracy: 0.9, val_loss: 0.5, val_accuracy: 0.8, val_auroc: 0.92 },
];

/** The lines of a chart by colour and panel: "M0,130L200,..." as numbers. */
function linesOf(svg: string): { first: string; points: number[][] }[] {
  return [...svg.matchAll(/<path aria-label="([^"]*)"[^>]*line mark" d="([^"]*)"/g)].map(([, first = "", d = ""]) => ({
    first,
    points: d
      .split(/[ML]/)
      .filter(Boolean)
      .map((point) => point.split(",").map(Number)),
  }));
}

function textsOf(svg: string): string[] {
  return [...svg.matchAll(/<text[^>]*>([^<]*)/g)].map(([, text = ""]) => text);
}

/** Width and height from the PNG's first chunk. */
function sizeOf(png: Uint8Array): [number, number] {
  const bytes = Buffer.from(png);
  assert.equal(bytes.subarray(1, 4).toString(), "PNG");
  return [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
}

test("every line runs through its values: 400 pixels for epochs 1 to 3, 260 pixels for a score from 0.5 to 1", async () => {
  const svg = await renderSvg(historyChart(HISTORY));
  const lines = linesOf(svg);
  const score = (value: number) => Math.round(260 * (1 - (value - 0.5) / 0.5) * 1000) / 1000;
  const loss = (value: number) => Math.round(260 * (1 - value / 0.8) * 1000) / 1000;
  const expected: [string, (value: number) => number, (row: MeasuredEpoch) => number][] = [
    ["training", loss, (row) => row.loss],
    ["validation", loss, (row) => row.val_loss],
    ["training", score, (row) => row.accuracy],
    ["validation", score, (row) => row.val_accuracy],
    ["validation AUROC", score, (row) => row.val_auroc],
  ];
  assert.equal(lines.length, expected.length);
  for (const [index, [series, place, measure]] of expected.entries()) {
    assert.ok(lines[index]!.first.endsWith(`series: ${series}`));
    assert.deepEqual(
      lines[index]!.points,
      HISTORY.map((row, epoch) => [epoch * 200, place(measure(row))]),
    );
  }
  // The same by hand: accuracy 0.75 lies halfway, loss 0.4 halfway.
  assert.equal(lines[3]!.points[0]![1], 130);
  assert.equal(lines[1]!.points[1]![1], 130);
});

test("the kept epoch is marked by a rule, with its value", async () => {
  const kept = keptOf(HISTORY, { keep: "best", epochs: 3 });
  const svg = await renderSvg(historyChart(HISTORY, { title: "run <1> & 2", kept }));
  assert.ok(textsOf(svg).includes("best epoch 2: AUROC 0.920"));
  assert.equal(svg.match(/rule mark" transform="translate\(200,0\)" x2="0" y2="260"/g)?.length, 2);
  assert.ok(textsOf(svg).includes("run &lt;1&gt; &amp; 2"));
  const last = textsOf(await renderSvg(historyChart(HISTORY, { kept: keptOf(HISTORY, { keep: "last", epochs: 3 }) })));
  assert.ok(last.includes("epoch 3") && last.includes("last epoch 3: AUROC 0.920"));
});

test("the epochs of a mean are a band from the first to the last of them", async () => {
  const kept: Kept = { keep: "average", epochs: [2, 3], val_auroc: 0.934 };
  const svg = await renderSvg(historyChart(HISTORY, { kept }));
  assert.ok(textsOf(svg).includes("mean of epochs 2 to 3: AUROC 0.934"));
  assert.equal(svg.match(/rect mark" d="M200,0h200v260h-200Z"/g)?.length, 2, svg);
  assert.doesNotMatch(svg, /rule mark"/);
});

test("axes have their titles and whole epochs, the legend its three names", async () => {
  for (const [epochs, ticks] of [
    [1, ["1"]],
    [3, ["1", "2", "3"]],
    [11, ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11"]],
    [10, ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"]],
    [40, ["1", "5", "10", "15", "20", "25", "30", "35", "40"]],
  ] as const) {
    const history = Array.from({ length: epochs }, (_, index) => ({ ...HISTORY[index % 3]!, epoch: index + 1 }));
    const texts = textsOf(await renderSvg(historyChart(history)));
    assert.deepEqual(texts.slice(0, texts.indexOf("epoch")), ticks);
    for (const text of ["loss", "accuracy, AUROC", "training", "validation", "validation AUROC"]) {
      assert.ok(texts.includes(text), text);
    }
  }
});

test("values that were not measured are left out, and without any AUROC no epoch is marked", async () => {
  const history = HISTORY.map((row) => ({ ...row, val_auroc: Number.NaN }));
  const svg = await renderSvg(historyChart(history, { kept: keptOf(history, { keep: "best", epochs: 3 }) }));
  assert.equal(linesOf(svg).length, 4);
  assert.doesNotMatch(svg, /rule mark"|NaN|undefined/);
  assert.ok((await renderPng(historyChart([]))).length > 1000);
});

test("the picture has the width asked for, is the same each time, and shows its text", async () => {
  const png = await renderPng(historyChart(HISTORY, { title: "one" }), { widthPixels: 900 });
  const [width, height] = sizeOf(png);
  assert.equal(width, 900);
  assert.ok(height > 300 && height < 600, `${height}`);
  assert.deepEqual(await renderPng(historyChart(HISTORY, { title: "one" }), { widthPixels: 900 }), png);
  assert.notDeepEqual(await renderPng(historyChart(HISTORY, { title: "two" }), { widthPixels: 900 }), png);
});
