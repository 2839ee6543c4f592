/** The result of the command "prepare". */
import type { DatasetDescription } from "../../histology/dataset/description.ts";
import type { Split } from "../../histology/dataset/split_names.ts";

export interface PrepareResult {
  /** The dataset's folder. */
  readonly folder: string;
  /** The path of the list of rejected files. */
  readonly rejected_list: string;
  /** The requested shares of the cases per split; null if lists or folders define the split. */
  readonly wanted_shares: Readonly<Record<Split, number>> | null;
  /** The content of dataset.json. */
  readonly description: DatasetDescription;
}
