/**
 * The command "probe": fits a linear probe on a feature extractor's features of a dataset, and evaluates it like any
 * model.
 */
import { basename, join } from "node:path";
import type * as z from "zod";
import type { FeatureExtractor } from "../artifacts/extractor/extractor.ts";
import {
  computeFeatures,
  FEATURE_FILES,
  type FeatureFacts,
  type FeaturesFile,
  readFeatures,
} from "../artifacts/extractor/features_file.ts";
import { openExtractor } from "../artifacts/extractor/open.ts";
import type { Calibration } from "../artifacts/model_card.ts";
import { cardOf } from "../artifacts/model_file.ts";
import { VERSIONS } from "../artifacts/versions.ts";
import type { DeviceName } from "../engine/runtime/devices.ts";
import { type Dataset, withDataset } from "../histology/dataset/dataset.ts";
import { RECORD_SIZE_PIXELS } from "../histology/dataset/record.ts";
import type { Split } from "../histology/dataset/split_names.ts";
import { scaledProbability } from "../metrics/calibration.ts";
import { checkedOptions } from "../options/checked_options.ts";
import { numbersOf, type ProbeOptions, probeOptions } from "../options/probe.ts";
import { threadsOf } from "../options/thread_count.ts";
import type { EvaluationReport } from "../reports/evaluation/report.ts";
import type { ProbeResult } from "../reports/probe/report.ts";
import { kindOf, makeFolders, sha256OfFile, writeFileAtomically } from "../system/files.ts";
import { withRunLock } from "../system/folder_lock.ts";
import { removeAllLeftovers } from "../system/leftovers.ts";
import { requireFolder, requireFreeFolder, requireOnly } from "../system/output_folder.ts";
import { shownPath } from "../system/paths.ts";
import { SOFTWARE } from "../system/version.ts";
import type { Context } from "../util/context.ts";
import { UserError } from "../util/errors.ts";
import { RESEARCH_USE_NOTICE } from "../util/notice.ts";
import { counted } from "../util/numbers.ts";
import { calibrationOf } from "./calibration.ts";
import { chooseDevice } from "./device/choice.ts";
import { findLeakage } from "./evaluation/leakage.ts";
import { publishEvaluation, rowsOf } from "./evaluation/publish.ts";
import { fitProbe, type LabelledFeatures, PENALTIES, type Probe, probabilitiesOf } from "./linear_probe/fit.ts";
import { shownCommand } from "./shown_command.ts";
import { requireBothClasses } from "./training/both_classes.ts";

type Checked = z.output<typeof probeOptions>;

const PROBE_FILES = { probe: "probe.json", lock: "probe.lock" } as const;

/**
 * Computes the features of a dataset, fits a linear probe on the training and validation splits, and evaluates it.
 * @throws UserError if the extractor, the dataset or the folder is not usable.
 */
export async function probe(given: ProbeOptions, context: Context): Promise<ProbeResult> {
  const options = checkedOptions(probeOptions, given);
  const { features: path, out, split } = options;
  if ((await kindOf(path)) !== "file")
    throw new UserError(
      "extractor-missing",
      `There is no file at ${path}: give a feature extractor as ONNX with --features.`,
    );
  return withDataset(options.dataset, context.signal, async (dataset) => {
    requireBothClasses(dataset, "a probe");
    rowsOf(dataset, split);
    await requireFolder(out);
    if ((await kindOf(join(out, FEATURE_FILES.header))) === "nothing") await requireFreeFolder(out);
    const opened = await openOnDevice(options, dataset.side, context);
    try {
      await makeFolders(out);
      return await withRunLock(out, PROBE_FILES.lock, async () => {
        await removeAllLeftovers(out);
        if ((await kindOf(join(out, FEATURE_FILES.header))) === "nothing") await requireOnly(out, PROBE_FILES.lock);
        return fill(options, { ...opened, dataset }, context);
      });
    } finally {
      await opened.extractor.close();
    }
  });
}

/** The opened dataset and extractor, and the device. */
interface ProbeSetup {
  readonly dataset: Dataset;
  readonly extractor: FeatureExtractor;
  readonly device: DeviceName;
}

async function openOnDevice(
  options: Checked,
  side: number,
  { reporter, signal }: Context,
): Promise<Omit<ProbeSetup, "dataset">> {
  const { features, size, output, device: wanted } = options;
  const wish = { side, size, output, mean: numbersOf(options.mean), std: numbersOf(options.std) };
  const open = (device: DeviceName) => openExtractor(features, wish, { threads: threadsOf(options), device });
  // Refuse a bad file before trying any device.
  if (wanted === "auto") await (await open("cpu")).close();
  const trial = async (device: DeviceName) => {
    const extractor = await open(device);
    return { run: () => extractor.extract(new Uint8Array()), close: () => extractor.close() };
  };
  const { device, reason } = await chooseDevice({ wanted, open: trial, signal });
  if (wanted === "auto") reporter.event({ event: "device", device, reason });
  return { extractor: await open(device), device };
}

