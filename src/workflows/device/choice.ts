/** Chooses the device of a command: the requested one, or the fastest that works. */
import { type ModelPlace, type OpenModel, openModelFile, readModelFile } from "../../artifacts/open_model.ts";
import { IMAGES_PER_BLOCK } from "../../engine/classification/lanes.ts";
import { DEVICE_NAMES, DEVICES, type Device, type DeviceName } from "../../engine/runtime/devices.ts";
import { messageOf, UserError } from "../../util/errors.ts";

/** A device, and the reason for choosing it. */
export interface DeviceChoice {
  readonly device: DeviceName;
  readonly reason: string;
}

/** A sample of the work, opened on one device, for timing. */
export interface Trial {
  run(): Promise<unknown>;
  close(): Promise<void>;
}

export interface DeviceQuestion {
  readonly wanted: DeviceName | "auto";
  /** The devices that support the work; all by default. */
  readonly among?: readonly DeviceName[];
  readonly open: (device: DeviceName) => Promise<Trial>;
  readonly signal: AbortSignal;
}

const TIMED_RUNS = 3;

/** @throws UserError if the requested device does not start. */
export async function chooseDevice(question: DeviceQuestion): Promise<DeviceChoice> {
  const { wanted, signal } = question;
  if (wanted === "auto") return fastestDevice(question);
  const problem = await problemOf(wanted, signal);
  if (problem === undefined) return { device: wanted, reason: "as --device says" };
  const { needs }: Device = DEVICES[wanted];
  throw new UserError(
    "device-unavailable",
    `The device ${wanted} does not start (${problem}): it needs ${needs}; fix that, or run with --device cpu.`,
  );
}

/**
 * Times the work itself, because a device's name is not enough: a software GPU (SwiftShader, llvmpipe) starts like a
 * real one, and a small GPU may be slower than the CPU.
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

/**
 * Why a device does not start; undefined if it does. The check runs in a separate process, so that a faulty driver can
 * only crash that process.
 */
async function problemOf(device: DeviceName, signal: AbortSignal): Promise<string | undefined> {
  const { needs }: Device = DEVICES[device];
  if (needs === undefined) return undefined;
  const { askProbe } = await import("./health_check.ts");
  return (await askProbe("provider", device, signal)).problem;
}

/** The fastest of three runs after one warm-up run. Stops early if the device is far slower than the fastest so far. */
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
 * Reads a model file once, and opens it on the requested or the fastest device.
 * @throws UserError if the file is not a model of this package, or the device does not start.
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
    return { run: () => classifier.classify(IMAGES_PER_BLOCK, () => {}), close: () => classifier.close() };
  };
  // Refuse a bad file before trying any device.
  if (wanted === "auto") await (await trial("cpu")).close();
  const choice = await chooseDevice({ wanted, open: trial, signal });
  return { ...choice, ...(await open(choice.device)) };
}
