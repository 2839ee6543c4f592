/** What the verb "prepare" gives. */
import type { DatasetDescription } from "../../histology/dataset/description.ts";
import type { Split } from "../../histology/dataset/split_names.ts";

export interface PrepareResult {
  /** The dataset's folder. */
  readonly folder: string;
  /** The table of what was left out. */
  readonly rejected_list: string;
  /** The shares of the cases that were asked for; null if lists or folders say the split. */
  readonly wanted_shares: Readonly<Record<Split, number>> | null;
  /** dataset.json. */
  readonly description: DatasetDescription;
}
