/** The files of the models in the package, by name. Each model's card is the Markdown file beside it. */
import { BUNDLED_MODELS } from "../options/bundled_models.ts";
import { ownFile } from "../system/own_files.ts";

/** The file of a model in the package; undefined if there is no model of that name. */
export function bundledModelPath(name: string): string | undefined {
  if (!Object.hasOwn(BUNDLED_MODELS, name)) return undefined;
  return ownFile(`models/${name}.onnx`);
}
