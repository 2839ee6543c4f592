/**
 * The arrays of a training in a device's own memory. The results of a step are the inputs of the next one, without a
 * transfer.
 */
import { Graph } from "../graph/graph.ts";
import type { Arrays } from "../nn/model.ts";
import { identity } from "../ops/arithmetic.ts";
import { DeviceTensor, type Feeds, type NamedTensor, type RuntimeOptions, type Session } from "../runtime/session.ts";
import type { StepOptions } from "./step.ts";
import { type ArrayStore, initialArrays, pick } from "./step_arrays.ts";
import { stateSpecs, updatedName } from "./step_graph.ts";

/** The name of an array's output in the copying graph. It must differ from the input's name. */
const copyName = (name: string): string => `${name}/copy`;

export class DeviceArrays implements ArrayStore {
  readonly #options: StepOptions;
  readonly #runtime: RuntimeOptions;
  /** In memory before the first step, on the device afterwards. */
  #current: ReadonlyMap<string, NamedTensor | DeviceTensor>;
  #copying: Promise<Session> | undefined;

  /**
   * @param arrays the model's arrays, and the optimizer's to resume a training; missing optimizer arrays are
   *   initialized
   */
  constructor(options: StepOptions, arrays: Arrays, runtime: RuntimeOptions) {
    this.#options = options;
    this.#runtime = runtime;
    this.#current = initialArrays(options, arrays);
  }

  feeds(inputNames: readonly string[]): Feeds {
    return pick(this.#current, inputNames);
  }

  results(): Record<string, never> {
    return {};
  }

  swap(kept: ReadonlyMap<string, DeviceTensor>): void {
    const next = new Map([...this.#current.keys()].map((name) => [name, kept.get(updatedName(name))!]));
    this.#dispose();
    this.#current = next;
  }

  /** onnxruntime-node cannot read a device's memory. A graph that copies its inputs to its outputs can. */
  async snapshot(): Promise<Arrays> {
    this.#copying ??= this.#openCopying();
    const results = await (await this.#copying).run(Object.fromEntries(this.#current));
    return new Map([...this.#current.keys()].map((name) => [name, results[copyName(name)]!.data as Float32Array]));
  }

  async close(): Promise<void> {
    this.#dispose();
    this.#current = new Map();
    await (await this.#copying)?.close();
  }

  #dispose(): void {
    for (const tensor of this.#current.values()) if (tensor instanceof DeviceTensor) tensor.dispose();
  }

  #openCopying(): Promise<Session> {
    const graph = new Graph();
    for (const { name, shape } of stateSpecs(this.#options)) {
      graph.output(copyName(name), identity(graph.input(name, "float32", shape)));
    }
    return this.#runtime.openGraph(graph, this.#runtime);
  }
}
