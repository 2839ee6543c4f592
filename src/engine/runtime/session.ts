/**
 * The interface of a runtime. A session is a graph, or the bytes of an ONNX file, ready to run on a device. Other files
 * open sessions.
 */
import type { Graph, TensorData } from "../graph/graph.ts";
import type { DeviceName } from "./devices.ts";

/** Numbers that ONNX Runtime accepts and returns. A Uint16Array holds the bits of float16 numbers. */
export type RuntimeData = TensorData | Float64Array | Uint16Array;

/** A tensor in memory: its data, in row-major order, and its shape. */
export interface NamedTensor {
  readonly data: RuntimeData;
  readonly shape: readonly number[];
}

export type Tensors = Readonly<Record<string, NamedTensor>>;

/**
 * A tensor in a device's own memory. `dispose` frees it; call it before the session that created the tensor is closed.
 */
export class DeviceTensor {
  /** @internal The runtime's own tensor. Only the runtime that created it can use it. */
  readonly tensor: { dispose(): void };

  /** @internal */
  constructor(tensor: { dispose(): void }) {
    this.tensor = tensor;
  }

  dispose(): void {
    this.tensor.dispose();
  }
}

/** A session's description of a tensor. Dimensions that differ between runs are strings. */
export interface TensorInfo {
  readonly name: string;
  readonly type: string;
  readonly shape: readonly (number | string)[];
}

/** The inputs of a run. */
export type Feeds = Readonly<Record<string, NamedTensor | DeviceTensor>>;

export interface SessionOptions {
  /** Threads per run. The result does not depend on their number. */
  readonly threads: number;
  /** [cpu] */
  readonly device?: DeviceName;
  /** The results that stay in the device's memory, if the device keeps arrays. */
  readonly keep?: readonly string[];
  /**
   * All results are written to the memory that the caller passes to a run, and to no other memory. On devices that do
   * not support this, the results are copied.
   */
  readonly inPlace?: boolean;
  /** Where to write ONNX Runtime's profile: the prefix of the file name. */
  readonly profilePrefix?: string;
}

/** Lowers a graph for the device and opens it. Each runtime has its own function for this. */
export type OpenGraph = (graph: Graph, options: SessionOptions) => Promise<Session>;

/** The function that opens sessions, and its options. */
export interface RuntimeOptions extends SessionOptions {
  readonly openGraph: OpenGraph;
}

export interface Session {
  /** Names, types and shapes of the inputs. */
  readonly inputs: readonly TensorInfo[];
  /** Names, types and shapes of the outputs. An unknown shape is empty. */
  readonly outputs: readonly TensorInfo[];
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /**
   * Runs once. Results named in `into` are written to that memory, the others to new memory. A session with results in
   * place (inPlace) requires all of them in `into`, and returns none.
   */
  run(feeds: Feeds, into?: Tensors): Promise<Record<string, NamedTensor>>;
  /** Prepares a run that is repeated on the same memory. The session must have been opened with results in place. */
  prepare(feeds: Tensors, into: Tensors): () => Promise<void>;
  /** Runs once. The results that stay on the device are returned separately from those in memory. */
  runKeeping(
    feeds: Feeds,
    into?: Tensors,
  ): Promise<{ results: Record<string, NamedTensor>; kept: Map<string, DeviceTensor> }>;
  /** Frees the memory of the session and ends its profile. */
  close(): Promise<void>;
}
