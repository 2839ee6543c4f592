/**
 * The command "explain": takes a model and patches, and writes maps of the evidence for and against the positive class,
 * and how far the views differ.
 */
import { join } from "node:path";
import type * as z from "zod";
import { recordSideOf } from "../artifacts/model_card.ts";
import { readModelFile } from "../artifacts/open_model.ts";
import { locateModel } from "../artifacts/run_folder.ts";
import { checkedOptions } from "../options/checked_options.ts";
import { flagOf } from "../options/command_line.ts";
import { type ExplainOptions, explainOptions } from "../options/explain.ts";
import { guessWarning, scaleOptionsOf } from "../options/scale.ts";
import { threadsOf } from "../options/thread_count.ts";
import { classWords } from "../reports/class_words.ts";
import { agreementText } from "../reports/explanation/agreement.ts";
import { squareEdges } from "../reports/explanation/occlusion.ts";
import type { ExplanationReport, ExplanationResult } from "../reports/explanation/report.ts";
import { writeFileAtomically } from "../system/files.ts";
import { fillFolder, requireFreeFolder } from "../system/output_folder.ts";
import type { Context } from "../util/context.ts";
import { UserError } from "../util/errors.ts";
import { RESEARCH_USE_NOTICE } from "../util/notice.ts";
import { fitted } from "../util/terminal_text.ts";
import { renderPng } from "./chart.ts";
import { Explainer } from "./explain/explainer.ts";
import { explanationReport } from "./explain/numbers.ts";
import { type Patch, readPatch, type SlidePlace } from "./explain/patch.ts";
import { type Captions, explainChart, LONGEST_CLASS, type PatchExplanation } from "./explain/picture.ts";

type Checked = z.output<typeof explainOptions>;

/**
 * Explains patches, and writes the numbers and one picture.
 * @throws UserError if the model, an image or an option is not usable; nothing is written then.
 */
export async function explain(given: ExplainOptions, context: Context): Promise<ExplanationResult> {
  const options = checkedOptions(explainOptions, given);
  const { reporter, signal } = context;
  const location = await locateModel(options.model);
  await requireFreeFolder(options.out);
  const at = placeOf(options);
  const file = await readModelFile(location);
  const patches = await readPatches(options.images, { side: recordSideOf(file.card), at }, context);
  const { square, stride, layer } = options;
  const explainer = await Explainer.open(file, {
    layer,
    squares: { square, stride },
    session: { threads: threadsOf(options) },
  });
  try {
    const explained: PatchExplanation[] = [];
    signal.throwIfAborted();
    const squares = squareEdges(explainer.side, explainer.squares).length ** 2;
    for (const [index, patch] of patches.entries()) {
      const explanation = await explainer.explain(patch.image, (done) => {
        signal.throwIfAborted();
        const total = patches.length * squares;
        reporter.progress({ task: "explain", done: index * squares + done, total, unit: "squares" });
      });
      explained.push({ patch, explanation });
    }
    const report = explanationReport(explainer, { name: location.name, sha256: file.sha256 }, explained);
    const png = await renderPng(await explainChart(explained, captionsOf(report)));
    signal.throwIfAborted();
    await fillFolder(options.out, "--out", reporter.warn.bind(reporter), async (folder) => {
      await writeFileAtomically(join(folder, "explain.json"), `${JSON.stringify(report)}\n`);
      await writeFileAtomically(join(folder, "explain.png"), png);
    });
    const files = patches.map(({ file }) => file);
    for (const [index, { agreement, maps_disagree }] of report.patches.entries()) {
      if (maps_disagree) reporter.warn(`${files[index]}: ${agreementText(agreement)}`);
    }
    return { folder: options.out, picture: join(options.out, "explain.png"), files, report };
  } finally {
    await explainer.close();
  }
}

/** The requested place in a slide; undefined if the images are patches. */
function placeOf({ images, at, ...options }: Checked): SlidePlace | undefined {
  const scale = scaleOptionsOf(options);
  const given = Object.entries(scale).find(([, value]) => value !== undefined);
  if (at === undefined && given) {
    throw new UserError(
      "options-conflict",
      `${flagOf(given[0])} is for a place in a slide: give --at too, or leave it out.`,
    );
  }
  if (at === undefined) return undefined;
  if (images.length > 1) {
    throw new UserError(
      "options-conflict",
      `--at is a place in one slide, but there are ${images.length}: name one, or leave --at out.`,
    );
  }
  const [x, y] = at.split(",").map(Number) as [number, number];
  return { x, y, ...scale };
}

async function readPatches(
  images: readonly string[],
  { side, at }: { readonly side: number; readonly at: SlidePlace | undefined },
  { reporter, signal }: Context,
): Promise<Patch[]> {
  const patches = await inTurn(images, signal, (file) => readPatch(file, side, at));
  for (const { file, scaleGuess } of patches) {
    if (scaleGuess) reporter.warn(guessWarning(file, scaleGuess, { ...at, side }));
  }
  return patches;
}

async function inTurn<T, R>(list: readonly T[], signal: AbortSignal, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const item of list) {
    signal.throwIfAborted();
    results.push(await work(item));
  }
  return results;
}

/** The texts of the picture. */
export function captionsOf({ model, settings }: Pick<ExplanationReport, "model" | "settings">): Captions {
  const { layer, square_pixels: square, stride_pixels: stride } = settings;
  const { positive } = classWords(model.class_names);
  const { shortProbability } = classWords(model.class_names, (name) => fitted(name, LONGEST_CLASS));
  return {
    title: `Evidence for ${positive} (red) and against it (blue): ${model.name}`,
    probability: shortProbability,
    lines: [
      `Left: the patch as the model sees it, ${settings.input_pixels} x ${settings.input_pixels} pixels. Middle: Grad-CAM.`,
      `Right: how far the log odds of ${positive} fall when a square of ${square} x ${square} pixels (every ${stride}) is hidden.`,
      `All rows have the same colours. ${RESEARCH_USE_NOTICE}`,
    ],
    gradCam: `Grad-CAM at ${layer} (log odds)`,
    occlusion: "Fall when hidden (log odds)",
  };
}
