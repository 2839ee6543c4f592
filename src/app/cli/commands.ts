/** The table of commands. Each row loads its command, and later its workflow, only when it is needed. */
import type { z } from "zod";
import type { SettledValue } from "../../options/meta.ts";
import type { SlideOutcome } from "../../reports/slide/result.ts";
import type { Context } from "../../util/context.ts";
import type { UserError } from "../../util/errors.ts";
import type { JobEvent } from "../../util/reporter.ts";

/** A command: its options (one schema), its workflow, and how to print its result. */
export interface Job<S extends z.ZodObject = z.ZodObject, R = unknown, I = never> {
  options: S;
  run(options: z.output<S>, context: Context): Promise<R>;
  /** The result as lines for a person. */
  text(result: R, options: z.output<S>): readonly string[];
  /** Converts the result for JSON; by default the result is used unchanged. */
  json?(result: R): unknown;
  /** For results that are streamed: how to print each "item" event. With --json only the items are printed. */
  item?: { json(item: I): unknown; text?(item: I): readonly string[] };
  /** The lines for events that only this command has; undefined for all other events. */
  eventLines?(event: JobEvent): readonly string[] | undefined;
  /** The error to report after the result was printed, if part of the work failed. */
  problem?(result: R): UserError | undefined;
  /** For --print-config: values of missing options that are not in the schema, for example those of a recipe. */
  settled?(options: z.output<S>): Readonly<Record<string, SettledValue>>;
  /** Whether the result is positive; if not, the exit code is not 0. By default every result is positive. */
  passed?(result: R): boolean;
}

/** The headings in the list of commands, in this order. */
export const COMMAND_GROUPS = {
  data: "Data:",
  train: "Train:",
  measure: "Measure:",
  use: "Use:",
  machine: "This machine:",
} as const;

export type CommandGroup = keyof typeof COMMAND_GROUPS;

/** A command: its name, one sentence for the list of commands, and the function that loads it. */
export interface CommandRow<S extends z.ZodObject = z.ZodObject, R = unknown, I = never> {
  name: string;
  /** Earlier names, which still work. */
  aliases?: readonly string[];
  /** The heading in the list of commands. */
  group: CommandGroup;
  summary: string;
  /** Command lines shown in the command's help. */
  examples?: readonly string[];
  /** What the command still completes after a request to stop: "the current step". */
  finishes: string;
  load(): Promise<Job<S, R, I>>;
}

/** Makes a row of the table. The compiler checks that the schema's output fits the workflow. */
export function commandRow<S extends z.ZodObject, R, I>(row: CommandRow<S, R, I>): CommandRow {
  return row as unknown as CommandRow;
}

/** A workflow that is loaded when it runs: help and a mistake in the command line come without it. */
function later<A extends unknown[], R>(load: () => Promise<(...given: A) => Promise<R>>): (...given: A) => Promise<R> {
  return async (...given) => (await load())(...given);
}

