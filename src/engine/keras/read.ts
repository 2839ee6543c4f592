/** Reads the bytes of a Keras file into the arrays of one of our models. */
import type { Arrays, ModelDescription } from "../nn/model.ts";
import { arraysFromKeras } from "./convert.ts";
import { requireSameNetwork } from "./description.ts";
import { withHdf5 } from "./hdf5.ts";
import { storedLayers } from "./stored_layers.ts";

/** The content of a Keras file. */
export interface KerasContent {
  /** The bytes of an HDF5 file: the whole .h5 file, or the weights in a .keras archive. */
  readonly hdf5: Uint8Array;
  /** The description of the network in JSON, if it is stored separately from the weights. */
  readonly description?: string | undefined;
}

export interface KerasArrays {
  readonly arrays: Arrays;
  /**
   * Whether the file contains a description of its network, so that the order and the settings of its layers were
   * compared too.
   */
  readonly described: boolean;
}

/**
 * Reads a file into the arrays of a model.
 * @throws OtherNetworkError if the file is intact, but contains a different network; Error if it is damaged or not a
 *   Keras file.
 */
export function readKeras(model: ModelDescription, { hdf5, description }: KerasContent): Promise<KerasArrays> {
  return withHdf5(hdf5, (file) => {
    const [json = description] = file.texts("", "model_config") ?? [];
    if (json !== undefined) requireSameNetwork(model, json);
    return { arrays: arraysFromKeras(model, storedLayers(file)), described: json !== undefined };
  });
}
