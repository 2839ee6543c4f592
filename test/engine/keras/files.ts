/** Writes networks in the layouts of Keras's files, as its own saving code does (docs/decisions/0015 names it). */
import { type File, type Group, File as Hdf5, ready } from "h5wasm";
import { zipOf } from "../../support/zip.ts";
import type { KerasLayer } from "./network.ts";

/** The bytes of an HDF5 file that `write` fills. */
export async function hdf5Bytes(write: (file: File) => void): Promise<Uint8Array> {
  const { FS } = await ready;
  const file = new Hdf5("/written.h5", "w");
  write(file);
  file.close();
  const bytes = Uint8Array.from(FS.readFile("/written.h5"));
  FS.unlink("/written.h5");
  return bytes;
}

/** A list of texts as h5py writes numpy's bytes: all of the longest one's length. An empty list becomes one of floats. */
function setTexts(group: Group, name: string, texts: readonly string[]): void {
  if (texts.length === 0) group.create_attribute(name, new Float64Array(0), [0]);
  else group.create_attribute(name, [...texts], [texts.length], `S${Math.max(...texts.map(({ length }) => length))}`);
}

function setArray(group: Group, path: string, { shape, data }: { shape: readonly number[]; data: Float32Array }): void {
  const names = path.split("/");
  const parent = names.slice(0, -1).reduce((one, name) => {
    return one.keys().includes(name) ? (one.get(name) as Group) : one.create_group(name);
  }, group);
  parent.create_dataset({ name: names.at(-1)!, data, shape: [...shape] });
}

/** Keras 2: `save_weights("x.h5")`, or with `model` `save("x.h5")`, which puts the same into a group and describes the network. */
export function oldFile(
  layers: readonly KerasLayer[],
  { model = false, describe = sequential } = {},
): Promise<Uint8Array> {
  return hdf5Bytes((file) => {
    if (model) file.create_attribute("model_config", JSON.stringify(describe(layers)));
    const root = model ? file.create_group("model_weights") : file;
    setTexts(
      root,
      "layer_names",
      layers.map(({ name }) => name),
    );
    root.create_attribute("backend", "tensorflow");
    root.create_attribute("keras_version", "2.15.0");
    for (const layer of layers.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      const group = root.create_group(layer.name);
      const weights = oldOrder(layer);
      setTexts(
        group,
        "weight_names",
        weights.map(({ path }) => path),
      );
      for (const weight of weights) setArray(group, weight.path, weight);
    }
    setTexts(root.create_group("top_level_model_weights"), "weight_names", []);
  });
}

/** A layer's weights, or those of all layers of a network: what is trained first, then the statistics. */
function oldOrder({ name, weights, layers = [] }: KerasLayer) {
  const all = [{ name, weights }, ...layers].flatMap((layer) =>
    layer.weights.map((weight) => ({ ...weight, path: `${layer.name}/${weight.role}:0` })),
  );
  const isStatistic = ({ role }: { role: string }) => role.startsWith("moving_");
  return layers.length === 0 ? all : [...all.filter((one) => !isStatistic(one)), ...all.filter(isStatistic)];
}

/** Keras 3 counts the classes of each network's layers: "dense", "dense_1". */
function writeLayers(root: Group, layers: readonly KerasLayer[]): void {
  const counts = new Map<string, number>();
  for (const { className, weights, layers: within } of layers) {
    const base = className === "SeparableConv2D" ? "separable_conv2d" : className.replace(/(?<=[a-z])(?=[A-Z])/g, "_");
    const count = counts.get(base) ?? 0;
    counts.set(base, count + 1);
    const own = root.create_group((count === 0 ? base : `${base}_${count}`).toLowerCase());
    const variables = own.create_group("vars");
    for (const [index, weight] of weights.entries()) setArray(variables, `${index}`, weight);
    if (within) writeLayers(own.create_group("layers"), within);
    if (className === "Dropout") setArray(own, "seed_generator/vars/0", { shape: [2], data: Float32Array.of(1, 2) });
  }
}

/** Keras 3: `save_weights("x.weights.h5")`. Each layer has a group named by its class, and more than the layers is saved. */
export function newWeights(layers: readonly KerasLayer[]): Promise<Uint8Array> {
  return hdf5Bytes((file) => {
    writeLayers(file.create_group("layers"), layers);
    const optimizer = file.create_group("optimizer").create_group("vars");
    setArray(optimizer, "0", { shape: [1], data: Float32Array.of(7) });
    file.create_group("vars");
  });
}

/** Keras 3: `save("x.keras")`. */
export async function archive(
  layers: readonly KerasLayer[],
  { deflate = false, describe = sequential } = {},
): Promise<Buffer> {
  const text = (value: unknown) => Buffer.from(JSON.stringify(value));
  const files: [string, Uint8Array][] = [
    ["metadata.json", text({ keras_version: "3.5.0", date_saved: "2025-01-01@00:00:00" })],
    ["config.json", text(describe(layers))],
    ["model.weights.h5", await newWeights(layers)],
  ];
  return zipOf(files, { deflate });
}

/** Keras's description of a Sequential. */
export function sequential(layers: readonly KerasLayer[]): object {
  return {
    class_name: "Sequential",
    config: { name: "sequential", layers: layers.map(({ className, config }) => ({ class_name: className, config })) },
  };
}
