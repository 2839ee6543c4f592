/** The names of the training engines, fastest first. */

export const ENGINE_NAMES = ["fused", "graph"] as const;

export type EngineName = (typeof ENGINE_NAMES)[number];
