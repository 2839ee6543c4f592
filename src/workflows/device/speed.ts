/** A short speed test of the training step, on random patches. */
import type { EngineName } from "../../engine/engine_names.ts";
import { openEngine } from "../../engine/engines.ts";
import { MODELS } from "../../engine/models/table.ts";
import { initialize } from "../../engine/nn/initialize.ts";
import { RECORD_BYTES, RECORD_SIZE_PIXELS } from "../../histology/dataset/record.ts";
import { threadsOf } from "../../options/thread_count.ts";
import { RandomStream } from "../../system/random.ts";

const MODEL = MODELS.cancernet;
const BATCH_SIZE = 32;
const WARM_UP_STEPS = 3;
const SECONDS = 1;

/**
 * Trains CancerNet for about a second in batches of 32, without augmentation. Returns patches per second.
 * @throws Error if the engine does not run.
 */
export async function measureEngine(name: EngineName): Promise<number> {
  const imageSize = [RECORD_SIZE_PIXELS, RECORD_SIZE_PIXELS] as const;
  const options = { model: MODEL, imageSize, weightDecay: 0, dropout: true, move: false, recolour: false };
  const engine = openEngine(name, { ...options, optimizer: "adagrad" }, initialize(MODEL, 1), {
    threads: threadsOf({}),
  });
  const random = new RandomStream(1, "doctor");
  const labels = Array.from({ length: BATCH_SIZE }, () => random.integer(2));
  const batch = {
    images: random.bytes(BATCH_SIZE * RECORD_BYTES),
    targets: Float32Array.from(labels.flatMap((label) => [1 - label, label])),
    weights: new Float32Array(BATCH_SIZE).fill(1),
    randomBytes: (length: number) => random.bytes(length),
    learningRate: 0.01,
  };
  try {
    let step = 0;
    const run = async (): Promise<void> => {
      await engine.step({ ...batch, step: step++ });
    };
    while (step < WARM_UP_STEPS) await run();
    const start = performance.now();
    const elapsedSeconds = () => (performance.now() - start) / 1000;
    while (elapsedSeconds() < SECONDS) await run();
    return ((step - WARM_UP_STEPS) * BATCH_SIZE) / elapsedSeconds();
  } finally {
    await engine.close();
  }
}
