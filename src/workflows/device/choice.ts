/** Which device a command runs on: the one asked for, or the fastest that really starts. */
import { type ModelPlace, type OpenModel, openModelFile, readModelFile } from "../../artifacts/open_model.ts";
import { DEVICE_NAMES, DEVICES, type Device, type DeviceName } from "../../engine/runtime/devices.ts";
import { messageOf, UserError } from "../../util/errors.ts";
import { askProbe } from "./health_check.ts";

/** A device, and why it was taken. */
export interface DeviceChoice {
  readonly device: DeviceName;
  readonly reason: string;
}

/** A piece of the work at hand, opened on one device, to be timed. */
export interface Trial {
  run(): Promise<unknown>;
  close(): Promise<void>;
}

export interface DeviceQuestion {
  readonly wanted: DeviceName | "auto";
  /** The devices that can do the work. */
  readonly among?: readonly DeviceName[];
  readonly open: (device: DeviceName) => Promise<Trial>;
  readonly signal: AbortSignal;
}

const TIMED_RUNS = 3;

/** @throws UserError if the device asked for does not start. */
export async function chooseDevice(question: DeviceQuestion): Promise<DeviceChoice> {
  const { wanted, signal } = question;
  if (wanted === "auto") return fastestDevice(question);
  const problem = await problemOf(wanted, signal);
  if (problem === undefined) return { device: wanted, reason: "as --device says" };
  const { needs }: Device = DEVICES[wanted];
  throw new UserError(
    "device-unavailable",
    `The device ${wanted} does not start (${problem}): it needs ${needs}; see to that, or run with --device cpu.`,
  );
}

/**
 * Times the work itself, since a name says nothing: a GPU in software (SwiftShader, llvmpipe) starts like a real one, and a
 * small GPU may be slower than the CPU.
 */
async function fastestDevice({ among = DEVICE_NAMES, open, signal }: DeviceQuestion): Promise<DeviceChoice> {
  const starting: DeviceName[] = [];
  const without: string[] = [];
  for (const device of among) {
    if ((await problemOf(device, signal)) === undefined) starting.push(device);
    else without.push(`${device} does not start`);
  }
  if (starting.length === 1) return { device: starting[0]!, reason: ["the only choice", ...without].join("; ") };
  let best: { device: DeviceName; time: number } | undefined;
  const times: string[] = [];
  for (const device of starting) {
    try {
      const time = await bestMilliseconds(await open(device), best?.time ?? Number.POSITIVE_INFINITY, signal);
      times.push(`${device} ${time < 10 ? time.toFixed(1) : Math.round(time)} ms`);
      if (!best || time < best.time) best = { device, time };
    } catch (error) {
      signal.throwIfAborted();
      without.push(`${device} fails (${messageOf(error)})`);
    }
  }
  if (!best) throw new Error(`No device does the work: ${without.join("; ")}.`);
  return { device: best.device, reason: [`the fastest of ${times.join(", ")}`, ...without].join("; ") };
}

/** Why a device does not start; a process of its own tries it, so that a faulty driver ends only that one. */
async function problemOf(device: DeviceName, signal: AbortSignal): Promise<string | undefined> {
  const { needs }: Device = DEVICES[device];
  return needs === undefined ? undefined : (await askProbe("provider", device, signal)).problem;
}

/** Of three runs after one to warm up, or fewer if the device is far slower than another. */
async function bestMilliseconds(trial: Trial, fastest: number, signal: AbortSignal): Promise<number> {
  try {
    await trial.run();
    let best = Number.POSITIVE_INFINITY;
    for (let run = 0; run < TIMED_RUNS; run++) {
      signal.throwIfAborted();
      const start = performance.now();
      await trial.run();
      best = Math.min(best, performance.now() - start);
      if (best > 4 * fastest) break;
    }
    return best;
  } finally {
    await trial.close();
  }
}

/**
 * Reads a model file, once, and opens it on the device asked for, or the fastest.
 * @throws UserError if the file is no model of ours, or the device does not start.
 */
export async function openModelOnDevice(
  location: ModelPlace,
  { wanted, threads }: { wanted: DeviceName | "auto"; threads: number },
  signal: AbortSignal,
): Promise<OpenModel & DeviceChoice> {
  const file = await readModelFile(location);
  const open = (device: DeviceName) => openModelFile(file, { threads, device });
  const trial = async (device: DeviceName): Promise<Trial> => {
    const { classifier } = await open(device);
    return { run: () => classifier.classify(1, () => {}), close: () => classifier.close() };
  };
  // What is wrong with the file is refused before any device is tried.
  if (wanted === "auto") await (await trial("cpu")).close();
  const choice = await chooseDevice({ wanted, open: trial, signal });
  return { ...choice, ...(await open(choice.device)) };
}
