/** The scoring of several slides as a work of units, one per slide. */
import { dirname, join } from "node:path";
import { bundledModelPath } from "../../artifacts/bundled_models.ts";
import { recordSideOf } from "../../artifacts/model_card.ts";
import { type ModelPlace, readModelFile } from "../../artifacts/open_model.ts";
import type { ModelLocation } from "../../artifacts/run_folder.ts";
import type { LocalSlide } from "../../artifacts/slide_copy.ts";
import { parseOptions } from "../../options/checked_options.ts";
import { scaleOptionsOf } from "../../options/scale.ts";
import { slideOptions } from "../../options/slide.ts";
import type { SlideReport } from "../../reports/slide/report.ts";
import { kindOf, makeFolders, writeFileAtomically } from "../../system/files.ts";
import type { WorkDescription } from "../../units/description.ts";
import { insideRoot, placeInside } from "../../units/inside.ts";
import { UNITS_FOLDER } from "../../units/parts.ts";
import type { Results } from "../../units/results.ts";
import type { Work } from "../../units/work.ts";
import type { Context } from "../../util/context.ts";
import { UserError } from "../../util/errors.ts";
import { checked } from "../../util/json.ts";
import { openModelOnDevice } from "../device/choice.ts";
import { commandOfUnit, expectedSlides, type SlideUnit, slideDetailsOf, slideFacts, slideUnit } from "./describe.ts";
import { publishedReport } from "./gather.ts";
import type { SlideJob, SlideModel } from "./job.ts";
import { caseOf } from "./labels.ts";
import { withLocalSlide } from "./local_unit.ts";
import { openSlideUnit } from "./open_slide_unit.ts";
import { SLIDE_FILES } from "./write_outputs.ts";

/** Where the inputs of a work lie on this machine. */
export interface SlidePlaces {
  readonly results: Results;
  /** The path of a unit's slide, or its address in object storage. */
  slideOf(unit: SlideUnit): Promise<string>;
  labels(): Promise<string | undefined>;
}

/**
 * The work of a description.
 * @param model is closed with the work
 * @throws UserError if the description holds what the command "slide" would refuse.
 */
export function slideWork(
  description: WorkDescription,
  places: SlidePlaces,
  model: SlideModel,
): Work<SlideUnit, SlideReport> {
  const { results } = places;
  const { folder } = results;
  const { options } = slideDetailsOf(description, results);
  const units = description.units.map((unit) => checked(slideUnit, unit, expectedSlides(results)));
  const side = recordSideOf(model.card);
  const { stride = side, minTissue, geojson } = options;
  parseOptions(slideOptions, { ...options, slides: ["slide"] }, ({ property }) => property);
  const paths = new Map<string, string>();
  const jobOf = async (unit: SlideUnit, { path, sha256 }: LocalSlide): Promise<SlideJob> => {
    const labels = await places.labels();
    return {
      path,
      sha256,
      out: join(folder, unit.name),
      ...scaleOptionsOf(options),
      side,
      stride,
      minTissue,
      geojson,
      labels: labels === undefined ? undefined : { path: labels, caseId: options.case ?? caseOf(unit.slide) },
      command: commandOfUnit(options, unit, stride),
    };
  };
  return {
    verb: "slide",
    results,
    units,
    async read(unit) {
      await results.bring([unit.name], [SLIDE_FILES.report]);
      return publishedReport(results, unit, description);
    },
    async open(unit, context) {
      await results.bring([unit.name], [SLIDE_FILES.report]);
      const place = await places.slideOf(unit);
      paths.set(unit.name, place);
      return withLocalSlide(place, context, async (slide, inner) =>
        openSlideUnit(await jobOf(unit, slide), model, inner),
      );
    },
    recorded({ name, slide }, message) {
      return message.replaceAll(paths.get(name) ?? slide, slide).replaceAll(join(folder, name), name);
    },
    close: () => model.classifier.close(),
  };
}

/**
 * Opens the work of a description in another process, maybe on another machine.
 * @param places the results, and the root from which on the description names slides and labels
 * @throws UserError if the model is not there, or is another one.
 */
export async function openSlideWork(
  description: WorkDescription,
  { results, root, threads }: { readonly results: Results; readonly root: string; readonly threads: number },
  { signal }: Context,
): Promise<Work<SlideUnit, SlideReport>> {
  const { model_name: name, labels_path } = slideDetailsOf(description, results);
  const { model_sha256, device } = checked(slideFacts, description.facts, expectedSlides(results));
  const model = await modelOf(results, name, model_sha256);
  const opened = await openModelOnDevice(model, { wanted: device, threads }, signal);
  if (opened.sha256 !== model_sha256) {
    await opened.classifier.close();
    throw new UserError(
      "model-missing",
      `${model.place} is another model than that of ${results.name}: give the command again that began the work there.`,
    );
  }
  const slideOf = async ({ slide, path }: SlideUnit) => {
    if (path !== undefined) return placeInside(root, path, "the slide");
    throw new UserError(
      "path-invalid",
      `Refused the slide ${slide}: it lies outside the root of the work; give the command again with a --root that holds it.`,
    );
  };
  const labels = async () =>
    labels_path === undefined ? undefined : insideRoot(root, labels_path, "the table of labels");
  return slideWork(description, { results, slideOf, labels }, { ...opened, name });
}

/** The path in the results of a model that is not the package's. */
const storedModel = (sha256: string): string => `${UNITS_FOLDER}/model-${sha256}.onnx`;

/** The model of a work: beside its results, or the package's of this name. */
async function modelOf(results: Results, name: string, sha256: string): Promise<ModelPlace> {
  const stored = storedModel(sha256);
  await results.bringFile(stored);
  const modelPath = join(results.folder, stored);
  const bundled = (await kindOf(modelPath)) === "file" ? undefined : bundledModelPath(name);
  return bundled === undefined ? { modelPath, place: results.placeOf(stored) } : { modelPath: bundled, place: bundled };
}

/** Puts the model beside the results, so that workers elsewhere have it. They have the models of the package. */
export async function storeModel(results: Results, { name, modelPath }: ModelLocation): Promise<void> {
  if (bundledModelPath(name) === modelPath) return;
  const { bytes, sha256 } = await readModelFile({ modelPath, place: modelPath });
  const stored = storedModel(sha256);
  const path = join(results.folder, stored);
  await makeFolders(dirname(path));
  if ((await kindOf(path)) === "nothing") await writeFileAtomically(path, bytes);
  await results.shareFile(stored);
}
