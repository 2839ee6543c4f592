/**
 * The commands that the page can start: their options, and what the page gives for each option that is a path. The
 * page gives ids and new names; it never gives a path.
 */
import type * as z from "zod";
import { addContextOptions } from "../../options/add_context.ts";
import { calibrateOptions } from "../../options/calibrate.ts";
import { compareOptions } from "../../options/compare.ts";
import { correctOptions } from "../../options/correct.ts";
import { crossvalidateOptions } from "../../options/crossvalidate.ts";
import { demoOptions } from "../../options/demo.ts";
import { withoutEngine } from "../../options/engine.ts";
import { evaluateOptions } from "../../options/evaluate.ts";
import { explainOptions } from "../../options/explain.ts";
import { prepareOptions } from "../../options/prepare.ts";
import { slideOptions } from "../../options/slide.ts";
import { trainOptions } from "../../options/training/options.ts";
import type { ItemKind } from "./items.ts";
import type { JobVerb } from "./jobs.ts";

/**
 * What an option that is a path may be: items of these kinds, a new name in the studio's folder, or the journal of the
 * dataset whose id is given.
 */
export type OptionPlace = readonly ItemKind[] | "new" | "journal";

export interface VerbRow {
  readonly options: z.ZodObject;
  /** By property. An option that is a path and has no row here cannot be given. */
  readonly places: Readonly<Record<string, OptionPlace>>;
}

const MODEL = ["run"] as const;

export const VERBS: Readonly<Partial<Record<JobVerb, VerbRow>>> = {
  prepare: { options: prepareOptions, places: { out: "new" } },
  train: { options: trainOptions, places: { dataset: ["dataset"], out: "new", resume: ["run"] } },
  crossvalidate: {
    options: withoutEngine(crossvalidateOptions),
    places: { dataset: ["dataset"], out: "new", resume: ["crossvalidation"] },
  },
  calibrate: { options: calibrateOptions, places: { model: MODEL, dataset: ["dataset"], out: "new" } },
  "add-context": { options: addContextOptions, places: { model: MODEL, dataset: ["dataset"], out: "new" } },
  evaluate: { options: evaluateOptions, places: { model: MODEL, dataset: ["dataset"], out: "new" } },
  compare: { options: compareOptions, places: { runs: ["run", "evaluation"] } },
  slide: { options: withoutEngine(slideOptions), places: { model: MODEL, slides: ["slide"], out: "new" } },
  explain: { options: explainOptions, places: { model: MODEL, images: ["slide"], out: "new" } },
  correct: {
    options: correctOptions,
    places: { dataset: ["dataset"], journal: "journal", out: "new" },
  },
  demo: { options: demoOptions, places: { out: "new" } },
};
