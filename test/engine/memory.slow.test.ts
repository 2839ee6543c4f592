/** Memory: training takes no more of it with each step, nor with the size of the dataset. Each figure is of a process of its own. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { statfsSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { ENGINE_NAMES } from "../../src/engine/engine_names.ts";
import {
  countParts,
  DATASET_FILES,
  type DatasetDescription,
  FORMAT_VERSION,
  recordShape,
} from "../../src/histology/dataset/description.ts";
import { descriptionText } from "../../src/histology/dataset/description_file.ts";
import { manifestParts } from "../../src/histology/dataset/manifest.ts";
import type { PatchRow } from "../../src/histology/dataset/patch_row.ts";
import { RECORD_BYTES } from "../../src/histology/dataset/record.ts";
import { sha256OfFile } from "../../src/system/files.ts";
import { temporaryFolder } from "../support/folder.ts";
import type { Finding, Run } from "./memory_run.ts";

/** The allocator of the system gives back late what it was given: so much may resident memory wander. */
const RESIDENT_TOLERANCE_MB = 24;
/** What JavaScript holds after a collection is known better. */
const HELD_TOLERANCE_MB = 2;
const LARGEST_RESIDENT_MB = 700;
/** The Kaggle release. */
const PATCHES = 277_524;
const FREE_BYTES = 4e9;

function measure(run: Run): Finding {
  const script = fileURLToPath(new URL("memory_run.ts", import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--expose-gc", script, JSON.stringify(run)], {
    encoding: "utf8",
  });
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout) as Finding;
}

for (const engine of ENGINE_NAMES) {
  test(`${engine} engine: 2,000 steps leave resident memory within ${RESIDENT_TOLERANCE_MB} MB, objects within ${HELD_TOLERANCE_MB} MB`, (t) => {
    const { warm, end, loss } = measure({ engine, batchSize: 8, warmUpSteps: 500, steps: 2000 });
    t.diagnostic(`resident ${warm.resident.toFixed(1)} -> ${end.resident.toFixed(1)} MB`);
    t.diagnostic(`held ${warm.held.toFixed(1)} -> ${end.held.toFixed(1)} MB`);
    assert.ok(Number.isFinite(loss));
    assert.ok(end.resident - warm.resident < RESIDENT_TOLERANCE_MB);
    assert.ok(end.held - warm.held < HELD_TOLERANCE_MB);
  });
}

const { bavail, bsize } = statfsSync(tmpdir());
const skip = bavail * bsize < FREE_BYTES && `${tmpdir()} has less than ${FREE_BYTES / 1e9} GB free`;

test(`a dataset of ${PATCHES} patches is trained on in less than ${LARGEST_RESIDENT_MB} MB`, { skip }, async (t) => {
  const folder = await temporaryFolder(t);
  await writeEmptyDataset(folder);
  const run = { engine: "fused", batchSize: 32, warmUpSteps: 20, steps: 200, folder } as const;
  const { peakResident, loss } = measure(run);
  t.diagnostic(`peak ${peakResident.toFixed(1)} MB of a pack of ${((PATCHES * RECORD_BYTES) / 1e6).toFixed(0)} MB`);
  assert.ok(Number.isFinite(loss));
  assert.ok(peakResident < LARGEST_RESIDENT_MB);
});

/** A dataset of black patches. */
async function writeEmptyDataset(folder: string): Promise<void> {
  const rows = Array.from({ length: PATCHES }, (_, index): PatchRow => {
    const caseId = String(8000 + (index % 279));
    const [x, y, label] = [50 * (index % 70) + 1, 50 * Math.floor(index / 70) + 1, index % 3 === 0 ? 1 : 0] as const;
    const id = `${caseId}_idx5_x${x}_y${y}_class${label}`;
    const source = `${caseId}/${label}/${id}.png`;
    return { id, caseId, x, y, label, split: "train", width: 50, height: 50, source };
  });
  const manifest = [...manifestParts(rows)].join("");
  // A file of this length without content: it takes the room of a pack only if the disk knows no holes.
  writeFileSync(join(folder, DATASET_FILES.patches), "");
  truncateSync(join(folder, DATASET_FILES.patches), PATCHES * RECORD_BYTES);
  const description: DatasetDescription = {
    formatVersion: FORMAT_VERSION,
    software: "the tests",
    record: recordShape(50),
    split: { method: "case", seed: 1 },
    counts: countParts(rows),
    rejected: {},
    sha256: {
      manifest: createHash("sha256").update(manifest).digest("hex"),
      patches: await sha256OfFile(join(folder, DATASET_FILES.patches)),
    },
  };
  writeFileSync(join(folder, DATASET_FILES.manifest), manifest);
  writeFileSync(join(folder, DATASET_FILES.description), descriptionText(description));
}
