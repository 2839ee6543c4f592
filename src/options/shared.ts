/** Options that several commands share. */
import * as z from "zod";
import { DEVICE_NAMES } from "../engine/runtime/devices.ts";
import { SPLITS } from "../histology/dataset/split_names.ts";
import { parseThresholdRule } from "../metrics/operating_point.ts";
import { BUNDLED_MODELS } from "./bundled_models.ts";
import { option } from "./meta.ts";

/** With more threads than channels in a layer, ONNX Runtime adds in a different order, which changes results. */
export const MOST_THREADS = 32;

export const threadCount = option(z.int().min(1).max(MOST_THREADS), {
  description: "Threads; the result does not depend on them.",
  fallback: { from: "cores" },
});

export const threadsOption = threadCount.optional();

/** The description of --device. */
export const DEVICE_DESCRIPTION =
  "What computes: the CPU, a GPU, or auto for the fastest that starts. cuda is experimental: it has not run on a GPU yet.";

export const deviceOption = z
  .enum(["auto", ...DEVICE_NAMES])
  .default("cpu")
  .meta({ description: DEVICE_DESCRIPTION });

export const thresholdOption = z
  .string()
  .refine(isThresholdRule, "must be youden, sensitivity=0.95, specificity=0.95, cost=5 or a number from 0 to 1")
  .meta({
    description:
      "How the threshold is chosen: youden, sensitivity=S or specificity=S at least, cost=C (a missed IDC patch costs as much as C false positives), or a number.",
    placeholder: "RULE",
  });

function isThresholdRule(text: string): boolean {
  try {
    parseThresholdRule(text);
    return true;
  } catch {
    return false;
  }
}

export const splitOption = z.enum(SPLITS).default("test").meta({ description: "Split to evaluate on." });

const DEFAULT_PREVALENCES = [0.1, 0.5];

export const prevalenceOption = z.array(z.number().gt(0).lt(1)).default(DEFAULT_PREVALENCES).meta({
  description: "Prevalence of IDC patches for PPV and NPV, besides that of the split.",
  placeholder: "SHARE",
});

export const datasetOption = z
  .string()
  .optional()
  .meta({
    description: "Folder of a prepared dataset.",
    fallback: { words: "the run's" },
    placeholder: "DATASET",
    path: true,
  });

export const crossvalidationOption = z.string().optional().meta({
  description:
    "Folder that crossvalidate wrote with the settings of the model's training: fit to all of its patches, by the models that have not seen their cases, instead of a dataset's splits.",
  placeholder: "DIR",
  path: true,
});

export const overwriteOption = z.boolean().default(false).meta({
  description: "Replace the output file if it exists; without this, no file is replaced.",
});

export const modelOption = z.string().meta({
  description: `Run folder, model.onnx, or ${Object.keys(BUNDLED_MODELS).join(" or ")}.`,
  positional: true,
  placeholder: "RUN|MODEL",
  path: { except: Object.keys(BUNDLED_MODELS) },
});
