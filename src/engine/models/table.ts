/** The models by name. A new model needs a file and an entry here. */
import type { ModelDescription } from "../nn/model.ts";
import { buildCancerNet, cancernet } from "./cancernet.ts";
import { buildCompact, buildSlim, compact, slim } from "./compact.ts";

/** The models with their default input: RGB images of 48 x 48 pixels, two classes. */
export const MODELS = { cancernet, compact, slim } as const satisfies Record<string, ModelDescription>;

export type ModelName = keyof typeof MODELS;
export const MODEL_NAMES = Object.keys(MODELS) as [ModelName, ...ModelName[]];

/** The default size of the models' input, in pixels per side. */
export const INPUT_SIDE_PIXELS = 48;

const BUILDERS: Readonly<Record<ModelName, (side: number) => ModelDescription>> = {
  cancernet: (side) => buildCancerNet({ width: side, height: side, depth: 3, classes: 2 }),
  compact: buildCompact,
  slim: buildSlim,
};

/** The model with this name for RGB images of `side` x `side` pixels and two classes. */
export function modelFor(name: ModelName, side = INPUT_SIDE_PIXELS): ModelDescription {
  return side === INPUT_SIDE_PIXELS ? MODELS[name] : BUILDERS[name](side);
}
