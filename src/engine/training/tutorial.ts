/** The training settings of the tutorial (Rosebrock, PyImageSearch 2019), as far as the engine needs them. */
export const TUTORIAL_TRAINING = {
  epochs: 40,
  batchSize: 32,
  optimizer: "adagrad",
  learningRate: 0.01,
  schedule: "inverse-decay",
  weightDecay: 0,
} as const;
