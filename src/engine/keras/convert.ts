/**
 * Converts the layers of a Keras file to the arrays of one of our models: matches and checks the layers, and transposes
 * the arrays to our layout.
 */
import { sizeOf } from "../graph/shape.ts";
import { type Layer, layerOutputShape, layerParameters } from "../nn/layers.ts";
import type { Arrays, ModelDescription } from "../nn/model.ts";
import { type KerasWeight, kerasRule } from "./layer_rules.ts";
import type { StoredLayer, StoredLayers } from "./stored_layers.ts";

/** The file is intact, but contains a different network. The message begins with the difference. */
export class OtherNetworkError extends Error {}

/** A layer of our model that has arrays, and what the Keras file must contain for it. */
interface WantedLayer {
  readonly name: string;
  readonly group: string;
  readonly weights: readonly (KerasWeight & { readonly parameterName: string; readonly shape: readonly number[] })[];
  /** The shape [channels, height, width] of the planes that were flattened to the layer's features, if any. */
  readonly planes: readonly number[] | undefined;
}

/**
 * The arrays of a model from the layers of a Keras file, in the order of the model.
 * @throws OtherNetworkError that names the first layer that differs; Error if an array is damaged.
 */
export function arraysFromKeras(model: ModelDescription, stored: StoredLayers): Arrays {
  const wanted = wantedLayers(model);
  const layers = stored.ordered ? stored.layers : inOrderOf(wanted, stored.layers);
  const arrays: Arrays = new Map();
  for (let place = 0; place < Math.max(wanted.length, layers.length); place++) {
    const [want, found] = [wanted[place], layers[place]];
    if (!want || !found || !fits(want, found)) {
      throw new OtherNetworkError(
        `${found ? `its layer ${found.name} is ${inKerasWords(found.weights)}` : "it ends"}, but ${model.name} ${
          want ? `has ${want.name}, in Keras's words ${inKerasWords(want.weights)}` : "ends"
        }`,
      );
    }
    want.weights.forEach((weight, index) => {
      const data = transposed(found.weights[index]!.read(), weight);
      if (data.some((value) => !Number.isFinite(value)))
        throw new Error(`its layer ${found.name} holds NaN or infinity`);
      arrays.set(weight.parameterName, want.planes && index === 0 ? channelsFirst(data, want.planes) : data);
    });
  }
  return arrays;
}

/** What a model's layers require from a file, with the shapes that the arrays have in Keras. */
function wantedLayers(model: ModelDescription): WantedLayer[] {
  let input: readonly number[] = model.inputShape;
  let planes: readonly number[] | undefined;
  return model.layers.flatMap((layer) => {
    const { group, weights } = kerasRule(layer);
    const shapes = new Map(layerParameters(layer, input).map(({ name, shape }) => [name, shape]));
    const before = planes;
    planes = planesAfter(layer, { input, planes });
    input = layerOutputShape(layer, input);
    if (!weights || !group || !("name" in layer)) return [];
    const own = weights.map((weight) => {
      const parameterName = `${layer.name}.${weight.parameter}`;
      const shape = shapes.get(parameterName)!;
      return { ...weight, parameterName, shape: shape.map((_, axis) => shape[weight.axes.indexOf(axis)]!) };
    });
    return [{ name: layer.name, group, weights: own, planes: before }];
  });
}

/** The flattened planes after a layer: Flatten makes them, and the next Dense layer ends them. */
function planesAfter(
  layer: Layer,
  { input, planes }: { input: readonly number[]; planes: readonly number[] | undefined },
): readonly number[] | undefined {
  if (layer.kind === "flatten") return input;
  if (planes && layer.kind === "batchNormalization") throw new Error(`${layer.name} is between Flatten and Dense.`);
  return layer.kind === "dense" ? undefined : planes;
}

/**
 * Layers whose order is known only within their class and network, sorted into the order of the model. Layers that the
 * model does not have are at the end. If several networks have a next layer of the class, the layer that fits is taken.
 * @throws OtherNetworkError if several layers fit, because their order is then unknown.
 */
function inOrderOf(wanted: readonly WantedLayer[], layers: readonly StoredLayer[]): StoredLayer[] {
  const rest = [...layers];
  const taken = wanted.flatMap((want) => {
    const { group, weights } = want;
    // These files number the weights; the names follow from the layer's class.
    const named = (layer: StoredLayer): StoredLayer => ({
      ...layer,
      weights: layer.weights.map((weight, i) => ({ ...weight, role: weights[i]?.role ?? `${i}` })),
    });
    const nextOf = Map.groupBy(
      rest.filter(({ className }) => className === group),
      ({ network }) => network,
    );
    const next = [...nextOf.values()].map(([first]) => first!);
    const fitting = next.length > 1 ? next.filter((layer) => fits(want, named(layer))) : next;
    if (fitting.length > 1) {
      const names = fitting.map(({ name }) => name).join(" and ");
      throw new OtherNetworkError(
        `its layers ${names} both fit ${want.name}, and this layout does not say which is first; model.save("model.h5") says it`,
      );
    }
    const found = fitting[0] ?? next[0];
    if (!found) return rest.splice(0, 1);
    rest.splice(rest.indexOf(found), 1);
    return [named(found)];
  });
  return [...taken, ...rest];
}

function fits({ weights }: WantedLayer, found: StoredLayer): boolean {
  return (
    found.weights.length === weights.length &&
    weights.every(({ role, shape }, index) => {
      const other = found.weights[index]!;
      return other.role === role && other.shape.join() === shape.join();
    })
  );
}

/** For example "depthwise_kernel 3 x 3 x 32 x 1, pointwise_kernel 1 x 1 x 32 x 64, bias 64". */
function inKerasWords(weights: readonly { readonly role?: string; readonly shape: readonly number[] }[]): string {
  const some = weights.slice(0, 6).map(({ role = "", shape }) => `${role} ${shape.join(" x ") || "a number"}`.trim());
  return [...some, ...(weights.length > some.length ? ["and more"] : [])].join(", ");
}

/** The Keras array with its axes in our order. */
function transposed(data: Float32Array, { axes, shape }: { axes: readonly number[]; shape: readonly number[] }) {
  const strides = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
  const ours = axes.map((axis) => ({ length: shape[axis]!, stride: strides[axis]! }));
  return data.map((_, index) => {
    let [rest, place] = [index, 0];
    for (const { length, stride } of ours.toReversed()) {
      place += (rest % length) * stride;
      rest = Math.floor(rest / length);
    }
    return data[place]!;
  });
}

/**
 * Reorders the rows of a weight. Keras flattens features in the order height, width, channels; we flatten them in the
 * order channels, height, width.
 */
function channelsFirst(data: Float32Array, [channels, height, width]: readonly number[]): Float32Array {
  const pixels = height! * width!;
  const rowLength = data.length / (channels! * pixels);
  return data.map((_, index) => {
    const [row, column] = [Math.floor(index / rowLength), index % rowLength];
    const [channel, pixel] = [Math.floor(row / pixels), row % pixels];
    return data[(pixel * channels! + channel) * rowLength + column]!;
  });
}
