/**
 * Rewrites a graph for a device: replaces each operation in the device's table with simpler ones, and copies the rest.
 */
import { Graph, type Node, type Value } from "../../graph/graph.ts";
import type { OpName } from "../../graph/op_names.ts";

/**
 * Emits the replacement of a node into the new graph and returns its results. Returns undefined if the node can stay.
 */
export type Replacement = (inputs: readonly Value[], node: Node) => Value[] | undefined;
export type LoweringTable = { readonly [op in OpName]?: Replacement };

/** Applies the table until nothing more is replaced. A replacement may use operations that must be replaced again. */
export function lower(graph: Graph, table: LoweringTable): Graph {
  let replaced = false;
  const emit: Emit = (node, inputs, result) => {
    const replacement = table[node.op]?.(inputs as Value[], node);
    if (replacement) replaced = true;
    return replacement ?? copyNode(node, inputs, result);
  };
  const result = rewrite(graph, () => true, emit);
  return replaced ? lower(result, table) : result;
}

/** The last result of these operations is omitted if it is unused: computing it takes longer than the rest. */
const WITH_OPTIONAL_RESULT: ReadonlySet<OpName> = new Set(["MaxPool"]);

/** The graph without nodes, optional results and constants that are unused. */
export function prune(graph: Graph): Graph {
  const used = new Set<Value>(graph.outputs.values());
  const kept = new Set<Node>();
  for (const node of [...graph.nodes].reverse()) {
    if (!node.outputs.some((output) => used.has(output))) continue;
    kept.add(node);
    for (const input of node.inputs) if (input) used.add(input);
  }
  const emit: Emit = (node, inputs, result) => {
    const optional = WITH_OPTIONAL_RESULT.has(node.op) && !used.has(node.outputs.at(-1)!);
    return result.emit(node.op, inputs, optional ? node.outputs.slice(0, -1) : node.outputs, node.attributes);
  };
  return rewrite(graph, (thing) => kept.has(thing as Node) || used.has(thing as Value), emit);
}

type Emit = (node: Node, inputs: (Value | undefined)[], result: Graph) => Value[];

const copyNode: Emit = (node, inputs, result) => result.emit(node.op, inputs, node.outputs, node.attributes);

/**
 * Copies the kept nodes and constants of a graph to a new graph, emitting each node again. All inputs and outputs are
 * kept.
 */
function rewrite(graph: Graph, keep: (thing: Node | Value) => boolean, emit: Emit): Graph {
  const result = new Graph();
  const copies = new Map<Value, Value>();
  for (const value of graph.inputs) copies.set(value, result.input(value.name, value.type, value.shape));
  for (const [value, data] of graph.constants) {
    if (keep(value)) copies.set(value, result.constant(data, value.shape, value.name));
  }
  for (const node of graph.nodes) {
    if (!keep(node)) continue;
    const inputs = node.inputs.map((input) => (input ? copies.get(input) : undefined));
    const outputs = emit(node, inputs, result);
    for (const [index, output] of outputs.entries()) copies.set(node.outputs[index]!, output);
  }
  for (const [name, value] of graph.outputs) result.output(name, copies.get(value)!);
  return result;
}
