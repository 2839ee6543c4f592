/**
 * Measures which changes of the pictures `evaluate` notices: changes the test split of a dataset in known ways, and
 * prints a table for docs/evaluate.md with the cases beyond the limit and the model's metrics.
 *
 *     npm run likeness -- <dataset> [--model idc] [--only blur] [<other dataset> ...]
 *
 * A model that does not know its training's cases gets them from the dataset's training split. The test splits of the
 * other datasets are rows without a change.
 */
import { parseArgs } from "node:util";
import { modelFileOf, openModelFile, readModelFile } from "../src/artifacts/open_model.ts";
import { architectureOf } from "../src/artifacts/read_model.ts";
import { locateModel } from "../src/artifacts/run_folder.ts";
import { type Dataset, openDataset } from "../src/histology/dataset/dataset.ts";
import { computeMetrics } from "../src/metrics/table.ts";
import { silent } from "../src/util/reporter.ts";
import { classifyRows } from "../src/workflows/classify.ts";
import { likenessOf } from "../src/workflows/evaluation/likeness.ts";
import { withCasesOf } from "../src/workflows/training/describe_cases.ts";
import { magnified, SHIFTS, type Shift } from "./likeness_shifts.ts";

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { model: { type: "string", default: "idc" }, only: { type: "string", default: "" } },
});
const [folder, ...others] = positionals;
if (folder === undefined) throw new Error("Give the folder of a dataset: npm run likeness -- dataset");
const signal = new AbortController().signal;
const session = { threads: 2 };
const dataset = await openDataset(folder);
const file = await readModelFile(await locateModel(values.model));
const network = architectureOf(file.card, values.model);
const bytes = file.card.training_cases
  ? file.bytes
  : await withCasesOf(file.bytes, { dataset, model: network }, session, { reporter: silent, signal });
if (bytes === undefined) throw new Error(`The training split of ${folder} has too few named cases.`);
const model = await openModelFile(modelFileOf(bytes, values.model), session);

console.log("| change | cases beyond | p | flagged | AUROC | balanced accuracy |");
console.log("|---|--:|--:|---|--:|--:|");
for (const [name, shift] of Object.entries(SHIFTS)) {
  if (name.includes(values.only)) await printRow(name, await shifted(dataset, shift));
}
if ("magnification".includes(values.only)) {
  await printRow(
    "half the magnification, patches with three neighbours: unchanged",
    withRows(dataset, magnified(dataset)),
  );
  await printRow("the same patches at half the magnification", await magnifiedDataset(dataset));
}
for (const other of others) {
  const opened = await openDataset(other);
  await printRow(other, { dataset: opened, rows: opened.indicesOf("test") });
}
await model.classifier.close();

interface Evaluated {
  readonly dataset: Dataset;
  readonly rows: Uint32Array;
}

async function printRow(name: string, { dataset: one, rows }: Evaluated): Promise<void> {
  const { probabilities, features } = await classifyRows(model, one, rows);
  const likeness = await likenessOf(model.card, { dataset: one, rows, features }, signal);
  if (!likeness.examined) throw new Error(likeness.reason);
  const labels = Array.from(rows, (row) => one.rows[row]!.label);
  const metrics = computeMetrics(labels, probabilities, model.card.threshold);
  const digits = (value: number | null) => (value === null ? "-" : value.toFixed(3));
  const { beyond, cases, p_value, unlike } = likeness;
  const p = p_value < 0.001 ? "< .001" : p_value.toFixed(3);
  console.log(
    `| ${name} | ${beyond} of ${cases.length} | ${p} | ${unlike ? "yes" : "no"} | ${digits(metrics.auroc.value)} | ${digits(metrics.balanced_accuracy.value)} |`,
  );
}

/** The dataset's test split with each picture changed. */
async function shifted(original: Dataset, shift: Shift): Promise<Evaluated> {
  const rows = original.indicesOf("test");
  return { dataset: await withPixels(original, rows, shift), rows };
}

function withRows(original: Dataset, found: ReadonlyMap<number, readonly number[]>): Evaluated {
  return { dataset: original, rows: Uint32Array.from(found.keys()) };
}

/** Each patch with three neighbours shows, in the same number of pixels, the area of the four. */
async function magnifiedDataset(original: Dataset): Promise<Evaluated> {
  const found = magnified(original);
  const { side, recordBytes } = original;
  const parts = Array.from({ length: 4 }, () => new Uint8Array(recordBytes));
  const changed = await withPixels(original, Uint32Array.from(found.keys()), (_, row) => {
    for (const [place, index] of found.get(row)!.entries()) original.read(index, parts[place]!, 0);
    return halved(parts, side);
  });
  return withRows(changed, found);
}

/** Four pictures as a square of two by two, at half the size: the mean of two by two pixels. */
function halved(parts: readonly Uint8Array[], side: number): Uint8Array {
  const at = (row: number, column: number, channel: number) => {
    const part = parts[(row >= side ? 2 : 0) + (column >= side ? 1 : 0)]!;
    return part[((row % side) * side + (column % side)) * 3 + channel]!;
  };
  return Uint8Array.from({ length: side * side * 3 }, (_, place) => {
    const [channel, column, row] = [place % 3, Math.floor(place / 3) % side, Math.floor(place / 3 / side)];
    const [y, x] = [2 * row, 2 * column];
    return Math.round(
      (at(y, x, channel) + at(y, x + 1, channel) + at(y + 1, x, channel) + at(y + 1, x + 1, channel)) / 4,
    );
  });
}

/** The dataset with other pixels in some rows, held in memory. */
async function withPixels(
  original: Dataset,
  rows: Uint32Array,
  change: (pixels: Uint8Array, row: number) => Uint8Array | Promise<Uint8Array>,
): Promise<Dataset> {
  const changed = new Map<number, Uint8Array>();
  for (const row of rows) {
    const pixels = new Uint8Array(original.recordBytes);
    original.read(row, pixels, 0);
    changed.set(row, await change(pixels, row));
  }
  return { ...original, read: (row, into, offset) => into.set(changed.get(row)!, offset) };
}
