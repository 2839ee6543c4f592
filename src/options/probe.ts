/** The options of the command "probe". */
import * as z from "zod";
import { deviceOption, prevalenceOption, splitOption, threadsOption, thresholdOption } from "./shared.ts";

const TRIPLE = /^\d*\.?\d+(,\d*\.?\d+){2}$/;

/** The numbers of a comma-separated list. */
export const numbersOf = (text: string | undefined): number[] | undefined => text?.split(",").map(Number);

const SMALLEST_DEVIATION = 1e-6;

const triple = (what: string, standard: string, least = 0) =>
  z
    .string()
    .regex(TRIPLE, "must be three numbers with commas between, such as 0.5,0.5,0.5")
    .refine((text) => numbersOf(text)!.every((value) => value >= least), `must be three numbers of at least ${least}`)
    .optional()
    .meta({
      description: `${what} of red, green and blue from 0 to 1, for float inputs.`,
      fallback: { words: `ImageNet's ${standard}` },
      placeholder: "R,G,B",
    });

export const probeOptions = z.object({
  dataset: z
    .string()
    .meta({ description: "Folder of a prepared dataset.", positional: true, placeholder: "DATASET", path: true }),
  features: z.string().meta({
    description: "Feature extractor as ONNX. It is executed: use only a file that you trust.",
    placeholder: "ONNX",
    path: true,
  }),
  out: z.string().meta({
    description: "Folder for features, probe and report; the same command resumes there.",
    placeholder: "DIR",
    path: true,
  }),
  size: z.int().min(8).max(2048).optional().meta({
    description: "Side of the extractor's images in pixels, if the file leaves it open.",
    placeholder: "PIXELS",
  }),
  mean: triple("Mean", "0.485,0.456,0.406"),
  std: triple("Standard deviation", "0.229,0.224,0.225", SMALLEST_DEVIATION),
  output: z
    .string()
    .optional()
    .meta({
      description: "Output of the model that contains the features.",
      fallback: { words: "the first of float32" },
      placeholder: "NAME",
    }),
  split: splitOption,
  threshold: thresholdOption.default("youden"),
  prevalence: prevalenceOption,
  threads: threadsOption,
  device: deviceOption,
});

export type ProbeOptions = z.input<typeof probeOptions>;
