/** A model as shown in reports: the name that the user knows it by, and the data of its model card. */
import type { ModelCard } from "../artifacts/model_card.ts";

export interface NamedModel extends Omit<ModelCard, "model" | "known_patches"> {
  /** "idc" or "cancernet" for the package's models, otherwise the name of the run's folder or of the file. */
  readonly name: string;
  /** The network, for example "compact". Many models share a network. */
  readonly architecture: string;
}

export function namedModel(name: string, { model: architecture, known_patches: _, ...card }: ModelCard): NamedModel {
  return { name, architecture, ...card };
}
