/** The names of the models that come with the package. */

/** What each is, in a line; scripts/models.ts makes them. */
export const BUNDLED_MODELS = {
  idc: "the best: our compact model, which also uses the 5 x 5 patches around a patch",
  cancernet: "CancerNet, the tutorial's network, by the default recipe",
} as const;

export type BundledModelName = keyof typeof BUNDLED_MODELS;
