/**
 * The settings of a training in one schema. It defines the options of `train` and `crossvalidate`, the contents of
 * run.json, the facts in a checkpoint, and what --resume checks. A new setting needs a row (in recipes.ts with each
 * recipe's value, or here) and the code that uses it. stored_settings.ts defines the value in runs of earlier versions,
 * so that they can be resumed.
 */
import * as z from "zod";
import { ENGINE_NAMES } from "../../engine/engine_names.ts";
import { MODEL_NAMES } from "../../engine/models/table.ts";
import { DEVICE_NAMES } from "../../engine/runtime/devices.ts";
import { RECORD_SIDES, RECORD_SIZE_PIXELS } from "../../histology/dataset/record.ts";
import { UserError } from "../../util/errors.ts";
import { option, type SettledValue, type SOURCES } from "../meta.ts";
import { fallbackValues, optionEntries } from "../option_entries.ts";
import { DEVICE_DESCRIPTION, threadCount, thresholdOption } from "../shared.ts";
import { threadsOf } from "../thread_count.ts";
import { AUGMENTATIONS, augmentationSettings } from "./augmentations.ts";
import { RECIPE_NAMES, RECIPES, recipeSettings } from "./recipes.ts";

const DEFAULT_RECIPE = "default";

/** CancerNet's three poolings lose no pixels if the side is a multiple of this. */
const INPUT_STEP = 8;

const INTERVAL = /^([1-9]\d{0,5})(s|m)?$/;

export const trainingSettings = z.object({
  recipe: option(z.enum(RECIPE_NAMES), {
    description: "Set of training settings; the flags below override it.",
    fallback: { value: DEFAULT_RECIPE },
  }),
  model: option(z.enum(MODEL_NAMES), { description: "Model to train.", fallback: { value: "cancernet" } }),
  inputSize: option(z.int().min(RECORD_SIDES.least).max(RECORD_SIDES.most), {
    description: "Width and height of the network's input, in pixels.",
    fallback: { from: "patch" },
    placeholder: "PIXELS",
  }),
  ...recipeSettings.shape,
  ...augmentationSettings.shape,
  seed: option(z.int().nonnegative(), {
    description: "Seed of all randomness: the same seed gives the same model, bit for bit.",
    fallback: { value: 42 },
  }),
  threads: threadCount,
  checkpointEvery: option(
    z.string().regex(INTERVAL, "must be a number from 1 to 999999 of steps (50), seconds (90s) or minutes (2m)"),
    {
      description: "Steps (50) or time (90s, 2m) between checkpoints, besides one after each epoch; changes no result.",
      fallback: { value: "2m" },
      placeholder: "INTERVAL",
    },
  ),
  threshold: option(thresholdOption, { fallback: { value: "youden" } }),
  device: option(z.enum(["auto", ...DEVICE_NAMES]), {
    description: DEVICE_DESCRIPTION,
    fallback: { value: "cpu" },
  }),
  engine: option(z.enum(["auto", ...ENGINE_NAMES]), {
    description: "What runs the training step; auto is the fastest that runs the model on the device.",
    fallback: { value: "auto" },
  }),
});

/** All settings of a training, without its dataset and output. */
export type TrainingSettings = Readonly<z.output<typeof trainingSettings>>;

/** The settings that were given. */
export type GivenSettings = { readonly [Name in keyof TrainingSettings]?: TrainingSettings[Name] | undefined };

/** The settings with the actual device and engine instead of "auto". */
export const fixedSettings = trainingSettings.extend({ device: z.enum(DEVICE_NAMES), engine: z.enum(ENGINE_NAMES) });

export type FixedSettings = Readonly<z.output<typeof fixedSettings>>;

/** Settings that do not affect any result. They may be given again when a training resumes. */
export const FREE = { threads: true, checkpointEvery: true } as const;

/**
 * The settings that determine every step of a training, and therefore its checkpoints. The threshold is chosen after an
 * epoch's steps, and epochs may be added.
 */
export const stepSettings = fixedSettings.omit({ ...FREE, epochs: true, threshold: true });

/**
 * The settings of a new run. Given values take precedence over the recipe's, then those of the named augmentation, then
 * the defaults.
 * @param side of the dataset's records, in pixels
 * @throws UserError if a given value would have no effect.
 */
export function newSettings(options: GivenSettings, side: number): TrainingSettings {
  const given = definedOf(options);
  const recipe = RECIPES[options.recipe ?? DEFAULT_RECIPE];
  const settings = trainingSettings.parse({
    ...Object.fromEntries(fallbackValues(trainingSettings)),
    inputSize: side - (side % INPUT_STEP),
    threads: threadsOf(options),
    ...AUGMENTATIONS[options.augment ?? recipe.augment],
    ...recipe,
    ...given,
  });
  if (settings.fillValue > 0 && settings.fill !== "constant") {
    throw new UserError(
      "options-conflict",
      `--fill-value goes with --fill constant, but the fill is ${settings.fill}: give --fill constant, or leave out --fill-value.`,
    );
  }
  return settings;
}

/** The given options, without undefined values. */
export const definedOf = <T extends object>(options: T): Partial<T> =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<T>;

/**
 * The values of options that are not given, and their sources, for display. The input size is omitted, since it depends
 * on the dataset.
 */
export function settledSettings(options: GivenSettings): Record<string, SettledValue> {
  const { inputSize: _, ...settings } = newSettings(options, RECORD_SIZE_PIXELS);
  const values: Readonly<Record<string, unknown>> = settings;
  const sources: Partial<Record<keyof typeof SOURCES, string>> = {
    recipe: `recipe ${settings.recipe}`,
    augmentation: `augmentation ${settings.augment}`,
  };
  const rows = optionEntries(trainingSettings).map(({ property, fallback }) => {
    const from = (fallback && "from" in fallback && sources[fallback.from]) || "default";
    return [property, { value: values[property], from }] as const;
  });
  return Object.fromEntries(rows.filter(([name]) => name in values));
}

/** Parses an interval of --checkpoint-every: steps, or seconds. */
export function checkpointInterval(text: string): { readonly steps: number } | { readonly seconds: number } {
  const [, digits, unit] = INTERVAL.exec(text)!;
  const number = Number(digits);
  return unit === undefined ? { steps: number } : { seconds: unit === "m" ? number * 60 : number };
}
