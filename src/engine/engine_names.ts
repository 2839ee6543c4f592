/** The training engines by name, the fastest first. */

export const ENGINE_NAMES = ["fused", "graph"] as const;

export type EngineName = (typeof ENGINE_NAMES)[number];
