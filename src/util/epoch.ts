/** What is measured in an epoch of a training, by the names that it has wherever it is stored, reported or shown. */

/** The columns of history.csv. The first epoch is 1; the learning rate is that of the epoch's last step. */
export const EPOCH_COLUMNS = [
  "epoch",
  "loss",
  "accuracy",
  "val_loss",
  "val_accuracy",
  "val_auroc",
  "learning_rate",
] as const;

export type EpochRow = Readonly<Record<(typeof EPOCH_COLUMNS)[number], number>>;