async function fill(options: Checked, means: ProbeSetup, context: Context): Promise<ProbeResult> {
  const { out, split, features: path } = options;
  const { dataset, extractor, device } = means;
  const facts: FeatureFacts = {
    extractor_sha256: await sha256OfFile(path, context.signal),
    manifest_sha256: dataset.description.sha256.manifest,
    records_sha256: dataset.description.sha256.patches,
    device,
    input: extractor.input,
    features: extractor.featureCount,
    rows: dataset.rows.length,
  };
  const file = await computeFeatures(out, { extractor, dataset, facts }, context);
  const rows = (part: Split): LabelledFeatures => labelled(dataset, file, part);
  const val = rows("val");
  const fitted = await fitProbe({ train: rows("train"), val, width: file.width }, context);
  const calibration = calibrationOf(
    val.labels,
    probabilitiesOf(fitted, val.features),
    options.threshold,
    dataset.classNames,
  );
  const probeFile = join(out, PROBE_FILES.probe);
  await writeFileAtomically(
    probeFile,
    probeText(path, { ...facts, side: dataset.side }, { ...fitted, ...calibration }),
  );
  const { temperature } = calibration;
  const raw = probabilitiesOf(fitted, rows(split).features);
  const evaluation = await publishEvaluation(
    {
      dataset,
      split,
      rows: rowsOf(dataset, split),
      probabilities: Float32Array.from(raw, (probability) => scaledProbability(probability, temperature)),
      name: `linear probe of ${basename(path)}`,
      card: cardOf("linear probe", {
        ...calibration,
        views: 1,
        dataset_sha256: facts.manifest_sha256,
        epoch: null,
        seed: null,
        recipe: "probe",
        class_names: dataset.classNames,
        record_side: dataset.side,
      }),
      device,
      modelSha256: await sha256OfFile(probeFile),
      leakage: findLeakage(dataset, split, "this"),
      likeness: { examined: false, reason: "probe" },
      training: null,
      ...wordsFor(path, facts, fitted),
      prevalences: options.prevalence,
      command: commandOf(options),
      versions: VERSIONS,
    },
    { path: out, isNew: false },
    context,
  );
  const { penalty, tried, weights } = fitted;
  return { probe: { file: probeFile, features: weights.length, penalty, tried }, ...evaluation };
}

/** The report's description of the probe, and its warning about what cannot be checked. */
function wordsFor(
  path: string,
  { extractor_sha256, features, input }: FeatureFacts,
  { penalty }: Probe,
): Pick<EvaluationReport, "method" | "caveats"> {
  const name = basename(path);
  return {
    method:
      `a logistic regression of the ${counted(features, "feature")} that ${name} (SHA-256 ${extractor_sha256}) gives of a patch of ` +
      `${input.width} x ${input.height} pixels, standardized on the training split, L2 penalty ${penalty} chosen on the validation split among ${PENALTIES.join(", ")}`,
    caveats: [
      `Whether ${name} saw these patches, or others of these cases, in its own training is not known here: leakage was looked for in the probe alone.`,
    ],
  };
}

function labelled(dataset: Dataset, file: FeaturesFile, split: Split): LabelledFeatures {
  const rows = dataset.indicesOf(split);
  return { features: readFeatures(file, rows), labels: Array.from(rows, (row) => dataset.rows[row]!.label) };
}

/** The content of probe.json: everything that another program needs to compute the same probabilities. */
function probeText(
  path: string,
  { side, ...facts }: FeatureFacts & Pick<Dataset, "side">,
  { tried, ...fitted }: Probe & Calibration,
): string {
  const document = {
    format: 1,
    extractor: { file: shownPath(path), sha256: facts.extractor_sha256, input: facts.input },
    dataset: {
      manifest_sha256: facts.manifest_sha256,
      records_sha256: facts.records_sha256,
      ...(side === RECORD_SIZE_PIXELS ? {} : { record_side: side }),
    },
    ...fitted,
    penalties: tried,
    software: SOFTWARE,
    notice: RESEARCH_USE_NOTICE,
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** The command line for these options, without options that do not affect the results. */
function commandOf({ threads: _, ...options }: Checked): string {
  return shownCommand("probe", probeOptions, options);
}
