/**
 * The graph: values, and the nodes that compute them, in an order in which they can run. It checks names; the functions
 * in ops/ check shapes.
 */
import type { OpName } from "./op_names.ts";
import { type Shape, shapeText } from "./shape.ts";

export type ElementType = "float32" | "uint8" | "int32" | "int64" | "bool";
export type TensorData = Float32Array | Uint8Array | BigInt64Array;
export type Attribute = number | string | readonly number[];
export type Attributes = Readonly<Record<string, Attribute>>;

/** The result of a node, an input or a constant. Formulas combine values. */
export interface Value {
  readonly graph: Graph;
  readonly name: string;
  readonly type: ElementType;
  readonly shape: Shape;
}

/** One operation on values. An input may be absent (undefined) if the operation allows it. */
export interface Node {
  readonly op: OpName;
  readonly inputs: readonly (Value | undefined)[];
  readonly outputs: readonly Value[];
  readonly attributes: Attributes;
}

/** The type and shape of an operation's result. */
export interface Result {
  readonly type: ElementType;
  readonly shape: Shape;
}

export class Graph {
  readonly inputs: Value[] = [];
  readonly nodes: Node[] = [];
  readonly outputs = new Map<string, Value>();
  readonly constants = new Map<Value, TensorData>();
  readonly #names = new Set<string>();
  readonly #producers = new Map<Value, Node>();

  /**
   * Adds an input: a value that the caller passes to each run.
   * @throws Error if the graph already has a value with this name.
   */
  input(name: string, type: ElementType, shape: Shape): Value {
    const value = this.#value(name, { type, shape });
    if (value.name !== name) throw new Error(`The graph already has a value "${name}".`);
    this.inputs.push(value);
    return value;
  }

  /** Adds a constant. */
  constant(data: TensorData, shape: Shape, name = "constant"): Value {
    const type = data instanceof Float32Array ? "float32" : data instanceof Uint8Array ? "uint8" : "int64";
    const value = this.#value(name, { type, shape });
    this.constants.set(value, data);
    return value;
  }

  /** Adds a float32 scalar constant. */
  scalar(value: number): Value {
    return this.constant(Float32Array.of(value), [], "scalar");
  }

  /** Adds a constant list of integers (int64), which ONNX requires for axes and shapes. */
  integers(values: readonly number[]): Value {
    return this.constant(BigInt64Array.from(values, BigInt), [values.length], "integers");
  }

  /** Adds a node and returns its results. */
  emit(
    op: OpName,
    inputs: readonly (Value | undefined)[],
    results: readonly Result[],
    attributes: Attributes = {},
  ): Value[] {
    for (const input of inputs) {
      if (input && input.graph !== this) throw new Error(`${op}: the value "${input.name}" belongs to another graph.`);
    }
    const outputs = results.map((result) => this.#value(op.toLowerCase(), result));
    const node = { op, inputs, outputs, attributes };
    this.nodes.push(node);
    for (const output of outputs) this.#producers.set(output, node);
    return outputs;
  }

  /**
   * Declares a value as an output of the graph.
   * @throws Error if the graph already has an output with this name.
   */
  output(name: string, value: Value): void {
    if (this.outputs.has(name)) throw new Error(`The graph already has an output "${name}".`);
    this.outputs.set(name, value);
  }

  /** The node that computes a value; undefined for inputs and constants. */
  producer(value: Value): Node | undefined {
    return this.#producers.get(value);
  }

  /** The graph as text, one line per node, for tests and debugging. */
  toString(): string {
    const show = (value: Value | undefined) => (value ? value.name : "-");
    const declare = (value: Value) => `${value.name}: ${value.type}${shapeText(value.shape)}`;
    return [
      ...this.inputs.map((value) => `input ${declare(value)}`),
      ...this.nodes.map((node) => {
        const attributes = Object.entries(node.attributes).map(([name, value]) => ` ${name}=${String(value)}`);
        const call = `${node.op}(${node.inputs.map(show).join(", ")}${attributes.join("")})`;
        return `${node.outputs.map(declare).join(", ")} = ${call}`;
      }),
      ...[...this.outputs].map(([name, value]) => `output ${name} = ${value.name}`),
    ].join("\n");
  }

  #value(wanted: string, result: Result): Value {
    let name = wanted;
    for (let count = 1; this.#names.has(name); count++) name = `${wanted}_${count}`;
    this.#names.add(name);
    return { graph: this, name, type: result.type, shape: result.shape };
  }
}
