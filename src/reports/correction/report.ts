/** The result of the command "correct". */
import type { DatasetDescription } from "../../histology/dataset/description.ts";

export interface CorrectResult {
  /** The folder of the corrected dataset. */
  readonly folder: string;
  /** The path of the list of rejected files. */
  readonly rejected_list: string;
  /** The dataset that was corrected, and the journal, as the user named them. */
  readonly dataset: string;
  readonly journal: string;
  /** The corrections of the test split that were not used. */
  readonly ignored: { readonly patches: number; readonly cases: number };
  /** The content of dataset.json. */
  readonly description: DatasetDescription;
}
