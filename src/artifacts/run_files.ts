/** The names of a run's files. */

export const RUN_FILES = {
  description: "run.json",
  history: "history.csv",
  plot: "plot.png",
  /** The model that the training keeps (options/training/keep.ts). */
  best: "model.onnx",
  last: "last.onnx",
  lock: "run.lock",
} as const;

/** Written alternately; see checkpoint_files.ts. */
export const CHECKPOINT_FILES = ["checkpoint-1.bin", "checkpoint-2.bin"] as const;
