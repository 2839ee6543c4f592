/** Synthetic cohorts: the Kaggle tree with true names, and classes that differ in their nuclei, not in their colour. */

import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { test } from "node:test";
import { decodeImage, encodePng } from "../../../src/histology/image/decode.ts";
import {
  cutPatches,
  planCases,
  renderCase,
  type SyntheticPatch,
  writeCohort,
} from "../../../src/histology/synthetic/cohort.ts";
import { auroc } from "../../../src/metrics/discrimination.ts";
import { tallyOf } from "../../../src/metrics/tally.ts";
import { useFolder } from "../../support/folder.ts";
import { refused } from "../../support/refused.ts";

const at = useFolder("synthetic");

const tiny = { seed: 3, cases: 3, patchesPerCase: 20 };

test("a cohort has the names, folders and pixels of the Kaggle layout", async () => {
  const folder = at("cohort");
  const summary = await writeCohort({ ...tiny, folder, encodePng });
  const paths = (await readdir(folder, { recursive: true })).filter((path) => path.endsWith(".png"));
  assert.equal(summary.patches, paths.length);
  assert.equal(summary.idcPatches, paths.filter((path) => path.endsWith("_class1.png")).length);
  assert.ok(summary.idcPatches > 0 && summary.idcPatches < summary.patches);
  assert.deepEqual(
    summary.cases.map(({ caseId }) => caseId),
    ["90001", "90002", "90003"],
  );
  for (const path of paths) {
    const name = /^(\d+)_idx5_x(\d+)_y(\d+)_class([01])\.png$/.exec(basename(path));
    assert.ok(name, path);
    assert.equal(dirname(path), join(name[1]!, name[4]!));
    assert.equal(Number(name[2]) % 50, 1);
    assert.equal(Number(name[3]) % 50, 1);
  }
  const [plan] = planCases(tiny);
  const [patch] = cutPatches(renderCase(tiny.seed, plan!), plan!.caseId);
  const { caseId, x, y, label } = patch!;
  const path = join(folder, caseId, String(label), `${caseId}_idx5_x${x}_y${y}_class${label}.png`);
  const { width, height, data } = await decodeImage(await readFile(path), path);
  assert.deepEqual([width, height], [patch!.width, patch!.height]);
  assert.ok(Buffer.from(data).equals(patch!.data));
});

test("patches continue into each other, and are narrower only at the right and bottom edge", () => {
  const plan = { caseId: "90001", columns: 8, rows: 7, idcShare: 0.5, cutPixels: { right: 9, bottom: 20 } };
  const slide = renderCase(1, plan);
  assert.deepEqual([slide.width, slide.height], [391, 330]);
  const sizes = new Set<string>();
  for (const { x, y, width, height, data, label } of cutPatches(slide, plan.caseId)) {
    assert.equal(width, x === 351 ? 41 : 50);
    assert.equal(height, y === 301 ? 30 : 50);
    assert.equal(label, slide.labels[((y - 1) / 50) * 8 + (x - 1) / 50]);
    const start = ((y - 1 + height - 1) * slide.width + x - 1) * 3;
    assert.deepEqual(
      data.subarray(-width * 3),
      slide.data.subarray(start, start + width * 3),
      "the last row of pixels",
    );
    sizes.add(`${width}x${height}`);
  }
  assert.ok(sizes.has("50x50") && sizes.has("41x50"), [...sizes].join(" "));
});

test("cases have little to much tumour, and about the number of patches asked for", () => {
  const plans = planCases({ seed: 42, cases: 12, patchesPerCase: 100 });
  const shares = plans.map(({ idcShare }) => idcShare).sort((one, other) => one - other);
  assert.ok(shares[0]! >= 0.05 && shares[0]! < 0.1 && shares[11]! > 0.7 && shares[11]! <= 0.8, shares.join(" "));
  assert.ok(new Set(plans.map(({ columns, rows }) => `${columns}x${rows}`)).size > 4, "of many sizes");
  const patches = plans.slice(0, 4).flatMap((plan) => [...cutPatches(renderCase(42, plan), plan.caseId)]);
  assert.ok(Math.abs(patches.length / 400 - 1) < 0.25, `${patches.length} patches in 4 cases`);
});

test("what cannot be made is refused in a sentence", async () => {
  await assert.rejects(
    writeCohort({ ...tiny, cases: 0, folder: at("none"), encodePng }),
    refused("option-invalid", "0 cases"),
  );
  assert.throws(() => planCases({ seed: 1, cases: 2, patchesPerCase: 3 }), refused("option-invalid"));
  await writeFile(at("file"), "");
  await assert.rejects(writeCohort({ ...tiny, folder: at(), encodePng }), refused("output-exists"));
});

test("mean colour hardly tells the classes apart over all cases, the size of dark nuclei does", () => {
  const numbers = { seed: 42, cases: 12, patchesPerCase: 110 };
  const patches = planCases(numbers).flatMap((plan) => [...cutPatches(renderCase(numbers.seed, plan), plan.caseId)]);
  const whole = patches.filter(({ width, height }) => width === 50 && height === 50);
  const labels = whole.map(({ label }) => label as number);
  const aurocOf = (scores: number[]) => auroc(tallyOf(labels, scores))!;
  for (const channel of [0, 1, 2]) {
    const score = aurocOf(whole.map((patch) => meanOf(patch, channel) / 255));
    assert.ok(Math.max(score, 1 - score) <= 0.75, `channel ${channel}: ${score}`);
  }
  const score = aurocOf(whole.map(largeNuclei));
  assert.ok(score > 0.85, `large nuclei: ${score}`);
});

function meanOf({ data }: SyntheticPatch, channel: number): number {
  let sum = 0;
  for (let byte = channel; byte < data.length; byte += 3) sum += data[byte]!;
  return (sum * 3) / data.length;
}

/**
 * How much darker in red than the median pixel the largest dark things are: the 95th percentile of a 3 x 3 erosion,
 * which small round or thin nuclei do not survive, of the optical density.
 */
function largeNuclei({ width, height, data }: SyntheticPatch): number {
  const density = (x: number, y: number) => -Math.log10((data[(y * width + x) * 3]! + 1) / 256);
  const [all, eroded]: [number[], number[]] = [[], []];
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      all.push(density(x, y));
      let least = Number.POSITIVE_INFINITY;
      for (let near = 0; near < 9; near++) {
        least = Math.min(least, density(x + (near % 3) - 1, y + Math.floor(near / 3) - 1));
      }
      eroded.push(least);
    }
  }
  return Math.max(0, Math.min(1, quantile(eroded, 0.95) - quantile(all, 0.5)));
}

function quantile(values: number[], share: number): number {
  return values.sort((one, other) => one - other)[Math.floor(share * (values.length - 1))]!;
}
