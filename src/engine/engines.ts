/**
 * The training engines by name. All engines run the same step of the same model; callers do not depend on which one
 * runs.
 */
import { UserError } from "../util/errors.ts";
import { ENGINE_NAMES, type EngineName } from "./engine_names.ts";
import { FusedEngine } from "./fused/fused_engine.ts";
import { planFused } from "./fused/plan.ts";
import type { Arrays, ModelDescription } from "./nn/model.ts";
import { DEVICE_NAMES, type DeviceName } from "./runtime/devices.ts";
import { openGraph } from "./runtime/node/session.ts";
import type { SessionOptions } from "./runtime/session.ts";
import { GraphEngine } from "./training/graph_engine.ts";
import type { StepOptions, TrainingEngine } from "./training/step.ts";

/** The number of images in a step, and the number of threads that share them. */
interface BatchShare {
  readonly images: number;
  readonly threads: number;
}

interface Engine {
  /** The devices that the engine runs on. */
  readonly devices: readonly DeviceName[];
  /** Why the engine cannot run a model; undefined if it can. */
  readonly obstacle: (model: ModelDescription) => string | undefined;
  /** @throws UserError if a batch needs more memory than the engine can use. */
  readonly requireMemory: (model: ModelDescription, batch: BatchShare) => void;
  readonly open: (options: StepOptions, arrays: Arrays, session: SessionOptions) => TrainingEngine;
}

/** Fastest first. */
const ENGINES = {
  fused: {
    devices: ["cpu"],
    obstacle(model) {
      const plan = planFused(model);
      return typeof plan === "string" ? plan : undefined;
    },
    requireMemory: (model, batch) => FusedEngine.requireMemory(model, batch),
    open: (options, arrays, session) => new FusedEngine(options, arrays, session),
  },
  graph: {
    devices: DEVICE_NAMES,
    obstacle: () => undefined,
    requireMemory: () => {},
    open: (options, arrays, session) => new GraphEngine(options, arrays, { ...session, openGraph }),
  },
} as const satisfies Record<EngineName, Engine>;

/** The engine that runs a model, and the reason for the choice. */
export interface EngineChoice {
  readonly engine: EngineName;
  readonly reason: string;
}

/** The devices on which an engine can run. */
export function devicesOf(wanted: EngineName | "auto"): readonly DeviceName[] {
  return wanted === "auto" ? DEVICE_NAMES : ENGINES[wanted].devices;
}

/**
 * The requested engine, or for "auto" the fastest engine that runs the model on the device.
 * @throws UserError if the requested engine does not support the model or the device.
 */
export function chooseEngine(
  model: ModelDescription,
  wanted: EngineName | "auto",
  device: DeviceName = "cpu",
): EngineChoice {
  if (wanted !== "auto") {
    if (!devicesOf(wanted).includes(device)) {
      const devices = devicesOf(wanted).join(", ");
      throw new UserError(
        "options-conflict",
        `The ${wanted} engine runs on ${devices}, not on ${device}: leave out --engine, or give --device ${devices}.`,
      );
    }
    const obstacle = ENGINES[wanted].obstacle(model);
    if (obstacle !== undefined)
      throw new UserError("engine-unsupported", `The ${wanted} engine does not run this model: ${obstacle}.`);
    return { engine: wanted, reason: "asked for" };
  }
  const obstacles: string[] = [];
  for (const engine of ENGINE_NAMES) {
    const obstacle = devicesOf(engine).includes(device)
      ? ENGINES[engine].obstacle(model)
      : `it runs on ${devicesOf(engine).join(", ")}`;
    if (obstacle === undefined) {
      return { engine, reason: obstacles.join("; ") || "the fastest that runs the model" };
    }
    obstacles.push(`not ${engine}, because ${obstacle}`);
  }
  throw new Error("No engine runs this model.");
}

/**
 * Checks, before a training begins, that an engine can get enough memory for its largest batch. The choice of the
 * engine must not depend on this check: the memory per thread depends on the number of threads.
 * @throws UserError if the memory is not enough.
 */
export function requireMemory(name: EngineName, model: ModelDescription, batch: BatchShare): void {
  ENGINES[name].requireMemory(model, batch);
}

/**
 * Opens an engine with a model's arrays. To resume a training, pass the optimizer's arrays too; missing optimizer
 * arrays are initialized.
 */
export function openEngine(
  name: EngineName,
  options: StepOptions,
  arrays: Arrays,
  session: SessionOptions,
): TrainingEngine {
  return ENGINES[name].open(options, arrays, session);
}
