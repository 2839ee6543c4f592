/** A Keras file's bytes and one of our models in, the model's arrays out. */
import type { Arrays, ModelDescription } from "../nn/model.ts";
import { arraysFromKeras } from "./convert.ts";
import { requireSameNetwork } from "./description.ts";
import { withHdf5 } from "./hdf5.ts";
import { storedLayers } from "./stored_layers.ts";

/** What a file of Keras holds. */
export interface KerasContent {
  /** The bytes of an HDF5 file: all of a .h5 file, or the weights in a .keras archive. */
  readonly hdf5: Uint8Array;
  /** The description of the network in JSON, if it stands beside the weights. */
  readonly description?: string | undefined;
}

export interface KerasArrays {
  readonly arrays: Arrays;
  /** Whether the file described its network, and the order of its layers and their settings were compared too. */
  readonly described: boolean;
}

/**
 * Reads a file into the arrays of a model.
 * @throws OtherNetworkError if it is sound, but holds another network; Error if it is damaged or no file of Keras.
 */
export function readKeras(model: ModelDescription, { hdf5, description }: KerasContent): Promise<KerasArrays> {
  return withHdf5(hdf5, (file) => {
    const [json = description] = file.texts("", "model_config") ?? [];
    if (json !== undefined) requireSameNetwork(model, json);
    return { arrays: arraysFromKeras(model, storedLayers(file)), described: json !== undefined };
  });
}
