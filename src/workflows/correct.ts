/**
 * The command "correct": makes an ordinary dataset out of a dataset and the journal of its corrections. The same dataset
 * and the same entries in effect give the same bytes.
 */
import { join } from "node:path";
import { readJournal, requireJournalOf } from "../artifacts/corrections/read.ts";
import { copyRecords } from "../histology/dataset/copy_records.ts";
import { type Dataset, withDataset } from "../histology/dataset/dataset.ts";
import { DATASET_FILES, type DatasetDescription } from "../histology/dataset/description.ts";
import { countRejections, type Rejection } from "../histology/dataset/rejection.ts";
import { describeDataset, REJECTED_COLUMNS, writeRejected } from "../histology/dataset/write.ts";
import { checkedOptions } from "../options/checked_options.ts";
import { type CorrectOptions, correctOptions } from "../options/correct.ts";
import type { CorrectResult } from "../reports/correction/report.ts";
import { correctionWarnings } from "../reports/correction/text.ts";
import { csvRows } from "../system/csv_stream.ts";
import { kindOf } from "../system/files.ts";
import { fillFolder, requireFreeFolder } from "../system/output_folder.ts";
import { pathFrom } from "../system/paths.ts";
import { SOFTWARE } from "../system/version.ts";
import type { Context } from "../util/context.ts";
import { type JournalLabels, labelsOf } from "./correction/labels.ts";
import { type CorrectionPlan, planCorrections, requireNoEmptied } from "./correction/plan.ts";
import { cutCells, placeCells } from "./correction/slide_patches.ts";

export type { CorrectResult };

/**
 * Makes a corrected dataset. The split of every case stays. Test patches are corrected only with `correctTest`.
 * @throws UserError if the journal belongs to another dataset or is damaged, if a slide that it labels is missing or
 *   changed, or if the output folder is not usable. Nothing is left behind then, and also not after an abort.
 */
export async function correct(given: CorrectOptions, context: Context): Promise<CorrectResult> {
  const { dataset: folder, journal, out, correctTest } = checkedOptions(correctOptions, given);
  await requireFreeFolder(out);
  const { header, entries } = await readJournal(journal);
  return withDataset(folder, context.signal, async (dataset) => {
    const { rows, description } = dataset;
    const facts = { name: folder, manifest_sha256: description.sha256.manifest, patches: rows.length };
    requireJournalOf(journal, header, facts);
    const said = labelsOf(journal, entries, dataset);
    const placed = placeCells(said.added, dataset);
    const used = placed.filter(({ split }) => split !== "test" || correctTest);
    const cut = await cutCells(used, { journal, dataset }, context);
    const { labels } = said;
    const earlier = description.corrections;
    const plan = planCorrections({ rows, labels, added: cut.patches, earlier, correctTest });
    requireNoEmptied(rows, plan);
    const unused = placed
      .filter((one) => !used.includes(one))
      .flatMap(({ slide, cells }) => cells.map(({ id }) => ({ id, caseId: slide.case })));
    const ignored = [...plan.ignored, ...unused];
    const rejections = [...plan.rejections, ...cut.rejections];
    const written = await write(out, { dataset, plan, said, rejections }, context);
    const ignoredCases = new Set(ignored.map(({ caseId }) => caseId));
    const result = {
      folder: out,
      rejected_list: join(out, DATASET_FILES.rejected),
      dataset: folder,
      journal,
      ignored: { patches: ignored.length, cases: ignoredCases.size },
      description: written,
    };
    for (const warning of correctionWarnings(result, cut.rejections.length)) context.reporter.warn(warning);
    return result;
  });
}

interface Corrected {
  readonly dataset: Dataset;
  readonly plan: CorrectionPlan;
  readonly said: JournalLabels;
  readonly rejections: readonly Rejection[];
}

/** Writes the folder, which appears when it is complete. */
async function write(out: string, corrected: Corrected, context: Context): Promise<DatasetDescription> {
  const { plan, dataset } = corrected;
  const { signal, reporter } = context;
  const total = plan.patches.length;
  let description: DatasetDescription | undefined;
  await fillFolder(out, "--out", reporter.warn.bind(reporter), async (folder) => {
    const records = {
      count: total,
      bytes: dataset.recordBytes,
      read(index: number, into: Uint8Array, offset: number) {
        const { record } = plan.patches[index]!;
        if (typeof record === "number") dataset.read(record, into, offset);
        else into.set(record, offset);
      },
    };
    await copyRecords(join(folder, DATASET_FILES.patches), records, {
      signal,
      onProgress: (done) => reporter.progress({ task: "copy-files", done, total, unit: "patches" }),
    });
    description = await describe(folder, out, corrected, signal);
    signal.throwIfAborted();
  });
  return description!;
}

async function describe(
  folder: string,
  out: string,
  { dataset, plan, said, rejections }: Corrected,
  signal: AbortSignal,
): Promise<DatasetDescription> {
  const { split, sha256, rejected } = dataset.description;
  await writeRejected(folder, [...(await rejectedOf(dataset)), ...rejections]);
  const content = {
    rows: plan.patches.map(({ row }) => row),
    rejected: merged(rejected, countRejections(rejections)),
    split,
    software: SOFTWARE,
    side: dataset.side,
    classNames: dataset.classNames,
    corrections: {
      parent: {
        folder: pathFrom(out, dataset.folder),
        manifest_sha256: sha256.manifest,
        patches_sha256: sha256.patches,
      },
      journal: { sha256: said.used.sha256, entries: said.used.entries },
      patches: plan.counts,
      cases: plan.cases,
    },
  };
  return describeDataset(folder, content, signal);
}

/** The files that were rejected when the parent was made; none if it has no list, like a fold of a cross-validation. */
async function rejectedOf({ folder }: Dataset): Promise<{ path: string; reason: string }[]> {
  const path = join(folder, DATASET_FILES.rejected);
  if ((await kindOf(path)) !== "file") return [];
  const rejected: { path: string; reason: string }[] = [];
  const table = csvRows(path, { columns: REJECTED_COLUMNS, what: "the list of rejected files" });
  for await (const row of table) rejected.push(row);
  return rejected;
}

/** The sums of both counts, in the order of the first. */
function merged(
  one: Readonly<Record<string, number>>,
  other: Readonly<Record<string, number>>,
): Record<string, number> {
  const sums = { ...one };
  for (const [kind, count] of Object.entries(other)) sums[kind] = (sums[kind] ?? 0) + count;
  return sums;
}
