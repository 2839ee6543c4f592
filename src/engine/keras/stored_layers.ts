/** Lists the layers in a Keras file, in any of Keras's layouts. convert.ts compares them with a model. */
import type { Hdf5File, StoredArray } from "./hdf5.ts";

/** A layer with weights. */
export interface StoredLayer {
  readonly name: string;
  /**
   * The network that contains the layer, if the layout keeps nested networks separate; "" for the outermost network.
   */
  readonly network: string;
  /** The layer's class, if the layout states it, such as "separable_conv2d". */
  readonly className?: string;
  /** The weights in Keras's order. `role` is a name such as "kernel", if the layout states it. */
  readonly weights: readonly (StoredArray & { readonly role?: string })[];
}

export interface StoredLayers {
  readonly layers: readonly StoredLayer[];
  /**
   * Whether the layers are in the network's order. If not, only the layers of one class in one network are in order.
   */
  readonly ordered: boolean;
}

/** Where Keras 2 (`save`, `save_weights`) stores the groups of its layers. */
const OLD_ROOTS = ["model_weights", ""];
/** Where Keras 3 stores them, and Keras 2.13 if it uses the same layout. */
const NEW_ROOTS = ["layers", "_layer_checkpoint_dependencies"];

/**
 * Keras 2 has one group per layer. Its weights are in the order of the attribute `weight_names`, and the layers are in
 * the order of `layer_names`. A nested network is one group with all its weights.
 * Keras 3 has one group per layer, named by its class and a number. Its weights are in `vars`, by number. A nested
 * network is a group with its own `layers`.
 * @throws Error if the file has neither layout, or is damaged.
 */
export function storedLayers(file: Hdf5File): StoredLayers {
  for (const root of OLD_ROOTS) {
    const names = longList(file, root, "layer_names");
    if (names) return { layers: names.flatMap((name) => oldLayers(file, root, name)), ordered: true };
  }
  for (const root of NEW_ROOTS) {
    if (file.names(root).length > 0) return { layers: newLayers(file, root), ordered: false };
  }
  throw new Error("it is an HDF5 file, but holds no layers as Keras saves them");
}

const hasWeights = ({ weights }: StoredLayer): boolean => weights.length > 0;

/** The layer with this name; for a nested network, its layers. */
function oldLayers(file: Hdf5File, root: string, name: string): StoredLayer[] {
  const group = joined(root, name);
  const names = longList(file, group, "weight_names");
  if (!names) throw new Error(`its layer ${name} does not name its weights`);
  // For example "conv/depthwise_kernel:0" for TensorFlow's variables, "sequential/conv/depthwise_kernel" for Keras 3's.
  const byLayer = Map.groupBy(names, (path) => path.split("/").slice(0, -1).join("/"));
  return [...byLayer].map(([layer, paths]) => ({
    name: byLayer.size === 1 ? name : layer,
    network: "",
    weights: paths.map((path) => ({ ...file.array(joined(group, path)), role: /([^/:]*)(:\d+)?$/.exec(path)![1]! })),
  }));
}

/** The deepest nesting of networks that is accepted. */
const MOST_NESTED = 8;

/** The layers of the network whose groups are in `root`, including those of nested networks. */
function newLayers(file: Hdf5File, root: string, network = "", depth = 0): StoredLayer[] {
  if (depth > MOST_NESTED) throw new Error(`it nests more than ${MOST_NESTED} networks`);
  const names = file.names(root).sort(byClassAndNumber);
  return names.flatMap((name) => {
    const own = newLayer(file, root, name, network);
    const within = NEW_ROOTS.map((layers) => `${root}/${name}/${layers}`).find((place) => file.names(place).length > 0);
    return [
      ...(hasWeights(own) ? [own] : []),
      ...(within === undefined ? [] : newLayers(file, within, joined(network, name), depth + 1)),
    ];
  });
}

function newLayer(file: Hdf5File, root: string, name: string, network: string): StoredLayer {
  const group = `${root}/${name}/vars`;
  const numbers = file.names(group).sort((a, b) => Number(a) - Number(b));
  return {
    name: joined(network, name),
    network,
    className: classAndNumber(name).className,
    weights: numbers.map((number) => file.array(`${group}/${number}`)),
  };
}

/** An attribute. If it is too long, Keras splits it into "name0", "name1" and so on. */
function longList(file: Hdf5File, group: string, name: string): string[] | undefined {
  const whole = file.texts(group, name);
  if (whole) return whole;
  const parts: string[][] = [];
  for (let part = file.texts(group, `${name}0`); part; part = file.texts(group, `${name}${parts.length}`))
    parts.push(part);
  return parts.length > 0 ? parts.flat() : undefined;
}

const joined = (...parts: string[]): string => parts.filter((part) => part !== "").join("/");

/** "separable_conv2d_10" has number 10 in its class; "separable_conv2d" has number 0. */
function classAndNumber(name: string): { className: string; number: number } {
  const [, className, number] = /^(.*?)(?:_(\d+))?$/s.exec(name)!;
  return { className: className!, number: Number(number ?? 0) };
}

function byClassAndNumber(a: string, b: string): number {
  const [one, two] = [classAndNumber(a), classAndNumber(b)];
  if (one.className !== two.className) return one.className < two.className ? -1 : 1;
  return one.number - two.number;
}
