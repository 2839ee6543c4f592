import assert from "node:assert/strict";
import { appendFile, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { openDataset } from "../../src/histology/dataset/dataset.ts";
import { parseDescription } from "../../src/histology/dataset/description_file.ts";
import { manifestParts, readManifest } from "../../src/histology/dataset/manifest.ts";
import { RECORD_BYTES } from "../../src/histology/dataset/record.ts";
import { decodeImage } from "../../src/histology/image/decode.ts";
import { resizeNearest } from "../../src/histology/image/resize.ts";
import { cohort, prepareQuietly, randomPng } from "../support/cohort.ts";
import { temporaryFolder, writeTree } from "../support/folder.ts";
import { type Refusal, refused } from "../support/refused.ts";

async function prepared(t: TestContext): Promise<{ out: string; source: string }> {
  const folder = await temporaryFolder(t);
  const files = cohort(4, 5).set("900/1/900_idx5_x1_y501_class1.png", randomPng("edge", 50, 12));
  const source = await writeTree(join(folder, "source"), files);
  const out = join(folder, "dataset");
  await prepareQuietly({ source, out });
  return { out, source };
}

test("row i describes record i, whose bytes are the picture's", async (t) => {
  const { out, source } = await prepared(t);
  const dataset = await openDataset(out);
  t.after(() => dataset.close());
  assert.equal(dataset.rows.length, 21);
  const batch = new Uint8Array(3 * RECORD_BYTES).fill(7);
  for (const [index, row] of dataset.rows.entries()) {
    dataset.read(index, batch, RECORD_BYTES);
    const image = await decodeImage(join(source, row.source), row.source);
    assert.deepEqual([image.width, image.height], [row.width, row.height]);
    assert.deepEqual(batch.subarray(RECORD_BYTES, 2 * RECORD_BYTES), new Uint8Array(resizeNearest(image, 50, 50).data));
    assert.ok(row.source.endsWith(`_class${row.label}.png`));
    assert.equal(row.id, `${row.caseId}_idx5_x${row.x}_y${row.y}_class${row.label}`);
  }
  assert.ok(batch.subarray(0, RECORD_BYTES).every((byte) => byte === 7));
  assert.ok(batch.subarray(2 * RECORD_BYTES).every((byte) => byte === 7));
  assert.throws(() => dataset.read(21, batch, 0), refused("dataset-damaged", "21"));
  assert.throws(() => dataset.read(0, batch, 2 * RECORD_BYTES + 1), RangeError);
  const indices = (["train", "val", "test"] as const).map((split) => [...dataset.indicesOf(split)]);
  assert.deepEqual(
    indices.map((own) => own.length),
    (["train", "val", "test"] as const).map((split) => dataset.description.counts[split].patches),
  );
  assert.deepEqual(
    indices.flat().sort((a, b) => a - b),
    [...dataset.rows.keys()],
  );
});

test("a manifest comes back as it was written, in parts of thousands of rows and with odd names", () => {
  const rows = Array.from({ length: 10_001 }, (_, i) => ({
    id: i === 5000 ? 'a "quoted", \u00e4 name' : `patch ${i}`,
    caseId: String(i % 7),
    x: i % 2 === 0 ? undefined : i,
    y: i % 2 === 0 ? undefined : 2 * i,
    label: (i % 2) as 0 | 1,
    split: (["train", "val", "test"] as const)[i % 3]!,
    width: 50,
    height: 1 + (i % 50),
    source: `${i % 7}/${i % 2}/${i}, ${i}.png`,
  }));
  assert.deepEqual(readManifest(Buffer.from([...manifestParts(rows)].join("")), "manifest.csv"), rows);
});

test("what is no whole dataset is refused, and the file is named", async (t) => {
  const { out } = await prepared(t);
  const refuses = (refusal: Refusal): Promise<void> => assert.rejects(openDataset(out), refusal);
  await assert.rejects(openDataset(join(out, "none")), refused("dataset-missing"));
  await assert.rejects(openDataset(join(out, "splits")), refused("dataset-missing"));
  const path = (name: string): string => join(out, name);

  const patches = await readFile(path("patches.bin"));
  await truncate(path("patches.bin"), patches.length - 1);
  await refuses(refused("dataset-damaged", /patches\.bin has 157,499 bytes, expected 157,500/));
  await writeFile(path("patches.bin"), patches.with(7500, patches[7500]! ^ 1));
  await refuses(refused("dataset-damaged", /patches\.bin .* \(SHA-256 \w{12}\.\.\., expected \w{12}/));
  await rm(path("patches.bin"));
  await refuses(refused("dataset-damaged", /lacks .*patches\.bin/));
  await writeFile(path("patches.bin"), patches);

  const manifest = await readFile(path("manifest.csv"));
  await appendFile(path("manifest.csv"), "\n");
  await refuses(refused("dataset-damaged", /manifest\.csv was changed/));
  await rm(path("manifest.csv"));
  await refuses(refused("dataset-damaged", /lacks .*manifest\.csv/));
  await writeFile(path("manifest.csv"), manifest);

  const description = await readFile(path("dataset.json"), "utf8");
  await writeFile(path("dataset.json"), description.replace('"formatVersion": 3', '"formatVersion": 1'));
  await refuses(refused("dataset-other-format", "version 1"));
  await writeFile(path("dataset.json"), description.replace('"seed": ', '"seed": 1'));
  await refuses(refused("dataset-damaged", /dataset\.json .*seal/));
  await writeFile(path("dataset.json"), description.replace(/,\s*"seal": "\w+"/, ""));
  await refuses(refused("dataset-damaged", /dataset\.json .*seal: .* missing/));
  await writeFile(path("dataset.json"), description.replace('"uint8"', '"uint16"'));
  await refuses(refused("dataset-damaged", /dataset\.json .*record\.type/));
  await writeFile(path("dataset.json"), description.slice(0, 50));
  await refuses(refused("dataset-damaged", "dataset.json is not JSON"));
  await writeFile(path("dataset.json"), description);
  (await openDataset(out)).close();
});

test("a description of format 2, as earlier versions wrote it, is read with its seal", async () => {
  const path = join(import.meta.dirname, "support", "dataset_format_2.json");
  const text = await readFile(path, "utf8");
  const { formatVersion, counts, sha256 } = parseDescription(text, path);
  assert.equal(formatVersion, 3);
  assert.deepEqual(counts.train, { cases: 8, patches: 2758, no_idc: 1898, idc: 860 });
  assert.match(sha256.manifest, /^[0-9a-f]{64}$/);
  const changed = text.replace('"benign": 1898', '"benign": 1899');
  assert.throws(() => parseDescription(changed, path), refused("dataset-damaged", "seal"));
});
