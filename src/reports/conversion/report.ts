/** The results of the commands "import" and "export", with --out or with --page. */
import type { ClassNames } from "../../histology/dataset/class_names.ts";

/** The result of an import. */
export interface ImportResult {
  /** The model's file. The model is not calibrated. */
  readonly model: string;
  /** Which of this package's networks it is. */
  readonly architecture: string;
  /** The file that Keras saved. */
  readonly weights: string;
  readonly parameters: number;
  /** Whether the file describes its network. If so, the order and the settings of the layers were compared too. */
  readonly described: boolean;
  /** Null if no names were given. */
  readonly class_names: ClassNames | null;
  readonly notice: string;
}

/** What both exports say of the model, and of the comparison with it. */
interface Exported {
  /** The exported model. */
  readonly model: string;
  readonly bytes: number;
  readonly class_names: ClassNames;
  readonly threshold: number;
  /** Whether the model's own probability also depends on the surrounding patches. */
  readonly uses_neighbours: boolean;
  /** The number of patches that both the model and the export were run on. */
  readonly checked_patches: number;
  /** The largest difference between the two probabilities or log odds (relative for log odds above 1). */
  readonly largest_difference: number;
  readonly notice: string;
}

/** The result of an export, with its difference from the original. The neighbours are no input of the graph. */
export interface ExportResult extends Exported {
  readonly file: string;
  /** The graph's input. A dimension without a fixed size has a name instead of a number. */
  readonly input: { readonly name: string; readonly type: string; readonly shape: readonly (string | number)[] };
  readonly outputs: readonly { readonly name: string; readonly calibrated: boolean }[];
}

/** The result of an export as a page, with the difference between its inference and that of the command line. */
export interface ExportPageResult extends Exported {
  readonly folder: string;
  /** The names of the folder's files, sorted. */
  readonly files: readonly string[];
}
