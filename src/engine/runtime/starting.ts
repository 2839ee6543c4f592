/** Whether a device really starts: a small product is computed on it, because its name in a list promises nothing. */
import { messageOf, UserError } from "../../util/errors.ts";
import { Graph } from "../graph/graph.ts";
import { matMul } from "../ops/linear.ts";
import { DEVICE_NAMES, DEVICES, type DeviceName } from "./devices.ts";
import { Session } from "./session.ts";

/** A device, and why it does not start, in ONNX Runtime's words; without `problem` it does. */
export interface DeviceState {
  readonly device: DeviceName;
  readonly title: string;
  readonly needs: string;
  readonly problem?: string;
}

/** Starts every device in turn. ONNX Runtime does not tell what a GPU is called. */
export async function deviceStates(): Promise<DeviceState[]> {
  const states: DeviceState[] = [];
  for (const device of DEVICE_NAMES) states.push(await deviceState(device));
  return states;
}

/** Starts one device. */
export async function deviceState(device: DeviceName): Promise<DeviceState> {
  const { title, needs } = DEVICES[device];
  const problem = await problemOf(device);
  return { device, title, needs, ...(problem === undefined ? {} : { problem }) };
}

/** @throws UserError where the device does not start. */
export async function requireDevice(device: DeviceName): Promise<void> {
  const { problem, needs } = await deviceState(device);
  if (problem === undefined) return;
  throw new UserError(`The device ${device} does not start (${problem}): it needs ${needs}; or run with --device cpu.`);
}

async function problemOf(device: DeviceName): Promise<string | undefined> {
  const graph = new Graph();
  graph.output("product", matMul(graph.input("a", "float32", [1, 2]), graph.input("b", "float32", [2, 1])));
  try {
    const session = await Session.fromGraph(graph, { threads: 1, device });
    try {
      const { product } = await session.run({
        a: { data: Float32Array.of(2, 3), shape: [1, 2] },
        b: { data: Float32Array.of(5, 7), shape: [2, 1] },
      });
      return product!.data[0] === 31 ? undefined : `it computes 2 * 5 + 3 * 7 = ${product!.data[0]}`;
    } finally {
      await session.close();
    }
  } catch (error) {
    return inShort(messageOf(error));
  }
}

/** The last sentence of ONNX Runtime's message, without places in its source code. */
function inShort(message: string): string {
  const [line = message] = message.trim().split("\n");
  return line.replace(/^.* was false\. /, "").replace(/\.$/, "");
}
