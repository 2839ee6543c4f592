/**
 * ONNX Runtime's execution providers: lists the names in this build, and checks whether a provider really runs a graph.
 */
import { Graph } from "../../graph/graph.ts";
import { toOnnx } from "../../graph/onnx.ts";
import { add } from "../../ops/arithmetic.ts";
import { listSupportedBackends, openNativeSession, Tensor } from "./onnxruntime.ts";

/** The names of the providers, the CPU first. */
export function providerNames(): string[] {
  return listSupportedBackends().map(({ name }) => name);
}

/**
 * Runs a tiny graph on a provider.
 * @throws Error with ONNX Runtime's message if the provider does not start, or leaves the graph to the CPU; Error if
 *   its result is wrong. A faulty driver may even end the process.
 */
export async function tryProvider(name: string): Promise<void> {
  const graph = new Graph();
  const x = graph.input("x", "float32", [4]);
  graph.output("y", add(x, x));
  const session = await openNativeSession(toOnnx(graph), {
    executionProviders: [name],
    logSeverityLevel: 4,
    ...(name === "cpu" ? {} : { extra: { session: { disable_cpu_ep_fallback: "1" } } }),
  });
  const { y } = await session.run({ x: new Tensor("float32", Float32Array.of(1, 2, 3, 4), [4]) });
  const result = Array.from((await y!.getData()) as Float32Array).join(" ");
  await session.release();
  if (result !== "2 4 6 8") throw new Error(`it computes wrong numbers: ${result}`);
}
