/** The one door to ONNX Runtime: a graph, or the bytes of an ONNX file, ready to run on a device. */
import { env, InferenceSession, Tensor } from "onnxruntime-node";
import type { ElementType, Graph, TensorData } from "../graph/graph.ts";
import { toOnnx } from "../graph/onnx.ts";
import { CPU_LOWERING } from "./lowering/cpu.ts";
import { lower, prune } from "./lowering/lower.ts";

/** The version of ONNX Runtime. */
export const RUNTIME_VERSION = env.versions.node ?? "unknown";

/** A tensor in memory: its data, in row-major order, and its shape. */
export interface NamedTensor {
  readonly data: TensorData;
  readonly shape: readonly number[];
}

export type Tensors = Readonly<Record<string, NamedTensor>>;

export interface SessionOptions {
  /** Threads of one run; the result does not depend on them. */
  readonly threads: number;
  /** Where to write ONNX Runtime's profile: a prefix of the file's name. */
  readonly profilePrefix?: string;
}

export class Session {
  readonly #session: InferenceSession;

  private constructor(session: InferenceSession) {
    this.#session = session;
  }

  /** Lowers a graph for the CPU and opens it. */
  static fromGraph(graph: Graph, options: SessionOptions): Promise<Session> {
    return Session.fromBytes(toOnnx(lowerForCpu(graph)), options);
  }

  /** Opens the bytes of an ONNX file. */
  static async fromBytes(bytes: Uint8Array, options: SessionOptions): Promise<Session> {
    const session = await InferenceSession.create(bytes, {
      executionProviders: ["cpu"],
      intraOpNumThreads: options.threads,
      interOpNumThreads: 1,
      graphOptimizationLevel: "all",
      logSeverityLevel: 3,
      ...(options.profilePrefix === undefined
        ? {}
        : { enableProfiling: true, profileFilePrefix: options.profilePrefix }),
    });
    return new Session(session);
  }

  /** The names, types and shapes of what the session wants. */
  get inputs(): { name: string; type: string; shape: readonly (number | string)[] }[] {
    return this.#session.inputMetadata.flatMap((input) =>
      input.isTensor ? [{ name: input.name, type: input.type, shape: input.shape }] : [],
    );
  }

  get inputNames(): readonly string[] {
    return this.#session.inputNames;
  }

  get outputNames(): readonly string[] {
    return this.#session.outputNames;
  }

  /** Runs once. Results named in `into` are written to that memory, the others to new memory. */
  async run(feeds: Tensors, into: Tensors = {}): Promise<Record<string, NamedTensor>> {
    const fetches = Object.fromEntries(
      this.#session.outputNames.map((name) => [name, into[name] ? tensorOf(into[name]) : null]),
    );
    const results = await this.#session.run(mapTensors(feeds), fetches);
    return Object.fromEntries(
      Object.entries(results).map(([name, tensor]) => [name, { data: tensor.data as TensorData, shape: tensor.dims }]),
    );
  }

  /** Frees the memory of the session, and ends its profile. */
  async close(): Promise<void> {
    this.#session.endProfiling();
    await this.#session.release();
  }
}

/** The graph as ONNX operations that the CPU runs. */
export function lowerForCpu(graph: Graph): Graph {
  return prune(lower(prune(graph), CPU_LOWERING));
}

function mapTensors(tensors: Tensors): Record<string, Tensor> {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, tensorOf(tensor)]));
}

function tensorOf({ data, shape }: NamedTensor): Tensor {
  const type: ElementType = data instanceof Float32Array ? "float32" : data instanceof Uint8Array ? "uint8" : "int64";
  return new Tensor(type, data as Float32Array, shape);
}
