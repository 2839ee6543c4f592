/** The models that come with the package, by name; their cards are the Markdown files beside them. */
import { fileURLToPath } from "node:url";
import { BUNDLED_MODELS } from "../options/bundled_models.ts";

/** The file of a model that comes with the package; undefined if the name is another. */
export function bundledModelPath(name: string): string | undefined {
  if (!Object.hasOwn(BUNDLED_MODELS, name)) return undefined;
  return fileURLToPath(new URL(`../../models/${name}.onnx`, import.meta.url));
}
