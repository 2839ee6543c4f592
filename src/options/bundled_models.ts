/** The names of the models in the package. */

/** A short description of each model. scripts/models.ts creates them. */
export const BUNDLED_MODELS = {
  idc: "the fastest: our slim model, which also uses the 17 x 17 patches around a patch",
  cancernet: "CancerNet, the tutorial's network, which also uses the 17 x 17 patches around a patch",
} as const;

export type BundledModelName = keyof typeof BUNDLED_MODELS;
