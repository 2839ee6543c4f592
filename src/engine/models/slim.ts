/**
 * The compact model with fewer filters: half as many where images are large, three quarters where they are small. It
 * needs less than half of the multiplications.
 */
import type { ModelDescription } from "../nn/model.ts";
import { compactLayers } from "./compact.ts";

/** The model for RGB images of `side` x `side` pixels and two classes. `side` must be at least 16. */
export function buildSlim(side: number): ModelDescription {
  return {
    name: "slim",
    source: "cancernet: compact with fewer filters",
    inputShape: [3, side, side],
    layers: compactLayers([16, 32, 32, 96, 96, 192, 192]),
  };
}

export const slim: ModelDescription = buildSlim(48);
