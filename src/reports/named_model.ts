/** A model as reports speak of it: by the name that its user knows, with what its file says of it. */
import type { ModelCard } from "../artifacts/model_card.ts";

export interface NamedModel extends Omit<ModelCard, "model"> {
  /** "idc" or "cancernet" of the package, else the name of the run's folder or of the file. */
  readonly name: string;
  /** The network, such as "compact", which many models share. */
  readonly architecture: string;
}

export function namedModel(name: string, { model: architecture, ...card }: ModelCard): NamedModel {
  return { name, architecture, ...card };
}
