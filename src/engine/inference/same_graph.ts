/**
 * Whether a model file holds exactly the computation that the kernels do. The kernels follow the architecture that the
 * file's card names, not the nodes in the file; so a file with other nodes must be refused.
 */
import type { Graph, TensorData, Value } from "../graph/graph.ts";
import { ELEMENT_TYPES } from "../graph/onnx_schema.ts";
import type { OnnxFile, OnnxNode, OnnxTensor } from "../graph/read_onnx.ts";

/**
 * Compares the nodes of a file with those of a graph, in order. Values may have other names. Constants must be equal
 * bit for bit.
 * @param free names of constants whose numbers may be others
 * @throws Error if they differ
 */
export function requireSameGraph(file: OnnxFile, graph: Graph, free: readonly string[]): void {
  const names = namesInFile(file, graph, free);
  const sizesAreSame = file.nodes.length === graph.nodes.length && file.tensors.length === graph.constants.size;
  if (!sizesAreSame || ![...graph.outputs].every(([name, value]) => names?.get(value) === name)) {
    throw new Error("its graph is not the one that this version writes for its architecture");
  }
}

/**
 * Compares the first nodes of a file, and the constants that they use, with a graph. Returns the name that the graph's only
 * output has in the file, or undefined if they differ.
 */
export function lastNameOfStart(file: OnnxFile, graph: Graph): string | undefined {
  const [output] = graph.outputs.values();
  return namesInFile(file, graph, [])?.get(output!);
}

/** The name in the file of each value of the graph; undefined if the file's first nodes are not those of the graph. */
function namesInFile(file: OnnxFile, graph: Graph, free: readonly string[]): Map<Value, string> | undefined {
  const names = new Map<Value, string>();
  const values = new Map<string, Value>();
  /** Whether a name stands for this value and no other. */
  const same = (name: string, value: Value | undefined): boolean => {
    if (value === undefined || name === "") return value === undefined && name === "";
    if (!names.has(value) && !values.has(name)) {
      names.set(value, name);
      values.set(name, value);
    }
    return names.get(value) === name && values.get(name) === value;
  };
  const inputsAreSame = graph.inputs.every((value) => same(value.name, value));
  const nodesAreSame =
    file.nodes.length >= graph.nodes.length &&
    graph.nodes.every((node, place) => {
      const { op, inputs, outputs, attributes } = file.nodes[place]!;
      return (
        op === node.op &&
        haveSameLength(inputs, node.inputs) &&
        inputs.every((name, index) => same(name, node.inputs[index])) &&
        haveSameLength(outputs, node.outputs) &&
        outputs.every((name, index) => same(name, node.outputs[index])) &&
        haveSameAttributes(attributes, node.attributes)
      );
    });
  const tensors = new Map(file.tensors.map((tensor) => [tensor.name, tensor]));
  const constantsAreSame = [...graph.constants].every(([value, data]) =>
    isSameTensor(tensors.get(names.get(value) ?? value.name), value, free.includes(value.name) ? undefined : data),
  );
  return inputsAreSame && nodesAreSame && constantsAreSame ? names : undefined;
}

const haveSameLength = (one: readonly unknown[], other: readonly unknown[]) => one.length === other.length;

function haveSameAttributes(own: OnnxNode["attributes"], expected: OnnxNode["attributes"]): boolean {
  const keys = Object.keys(expected);
  return haveSameLength(keys, Object.keys(own)) && keys.every((key) => textOf(own[key]) === textOf(expected[key]));
}

/** Floats are written with 32 bits. */
const textOf = (value: unknown): string =>
  JSON.stringify(typeof value === "number" ? Math.fround(value) : value) ?? "absent";

function isSameTensor(tensor: OnnxTensor | undefined, value: Value, data: TensorData | undefined): boolean {
  if (tensor === undefined || tensor.type !== ELEMENT_TYPES[value.type]) return false;
  if (textOf(tensor.shape) !== textOf(value.shape)) return false;
  if (data === undefined) return true;
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return bytes.length === tensor.data.length && bytes.every((byte, place) => byte === tensor.data[place]);
}
