/** The weights at the start of a training. */
import { RandomStream } from "../../system/random.ts";
import { sizeOf } from "../graph/shape.ts";
import { type Arrays, type ModelDescription, parametersOf } from "./model.ts";

/**
 * New arrays: Glorot-uniform weights, each from a separate random stream of the seed, and constant biases and
 * statistics.
 */
export function initialize(model: ModelDescription, seed: number): Arrays {
  return new Map(
    parametersOf(model).map(({ name, shape, initializer }) => {
      const array = new Float32Array(sizeOf(shape));
      if (typeof initializer === "number") return [name, array.fill(initializer)];
      const limit = Math.sqrt(6 / (initializer.fanIn + initializer.fanOut));
      const random = new RandomStream(seed, "initialize", name);
      return [name, array.map(() => random.uniform(-limit, limit))];
    }),
  );
}
