/** Reverse-mode differentiation: walks back over the graph once and adds the nodes that compute the gradients. */
import type { Graph, Node, Value } from "../graph/graph.ts";
import { add } from "../ops/arithmetic.ts";
import { GRADIENT_RULES } from "./rules.ts";

/**
 * The gradients of a scalar with respect to each value in `by`, as values of the same graph.
 * @throws Error if `loss` is not a scalar, does not depend on one of the values, or depends on it through an operation
 *   that has no gradient.
 */
export function differentiate(loss: Value, by: readonly Value[]): Value[] {
  if (loss.shape.length > 0) throw new Error("Only a scalar can be differentiated.");
  const { graph } = loss;
  const dependent = dependents(graph, by);
  const gradients = new Map<Value, Value>([[loss, graph.scalar(1)]]);
  for (const node of [...graph.nodes].reverse()) {
    if (node.outputs.some((output) => dependent.has(output) && gradients.has(output))) {
      propagate(node, gradients, dependent);
    }
  }
  return by.map((value) => {
    const gradient = gradients.get(value);
    if (!gradient) throw new Error(`The loss does not depend on "${value.name}".`);
    return gradient;
  });
}

/** The values that depend on the given ones, including these. */
function dependents(graph: Graph, by: readonly Value[]): Set<Value> {
  const found = new Set(by);
  for (const node of graph.nodes) {
    if (GRADIENT_RULES[node.op] === "zero") continue;
    if (node.inputs.some((input) => input && found.has(input))) for (const output of node.outputs) found.add(output);
  }
  return found;
}

function propagate(node: Node, gradients: Map<Value, Value>, dependent: ReadonlySet<Value>): void {
  const rule = GRADIENT_RULES[node.op];
  if (rule === "zero") return;
  if (rule === "forbidden") throw new Error(`The operation ${node.op} has no gradient.`);
  const x = node.inputs as Value[];
  const outputGradients = node.outputs.map((output) => gradients.get(output));
  const needed = x.map((input) => dependent.has(input));
  const context = { node, x, y: node.outputs, gradients: outputGradients, needed };
  const inputGradients = rule(outputGradients[0]!, context);
  inputGradients.forEach((gradient, index) => {
    if (!gradient || !needed[index]) return;
    const sum = gradients.get(x[index]!);
    gradients.set(x[index]!, sum ? add(sum, gradient) : gradient);
  });
}
