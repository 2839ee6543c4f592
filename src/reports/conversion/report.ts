/** What the verbs "import" and "export" give. */
import type { ClassNames } from "../../histology/dataset/class_names.ts";

/** What was imported. */
export interface ImportResult {
  /** The file of the model, which is not calibrated. */
  readonly model: string;
  /** Which of our networks it is. */
  readonly architecture: string;
  /** The file that Keras has saved. */
  readonly weights: string;
  readonly parameters: number;
  /** Whether the file described its network, so that the order of its layers and their settings were compared too. */
  readonly described: boolean;
  /** Null if none were given. */
  readonly class_names: ClassNames | null;
  readonly notice: string;
}

/** What was written, and how far it is from the original. */
export interface ExportResult {
  readonly file: string;
  /** The model that it was made from. */
  readonly model: string;
  /** The graph's input; sides that it leaves open have a name. */
  readonly input: { readonly name: string; readonly type: string; readonly shape: readonly (string | number)[] };
  readonly outputs: readonly { readonly name: string; readonly calibrated: boolean }[];
  readonly bytes: number;
  readonly class_names: ClassNames;
  readonly threshold: number;
  /** Whether the model's own probability depends on the patches around, which the graph does not see. */
  readonly uses_neighbours: boolean;
  /** How many patches both were run on. */
  readonly checked_patches: number;
  /** The largest difference of their outputs. */
  readonly largest_difference: number;
  readonly notice: string;
}
