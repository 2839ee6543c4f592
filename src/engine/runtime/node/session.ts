/** Opens and runs sessions of onnxruntime-node. */
import { messageOf } from "../../../util/errors.ts";
import type { Graph } from "../../graph/graph.ts";
import { DEVICES, type Device, lowerFor } from "../devices.ts";
import {
  DeviceTensor,
  type Feeds,
  type NamedTensor,
  type RuntimeData,
  type Session,
  type SessionOptions,
  type TensorInfo,
  type Tensors,
} from "../session.ts";
import {
  env,
  type NativeSession,
  type NativeSessionOptions,
  openNativeSession,
  Tensor,
  type ValueMetadata,
} from "./onnxruntime.ts";

export const RUNTIME_VERSION = env.versions.node ?? "unknown";

// Errors are thrown; without this, ONNX Runtime would also print them.
env.logLevel = "fatal";
const FATAL = 4;

const described = (value: ValueMetadata): TensorInfo[] =>
  value.isTensor ? [{ name: value.name, type: value.type, shape: value.shape }] : [];

/**
 * onnxruntime-node copies each result to a new array, even if it was given memory and has written the result there
 * (onnxruntime#32346). The copies cost as much as the work itself, and the garbage collector must free them.
 * onnxruntime-node copies one result after the other, and stops at a result whose type it cannot copy. A session with
 * all results in place therefore has such a result before the others.
 */
const UNCOPIED = "uncopied";
const CANNOT_COPY = /Non tensor type/;

/** Lowers a graph for the device and opens it. The writer of ONNX files is loaded here: a model file needs none. */
export async function openGraph(graph: Graph, options: SessionOptions): Promise<Session> {
  const { toOnnx } = await import("../../graph/onnx.ts");
  const device = options.device ?? "cpu";
  const inPlace = options.inPlace && DEVICES[device].writesInPlace;
  return openOnnx(toOnnx(lowerFor(device, graph), inPlace ? { sequenceOutput: UNCOPIED } : {}), options);
}

/**
 * Opens the bytes of an ONNX file, or the file at a path, from any source. Data in other files must be in the same
 * folder.
 * @throws Error if ONNX Runtime does not accept the file, or the device does not start or cannot run every operation.
 */
export async function openOnnx(model: Uint8Array | string, options: SessionOptions): Promise<Session> {
  const device: Device = DEVICES[options.device ?? "cpu"];
  const kept = device.keepsArrays ? (options.keep ?? []) : [];
  const sessionOptions: NativeSessionOptions = {
    ...device.session,
    intraOpNumThreads: options.threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: "all",
    logSeverityLevel: FATAL,
    ...(kept.length === 0
      ? {}
      : { preferredOutputLocation: Object.fromEntries(kept.map((name) => [name, "gpu-buffer" as const])) }),
    ...(options.profilePrefix === undefined ? {} : { enableProfiling: true, profileFilePrefix: options.profilePrefix }),
  };
  return new NodeSession(await openNativeSession(model, sessionOptions), kept.length > 0);
}

class NodeSession implements Session {
  readonly #session: NativeSession;
  readonly #keeps: boolean;
  readonly #inPlace: boolean;

  constructor(session: NativeSession, keeps: boolean) {
    this.#session = session;
    this.#keeps = keeps;
    this.#inPlace = session.outputNames.includes(UNCOPIED);
  }

  get inputs(): TensorInfo[] {
    return this.#session.inputMetadata.flatMap(described);
  }

  get outputs(): TensorInfo[] {
    return this.#session.outputMetadata.flatMap(described);
  }

  get inputNames(): readonly string[] {
    return this.#session.inputNames;
  }

  get outputNames(): readonly string[] {
    return this.#session.outputNames.filter((name) => name !== UNCOPIED);
  }

  async run(feeds: Feeds, into: Tensors = {}): Promise<Record<string, NamedTensor>> {
    return (await this.runKeeping(feeds, into)).results;
  }

  prepare(feeds: Tensors, into: Tensors): () => Promise<void> {
    const [inputs, outputs] = [mapTensors(feeds), mapTensors(into)];
    return () => this.#runInPlace(inputs, outputs);
  }

  async runKeeping(
    feeds: Feeds,
    into: Tensors = {},
  ): Promise<{ results: Record<string, NamedTensor>; kept: Map<string, DeviceTensor> }> {
    if (this.#inPlace) {
      await this.#runInPlace(mapTensors(feeds), mapTensors(into));
      return { results: {}, kept: new Map() };
    }
    const fetches = Object.fromEntries(
      this.#session.outputNames.map((name) => [name, into[name] && !this.#keeps ? tensorOf(into[name]) : null]),
    );
    const results: Record<string, NamedTensor> = {};
    const kept = new Map<string, DeviceTensor>();
    for (const [name, tensor] of Object.entries(await this.#session.run(mapTensors(feeds), fetches))) {
      if (tensor.location !== "cpu") kept.set(name, new DeviceTensor(tensor));
      else results[name] = { data: dataOf(tensor), shape: tensor.dims };
    }
    // A session that keeps some results on the device does not write the others to the given memory.
    if (this.#keeps) for (const [name, { data }] of Object.entries(into)) copy(results[name]!.data, data);
    return { results, kept };
  }

  async #runInPlace(feeds: Record<string, Tensor>, into: Record<string, Tensor>): Promise<void> {
    try {
      await this.#session.run(feeds, this.#inPlace ? { [UNCOPIED]: null, ...into } : into);
    } catch (error) {
      if (!CANNOT_COPY.test(messageOf(error))) throw error;
    }
  }

  async close(): Promise<void> {
    this.#session.endProfiling();
    await this.#session.release();
  }
}

function copy(from: RuntimeData, into: RuntimeData): void {
  (into as Float32Array).set(from as Float32Array);
}

function mapTensors(tensors: Feeds): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => [
      name,
      tensor instanceof DeviceTensor ? (tensor.tensor as Tensor) : tensorOf(tensor),
    ]),
  );
}

const TYPES: readonly (readonly [new (length: number) => RuntimeData, Tensor.Type])[] = [
  [Float32Array, "float32"],
  [Uint8Array, "uint8"],
  [BigInt64Array, "int64"],
  [Float64Array, "float64"],
  [Uint16Array, "float16"],
];

function tensorOf({ data, shape }: NamedTensor): Tensor {
  const [, type] = TYPES.find(([array]) => data instanceof array)!;
  const tensor = new Tensor(type as "float32", data as Float32Array, shape);
  // From Node 24 on, the tensor holds float16 numbers as a Float16Array, which ONNX Runtime's native code cannot read.
  if (type === "float16") Object.defineProperty(tensor, "data", { value: data });
  return tensor;
}

function dataOf({ type, data }: Tensor): RuntimeData {
  if (type !== "float16") return data as RuntimeData;
  const { buffer, byteOffset, length } = data as Uint16Array;
  return new Uint16Array(buffer, byteOffset, length);
}
