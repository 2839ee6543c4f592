/** The models that come with the package, by name; their cards are the Markdown files beside them. */
import { fileURLToPath } from "node:url";

/** What each is, in a line; scripts/models.ts makes them. */
export const BOXED_MODELS = {
  idc: "the best: our compact model, which also heeds the 5 x 5 patches around a patch",
  cancernet: "CancerNet, the tutorial's network, by the default recipe",
} as const;

export type BoxedModelName = keyof typeof BOXED_MODELS;

/** The file of a model that comes with the package; undefined where the name is another. */
export function boxedModelPath(name: string): string | undefined {
  if (!Object.hasOwn(BOXED_MODELS, name)) return undefined;
  return fileURLToPath(new URL(`../../models/${name}.onnx`, import.meta.url));
}
