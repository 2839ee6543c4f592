/** What a runtime does for us: a session is a graph, or the bytes of an ONNX file, ready to run on a device. Who opens it is left to others. */
import type { Graph, TensorData } from "../graph/graph.ts";
import type { DeviceName } from "./devices.ts";

/** Numbers that ONNX Runtime takes and gives; a Uint16Array holds the bits of float16 numbers. */
export type RuntimeData = TensorData | Float64Array | Uint16Array;

/** A tensor in memory: its data, in row-major order, and its shape. */
export interface NamedTensor {
  readonly data: RuntimeData;
  readonly shape: readonly number[];
}

export type Tensors = Readonly<Record<string, NamedTensor>>;

/** A tensor in a device's own memory, which `dispose` frees: do so before the session that made it is closed. */
export class DeviceTensor {
  /** @internal The runtime's own tensor: only the runtime that made it knows more of it. */
  readonly tensor: { dispose(): void };

  /** @internal */
  constructor(tensor: { dispose(): void }) {
    this.tensor = tensor;
  }

  dispose(): void {
    this.tensor.dispose();
  }
}

/** What a session says of a tensor; dimensions that differ from run to run are texts. */
export interface TensorInfo {
  readonly name: string;
  readonly type: string;
  readonly shape: readonly (number | string)[];
}

/** What a session reads. */
export type Feeds = Readonly<Record<string, NamedTensor | DeviceTensor>>;

export interface SessionOptions {
  /** Threads of one run; the result does not depend on them. */
  readonly threads: number;
  /** [cpu] */
  readonly device?: DeviceName;
  /** The results that stay in the device's memory, if it keeps arrays. */
  readonly keep?: readonly string[];
  /**
   * All results go to the memory that a run is given for them, and to no other. On devices that cannot do so the results
   * are copied.
   */
  readonly inPlace?: boolean;
  /** Where to write ONNX Runtime's profile: a prefix of the file's name. */
  readonly profilePrefix?: string;
}

/** Lowers a graph for the device and opens it, which each runtime does in its own way. */
export type OpenGraph = (graph: Graph, options: SessionOptions) => Promise<Session>;

/** What opens sessions, and how. */
export interface RuntimeOptions extends SessionOptions {
  readonly openGraph: OpenGraph;
}

export interface Session {
  /** The names, types and shapes of what the session wants. */
  readonly inputs: readonly TensorInfo[];
  /** Likewise of what it gives; a shape that it does not know is empty. */
  readonly outputs: readonly TensorInfo[];
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /**
   * Runs once. Results named in `into` are written to that memory, the others to new memory; a session that was opened for
   * results in place wants all of them there, and returns none.
   */
  run(feeds: Feeds, into?: Tensors): Promise<Record<string, NamedTensor>>;
  /** A run on the same memory again and again, of a session that was opened for results in place. */
  prepare(feeds: Tensors, into: Tensors): () => Promise<void>;
  /** Runs once; the results that stay on the device come apart from those in memory. */
  runKeeping(
    feeds: Feeds,
    into?: Tensors,
  ): Promise<{ results: Record<string, NamedTensor>; kept: Map<string, DeviceTensor> }>;
  /** Frees the memory of the session, and ends its profile. */
  close(): Promise<void>;
}
