/** The names of the models in the package. */

/** A short description of each model. scripts/models.ts creates them. */
export const BUNDLED_MODELS = {
  idc: "the best: our compact model, which also uses the 5 x 5 patches around a patch",
  cancernet: "CancerNet, the tutorial's network, by the default recipe",
} as const;

export type BundledModelName = keyof typeof BUNDLED_MODELS;
