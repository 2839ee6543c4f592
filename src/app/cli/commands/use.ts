/** The commands that use models, on one machine or many. */
import type { SlideOutcome } from "../../../reports/slide/result.ts";
import { type CommandRow, commandRow, later } from "../command_row.ts";

export const USE_COMMANDS: readonly CommandRow[] = [
  commandRow({
    name: "predict",
    group: "use",
    summary: "Classify images with a trained model.",
    finishes: "the current batch of images",
    examples: ["cancernet predict run image.png", "cancernet predict model.onnx folder --json"],
    load: async () => {
      const { predictOptions } = await import("../../../options/predict.ts");
      const { predictionJson, predictLines, predictProblem, predictSummary } = await import(
        "../../../reports/prediction/text.ts"
      );
      return {
        options: predictOptions,
        run: later(async () => (await import("../../../workflows/predict.ts")).predict),
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
      const { slideOptions } = await import("../../../options/slide.ts");
      const { outcomeLines, slideLines, slideProblem, slideSummary } = await import("../../../reports/slide/text.ts");
      return {
        options: slideOptions,
        run: later(async () => (await import("../../../workflows/slide.ts")).slide),
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
      const { gatherOptions } = await import("../../../options/gather.ts");
      const { gatherLines, gatherProblem } = await import("../../../reports/gather/text.ts");
      return {
        options: gatherOptions,
        run: later(async () => (await import("../../../workflows/gather.ts")).gather),
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
      const { workOptions } = await import("../../../options/work.ts");
      const { workLines } = await import("../../../reports/queue/text.ts");
      return {
        options: workOptions,
        run: later(async () => (await import("../../../workflows/work.ts")).work),
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
      const { queueOptions } = await import("../../../options/queue.ts");
      const { queueLines } = await import("../../../reports/queue/text.ts");
      return {
        options: queueOptions,
        run: later(async () => (await import("../../../workflows/queue.ts")).queue),
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
      const { studioOptions } = await import("../../../options/studio.ts");
      return {
        options: studioOptions,
        run: later(async () => (await import("../../server/studio.ts")).studio),
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
      const { explainOptions } = await import("../../../options/explain.ts");
      const { explanationLines } = await import("../../../reports/explanation/text.ts");
      return {
        options: explainOptions,
        run: later(async () => (await import("../../../workflows/explain.ts")).explain),
        text: explanationLines,
      };
    },
  }),
  commandRow({
    name: "export",
    group: "use",
    summary: "Write a model as plain ONNX, or as a web page that classifies images in the browser.",
    finishes: "the check",
    examples: ["cancernet export run --input images --out model.onnx", "cancernet export idc --page page"],
    load: async () => {
      const { exportOptions } = await import("../../../options/export.ts");
      const { exportLines, exportPageLines } = await import("../../../reports/conversion/text.ts");
      return {
        options: exportOptions,
        run: async (options, context) => {
          if (options.page === undefined || options.out !== undefined) {
            return (await import("../../../workflows/export.ts")).exportModel(options, context);
          }
          return (await import("../../../workflows/export_page.ts")).exportPage(options, context);
        },
        text: (result) => ("folder" in result ? exportPageLines(result) : exportLines(result)),
      };
    },
  }),
];
