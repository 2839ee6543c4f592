/** The values measured in each training epoch, under the names used in files, reports and output. */

/** The columns of history.csv, except "kept". The first epoch is 1; the learning rate is that of the epoch's last step. */
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
