/** The training engines by name: ways to run the same step of the same model; the callers do not know which one runs. */
import { FusedEngine } from "./fused/fused_engine.ts";
import { planFused } from "./fused/plan.ts";
import type { Arrays, ModelDescription } from "./nn/model.ts";
import type { SessionOptions } from "./runtime/session.ts";
import { GraphEngine } from "./training/graph_engine.ts";
import type { StepOptions, TrainingEngine } from "./training/step.ts";

interface Engine {
  /** Why it cannot run a model; undefined where it can. */
  readonly obstacle: (model: ModelDescription) => string | undefined;
  readonly open: (options: StepOptions, arrays: Arrays, session: SessionOptions) => TrainingEngine;
}

/** The fastest first. */
const ENGINES = {
  fused: {
    obstacle(model) {
      const plan = planFused(model);
      return typeof plan === "string" ? plan : undefined;
    },
    open: (options, arrays, session) => new FusedEngine(options, arrays, session),
  },
  graph: {
    obstacle: () => undefined,
    open: (options, arrays, session) => new GraphEngine(options, arrays, session),
  },
} as const satisfies Record<string, Engine>;

export type EngineName = keyof typeof ENGINES;
export const ENGINE_NAMES = Object.keys(ENGINES) as [EngineName, ...EngineName[]];

/** Which engine runs a model, and why. */
export interface EngineChoice {
  readonly engine: EngineName;
  readonly reason: string;
}

/**
 * The engine that was asked for, or the fastest that runs the model.
 * @throws Error with a sentence where the one asked for does not run it.
 */
export function chooseEngine(model: ModelDescription, wanted: EngineName | "auto"): EngineChoice {
  if (wanted !== "auto") {
    const obstacle = ENGINES[wanted].obstacle(model);
    if (obstacle !== undefined) throw new Error(`The ${wanted} engine does not run this model: ${obstacle}.`);
    return { engine: wanted, reason: "asked for" };
  }
  const obstacles: string[] = [];
  for (const engine of ENGINE_NAMES) {
    const obstacle = ENGINES[engine].obstacle(model);
    if (obstacle === undefined) {
      return { engine, reason: obstacles.join("; ") || "the fastest that runs the model" };
    }
    obstacles.push(`not ${engine}, because ${obstacle}`);
  }
  throw new Error("No engine runs this model.");
}

/** Opens an engine with a model's arrays, and the optimizer's where a training goes on; missing ones start fresh. */
export function openEngine(
  name: EngineName,
  options: StepOptions,
  arrays: Arrays,
  session: SessionOptions,
): TrainingEngine {
  return ENGINES[name].open(options, arrays, session);
}
