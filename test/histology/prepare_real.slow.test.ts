/** Prepares the real subset of the published IDC patches; needs the folder of data named in IDC_DATA. */
import assert from "node:assert/strict";
import { join } from "node:path";
import test from "node:test";
import { openDataset } from "../../src/histology/dataset/dataset.ts";
import { openSource } from "../../src/histology/dataset/open_source.ts";
import { planDataset } from "../../src/histology/dataset/plan.ts";
import { prepareQuietly } from "../support/cohort.ts";
import { temporaryFolder } from "../support/folder.ts";

const data = process.env.IDC_DATA;
const skip = data ? false : "IDC_DATA is not set";

test("the subset's listing: 25,436 patches of 160 cases, in any order and twice over", { skip }, async (t) => {
  const source = await openSource(join(data!, "idc-subset.zip"));
  t.after(() => source.close());
  const { candidates, rejections } = planDataset(source.paths);
  assert.deepEqual([candidates.length, rejections.length], [25436, 0]);
  assert.equal(new Set(candidates.map(({ caseId }) => caseId)).size, 160);
  assert.ok(candidates.every(({ x, y }) => x! % 50 === 1 && y! % 50 === 1));
  const nested = source.paths.map((path) => `IDC_regular_ps50_idx5/${path}`);
  const both = planDataset([...nested, ...source.paths].reverse());
  assert.deepEqual(both.candidates, candidates);
  assert.deepEqual(
    both.rejections.map(({ kind, files }) => [kind, files]),
    [["nestedCopy", 25436]],
  );
});

test("the subset with the published case lists: every patch decodes", { skip }, async (t) => {
  const out = join(await temporaryFolder(t), "dataset");
  const { description, warnings } = await prepareQuietly({
    source: join(data!, "idc-subset.zip"),
    out,
    splitLists: join(data!, "splits"),
  });
  assert.deepEqual(warnings, ["2 cases are in the split lists but not in the source: 8915, 9024."]);
  assert.deepEqual(description.counts, {
    train: { cases: 82, patches: 16632, no_idc: 12507, idc: 4125 },
    val: { cases: 29, patches: 3583, no_idc: 2502, idc: 1081 },
    test: { cases: 49, patches: 5221, no_idc: 3970, idc: 1251 },
  });
  assert.deepEqual(description.rejected, {});
  // The digest of the same patches, decoded and resized by Pillow and put in the same order.
  assert.equal(description.sha256.patches, "3271d0ad3a8c15f3d57f24cef50eb0aaabd5fb496b809c40617779904854ac35");
  const dataset = await openDataset(out);
  t.after(() => dataset.close());
  const odd = dataset.rows.filter(({ width, height }) => width !== 50 || height !== 50);
  assert.equal(odd.length, 130);
});