export const COMMANDS: readonly CommandRow[] = [
  commandRow({
    name: "prepare",
    group: "data",
    summary: "Build a dataset from a folder or archive of patches.",
    finishes: "the current files",
    examples: ["cancernet prepare archive.zip --out dataset"],
    load: async () => {
      const { prepareOptions, settledShares } = await import("../../options/prepare.ts");
      const { prepareLines } = await import("../../reports/dataset/text.ts");
      return {
        options: prepareOptions,
        run: later(async () => (await import("../../workflows/prepare.ts")).prepare),
        settled: settledShares,
        text: prepareLines,
      };
    },
  }),
  commandRow({
    name: "correct",
    group: "data",
    summary: "Make a dataset with corrected labels from a dataset and the journal of its corrections.",
    finishes: "the current patches",
    examples: ["cancernet correct dataset corrections/dataset-1a2b3c4d.jsonl --out dataset2"],
    load: async () => {
      const { correctOptions } = await import("../../options/correct.ts");
      const { correctLines } = await import("../../reports/correction/text.ts");
      return {
        options: correctOptions,
        run: later(async () => (await import("../../workflows/correct.ts")).correct),
        text: correctLines,
      };
    },
  }),
  commandRow({
    name: "train",
    group: "train",
    summary: "Train a model on a prepared dataset.",
    finishes: "the current step",
    examples: [
      "cancernet train dataset --out run",
      "cancernet train dataset --out tutorial --recipe tutorial --epochs 10",
      "cancernet train --resume run",
      "cancernet train dataset --summary",
    ],
    load: async () => {
      const { trainOptions } = await import("../../options/training/options.ts");
      const { settledSettings } = await import("../../options/training/settings.ts");
      const { trainLines } = await import("../../reports/training/text.ts");
      return {
        options: trainOptions,
        run: later(async () => (await import("../../workflows/train.ts")).train),
        settled: settledSettings,
        text: trainLines,
      };
    },
  }),
  commandRow({
    name: "crossvalidate",
    group: "train",
    summary: "Train and evaluate a model on folds of a dataset's cases, and report on all of them.",
    finishes: "the current step",
    examples: [
      "cancernet crossvalidate dataset --out folds",
      "cancernet crossvalidate dataset --out ten --folds 10 --recipe tutorial --epochs 10",
      "cancernet crossvalidate --resume folds",
    ],
    load: async () => {
      const { crossvalidateOptions, settledCrossvalidation } = await import("../../options/crossvalidate.ts");
      const { crossvalidationLines } = await import("../../reports/crossvalidation/text.ts");
      return {
        options: crossvalidateOptions,
        run: later(async () => (await import("../../workflows/crossvalidate.ts")).crossvalidate),
        settled: settledCrossvalidation,
        text: crossvalidationLines,
      };
    },
  }),
  commandRow({
    name: "sweep",
    group: "train",
    summary: "Train several settings with several seeds, and compare them.",
    finishes: "the current step",
    examples: [
      "cancernet sweep dataset settings.yaml --out sweep --seeds 1,2,3",
      "cancernet sweep dataset settings.csv --out sweep --seeds 1,2,3 --folds 5",
    ],
    load: async () => {
      const { sweepOptions } = await import("../../options/sweep.ts");
      const { sweepLines, sweepProblem } = await import("../../reports/sweep/text.ts");
      return {
        options: sweepOptions,
        run: later(async () => (await import("../../workflows/sweep.ts")).sweep),
        text: sweepLines,
        problem: sweepProblem,
      };
    },
  }),
  commandRow({
    name: "calibrate",
    group: "train",
    summary: "Calibrate a model: fit its temperature and choose its threshold on the validation split.",
    finishes: "the current batch",
    examples: ["cancernet calibrate run --threshold sensitivity=0.95 --out model.onnx"],
    load: async () => {
      const { calibrateOptions } = await import("../../options/calibrate.ts");
      const { calibrateLines } = await import("../../reports/calibration/text.ts");
      return {
        options: calibrateOptions,
        run: later(async () => (await import("../../workflows/calibrate.ts")).calibrate),
        text: calibrateLines,
      };
    },
  }),
  commandRow({
    name: "add-context",
    aliases: ["neighbourhood"],
    group: "train",
    summary: "Refine each patch's prediction with those of the surrounding patches.",
    finishes: "the current batch",
    examples: ["cancernet add-context run --reach 1 --out model.onnx"],
    load: async () => {
      const { addContextOptions } = await import("../../options/add_context.ts");
      const { addContextLines } = await import("../../reports/calibration/text.ts");
      return {
        options: addContextOptions,
        run: later(async () => (await import("../../workflows/add_context.ts")).addContext),
        text: addContextLines,
      };
    },
  }),
  commandRow({
    name: "import",
    group: "train",
    summary: "Convert Keras weights (.keras, .h5) to a cancernet model.",
    finishes: "the reading",
    examples: [
      "cancernet import cancernet.keras --out model.onnx",
      "cancernet import weights.h5 --model compact --out model.onnx",
    ],
    load: async () => {
      const { importOptions } = await import("../../options/import.ts");
      const { importLines } = await import("../../reports/conversion/text.ts");
      return {
        options: importOptions,
        run: later(async () => (await import("../../workflows/import.ts")).importWeights),
        text: importLines,
      };
    },
  }),
  commandRow({
    name: "evaluate",
    group: "measure",
    summary: "Measure a trained model on a split of a dataset.",
    finishes: "the current batch",
    examples: ["cancernet evaluate run", "cancernet evaluate model.onnx --dataset dataset --out report"],
    load: async () => {
      const { evaluateOptions } = await import("../../options/evaluate.ts");
      const { evaluationLines } = await import("../../reports/evaluation/text.ts");
      return {
        options: evaluateOptions,
        run: later(async () => (await import("../../workflows/evaluate.ts")).evaluate),
        text: evaluationLines,
      };
    },
  }),
  commandRow({
    name: "compare",
    group: "measure",
    summary: "Compare evaluated runs: every metric side by side, with intervals of the differences.",
    finishes: "the current run",
    examples: ["cancernet compare run other", "cancernet compare run other --split val --json"],
    load: async () => {
      const { compareOptions } = await import("../../options/compare.ts");
      const { comparisonLines } = await import("../../reports/comparison/text.ts");
      return {
        options: compareOptions,
        run: later(async () => (await import("../../workflows/compare.ts")).compare),
        text: comparisonLines,
      };
    },
  }),
  commandRow({
    name: "probe",
    group: "measure",
    summary: "Fit and evaluate a linear probe on the features of an ONNX model.",
    finishes: "the current batch",
    examples: [
      "cancernet probe dataset --features extractor.onnx --out probe",
      "cancernet probe dataset --features vit.onnx --size 224 --output pooled --out probe",
    ],
    load: async () => {
      const { probeOptions } = await import("../../options/probe.ts");
      const { probeLines } = await import("../../reports/probe/text.ts");
      return {
        options: probeOptions,
        run: later(async () => (await import("../../workflows/probe.ts")).probe),
        text: probeLines,
      };
    },
  }),
  commandRow({
    name: "predict",
    group: "use",
    summary: "Classify images with a trained model.",
    finishes: "the current batch of images",
    examples: ["cancernet predict run image.png", "cancernet predict model.onnx folder --json"],
    load: async () => {
      const { predictOptions } = await import("../../options/predict.ts");
      const { predictionJson, predictLines, predictProblem, predictSummary } = await import(
        "../../reports/prediction/text.ts"
      );
      return {
        options: predictOptions,
        run: later(async () => (await import("../../workflows/predict.ts")).predict),
        text: predictLines,
        json: predictSummary,
        item: { json: predictionJson },
        problem: predictProblem,
      };
    },
  }),
  commandRow({
    name: "slide",
    group: "use",
    summary: "Score whole slides: maps, tables and a page for each.",
    finishes: "the current patches",
    examples: ["cancernet slide idc slide.svs --out result", "cancernet slide run folder --out results --stride 25"],
    load: async () => {
      const { slideOptions } = await import("../../options/slide.ts");
      const { outcomeLines, slideLines, slideProblem, slideSummary } = await import("../../reports/slide/text.ts");
      return {
        options: slideOptions,
        run: later(async () => (await import("../../workflows/slide.ts")).slide),
        text: slideLines,
        json: slideSummary,
        item: { json: (item: SlideOutcome) => item, text: outcomeLines },
        problem: slideProblem,
      };
    },
  }),
  commandRow({
    name: "gather",
    group: "use",
    summary: "Write the summary of a work that shards or workers have done.",
    finishes: "the current files",
    examples: ["cancernet gather results"],
    load: async () => {
      const { gatherOptions } = await import("../../options/gather.ts");
      const { gatherLines, gatherProblem } = await import("../../reports/gather/text.ts");
      return {
        options: gatherOptions,
        run: later(async () => (await import("../../workflows/gather.ts")).gather),
        text: gatherLines,
        problem: gatherProblem,
      };
    },
  }),
  commandRow({
    name: "work",
    group: "use",
    summary: "Do the units of a queue as one of its workers.",
    finishes: "the current step, and giving its unit back",
    examples: ["cancernet work --root slides --results results", "cancernet work --until-empty"],
    load: async () => {
      const { workOptions } = await import("../../options/work.ts");
      const { workLines } = await import("../../reports/queue/text.ts");
      return {
        options: workOptions,
        run: later(async () => (await import("../../workflows/work.ts")).work),
        text: workLines,
      };
    },
  }),
  commandRow({
    name: "queue",
    group: "use",
    summary: "Show the queue and its workers; offer failed units again; remove what waits.",
    finishes: "the current request",
    examples: ["cancernet queue", "cancernet queue retry", "cancernet queue drain many"],
    load: async () => {
      const { queueOptions } = await import("../../options/queue.ts");
      const { queueLines } = await import("../../reports/queue/text.ts");
      return {
        options: queueOptions,
        run: later(async () => (await import("../../workflows/queue.ts")).queue),
        text: queueLines,
      };
    },
  }),
  commandRow({
    name: "studio",
    group: "use",
    summary: "Open a folder of datasets, runs and slides as a web application on this machine.",
    finishes: "the current requests",
    examples: ["cancernet studio", "cancernet studio work --demo"],
    load: async () => {
      const { studioOptions } = await import("../../options/studio.ts");
      return {
        options: studioOptions,
        run: later(async () => (await import("../server/studio.ts")).studio),
        text: () => [],
      };
    },
  }),
  commandRow({
    name: "explain",
    group: "use",
    summary: "Show which parts of a patch the model bases its answer on: Grad-CAM and occlusion.",
    finishes: "the current squares",
    examples: ["cancernet explain idc image.png --out why", "cancernet explain run large.png --at 1200,3400 --out why"],
    load: async () => {
      const { explainOptions } = await import("../../options/explain.ts");
      const { explanationLines } = await import("../../reports/explanation/text.ts");
      return {
        options: explainOptions,
        run: later(async () => (await import("../../workflows/explain.ts")).explain),
        text: explanationLines,
      };
    },
  }),
  commandRow({
    name: "export",
    group: "use",
    summary: "Write a model as plain ONNX for other runtimes, and check that the answers agree.",
    finishes: "the check",
    examples: ["cancernet export idc --out idc.onnx", "cancernet export run --input images --out model.onnx"],
    load: async () => {
      const { exportOptions } = await import("../../options/export.ts");
      const { exportLines } = await import("../../reports/conversion/text.ts");
      return {
        options: exportOptions,
        run: later(async () => (await import("../../workflows/export.ts")).exportModel),
        text: exportLines,
      };
    },
  }),
  commandRow({
    name: "demo",
    group: "machine",
    summary: "Run every step once on synthetic tissue; no data is needed.",
    finishes: "the current work",
    examples: ["cancernet demo"],
    load: async () => {
      const { demoOptions } = await import("../../options/demo.ts");
      const { demoEventLines, demoLines } = await import("../../reports/demo/text.ts");
      return {
        options: demoOptions,
        run: later(async () => (await import("../../workflows/demo.ts")).demo),
        text: demoLines,
        eventLines: demoEventLines,
      };
    },
  }),
  commandRow({
    name: "doctor",
    group: "machine",
    summary: "Print what this machine can do and what is wrong with it, for a bug report.",
    finishes: "the current part",
    examples: ["cancernet doctor", "cancernet doctor --json"],
    load: async () => {
      const { doctorOptions } = await import("../../options/doctor.ts");
      const { doctorLines } = await import("../../reports/doctor/text.ts");
      return {
        options: doctorOptions,
        run: later(async () => (await import("../../workflows/doctor.ts")).doctor),
        passed: ({ works }) => works,
        text: doctorLines,
      };
    },
  }),
];
