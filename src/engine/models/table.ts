/** The models by name: a new one is a file and a row here. */
import type { ModelDescription } from "../nn/model.ts";
import { cancernet } from "./cancernet.ts";
import { compact } from "./compact.ts";

export const MODELS = { cancernet, compact } as const satisfies Record<string, ModelDescription>;

export type ModelName = keyof typeof MODELS;
export const MODEL_NAMES = Object.keys(MODELS) as [ModelName, ...ModelName[]];
