/** Describes the scoring of several slides as a work: the units, what determines their results, and what reports show. */
import * as z from "zod";
import { DEVICE_NAMES } from "../../engine/runtime/devices.ts";
import { commandLine, commandWords } from "../../options/command_line.ts";
import { slideOptions } from "../../options/slide.ts";
import { sha256OfFile } from "../../system/files.ts";
import { isObjectAddress, placeIn } from "../../system/object_address.ts";
import { shownPath } from "../../system/paths.ts";
import { unitName, WORK_FILE, type WorkDescription } from "../../units/description.ts";
import { pathInRoot } from "../../units/inside.ts";
import type { Results } from "../../units/results.ts";
import { UserError } from "../../util/errors.ts";
import { checked, type Expected } from "../../util/json.ts";
import type { SlideModel } from "./job.ts";

export type CheckedSlideOptions = z.output<typeof slideOptions>;

/** The options that reports show. Those that say where and by whom the work is done are not among them. */
export const shownOptions = slideOptions.omit({
  slides: true,
  threads: true,
  shard: true,
  queue: true,
  root: true,
  results: true,
});

export const slideUnit = z.object({
  name: unitName,
  /** The slide's path in reports. */
  slide: z.string(),
  /** The slide's path from the root on; absent if it lies elsewhere. */
  path: z.string().optional(),
});

export type SlideUnit = z.output<typeof slideUnit>;

const slideDetails = z.object({
  options: shownOptions,
  model_name: z.string(),
  class_names: z.tuple([z.string(), z.string()]),
  /** The path of the table of labels from the root on. */
  labels_path: z.string().optional(),
});

/** The details of a description. @throws UserError if they are not those of slides. */
export const slideDetailsOf = ({ details }: WorkDescription, results: Results) =>
  checked(slideDetails, details, expectedSlides(results));

export const expectedSlides = (results: Results): Expected => ({
  code: "output-mismatch",
  place: results.placeOf(WORK_FILE),
  what: "the description of a scoring of slides",
  remedy: "remove it, and give the same command again",
});

export const slideFacts = z.looseObject({
  model_sha256: z.string().regex(/^[0-9a-f]{64}$/, "must be a SHA-256"),
  device: z.enum(DEVICE_NAMES),
});

/**
 * The description of the scoring of these slides.
 * @param names the folder of each slide
 */
export async function slideDescription(
  options: CheckedSlideOptions,
  slides: { readonly paths: readonly string[]; readonly names: readonly string[] },
  { name: modelName, sha256, device, card }: SlideModel,
  signal: AbortSignal,
): Promise<Omit<WorkDescription, "format" | "cancernet">> {
  const { slides: _, threads: __, shard: ___, queue, results: ____, root = ".", ...shown } = options;
  const { model, out, labels, case: caseId, device: _____, ...settings } = shown;
  const inRoot = (path: string) => {
    const place = pathInRoot(root, path);
    if (place !== undefined || queue === undefined) return place;
    throw new UserError(
      "options-conflict",
      `${path} lies outside ${root}: name a folder or an address that contains all slides with --root.`,
    );
  };
  if (labels !== undefined && queue !== undefined && isObjectAddress(root))
    throw new UserError(
      "options-conflict",
      `Workers read only below ${root}, which has no place for the table ${labels}: leave out --labels, or use slides in a folder.`,
    );
  const labelsFact = labels === undefined ? {} : { labels_sha256: await sha256OfFile(labels, signal) };
  return {
    verb: "slide",
    facts: {
      model_sha256: sha256,
      device,
      ...settings,
      ...labelsFact,
      ...(caseId === undefined ? {} : { case: caseId }),
    },
    details: {
      options: {
        ...shown,
        model: shownPath(model),
        out: shownPath(out),
        ...(labels === undefined ? {} : { labels: shownPath(labels) }),
      },
      model_name: modelName,
      class_names: card.class_names,
      ...(labels === undefined ? {} : { labels_path: inRoot(labels) }),
    },
    units: slides.paths.map((path, index) => {
      const place = inRoot(path);
      return {
        name: slides.names[index]!,
        slide: isObjectAddress(path) ? path : shownPath(path),
        ...(place === undefined ? {} : { path: place }),
      };
    }),
  };
}

/** The command line that makes a slide's files again, with paths as reports show them. */
export function commandOfUnit(
  options: z.output<typeof shownOptions>,
  { name, slide }: SlideUnit,
  stride: number,
): string {
  const alone = { ...options, slides: [slide], out: placeIn(options.out, name), stride };
  return commandLine(...commandWords("slide", slideOptions, alone, { keepsDefaults: true }));
}
