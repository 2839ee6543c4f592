/**
 * The benchmark: our speed beside PyTorch's, in turns on the same cores in one run, as patches a second and as a ratio.
 * npm run bench [-- --threads 2 --rounds 15]
 */
import { availableParallelism, cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { ENGINE_NAMES } from "../src/engine/engines.ts";
import { tableLines } from "../src/util/table.ts";
import { startPrediction, startTrainingStep } from "./ours.ts";
import { type Contender, findPytorch, PYTORCH_MISSING, startPytorch } from "./peer.ts";

const { values } = parseArgs({
  options: {
    threads: { type: "string", default: String(availableParallelism()) },
    rounds: { type: "string", default: "15" },
  },
});
const threads = Number(values.threads);
const rounds = Number(values.rounds);
const LAYOUTS = ["nchw", "channels_last"];
/** Steps in one turn: long enough to be timed, short enough that a busy second hits both sides alike. */
const TURNS = [
  { title: "training step", work: "step", batch: 32, steps: 5 },
  { title: "training step", work: "step", batch: 128, steps: 2 },
  { title: "prediction", work: "predict", batch: 32, steps: 20 },
  { title: "prediction", work: "predict", batch: 512, steps: 2 },
] as const;

console.log(
  `${cpus()[0]?.model}, ${threads} threads, Node ${process.version}, load ${loadavg()[0]!.toFixed(2)}, ${rounds} rounds in turns`,
);
const python = findPytorch();
if (python === undefined) console.log(PYTORCH_MISSING);

const rows: (string | number)[][] = [];
for (const turn of TURNS) {
  const { batch, work } = turn;
  const ours =
    work === "step"
      ? await Promise.all(ENGINE_NAMES.map((name) => startTrainingStep(name, { batch, threads })))
      : [await startPrediction({ batch, threads })];
  const peers = python
    ? await Promise.all(LAYOUTS.map((layout) => startPytorch(python, { work, layout, batch, threads })))
    : [];
  const contenders = [...ours, ...peers];
  const speeds = await takeTurns(contenders, turn.steps);
  const own = median(speeds[0]!);
  speeds.forEach((list, index) => {
    const { name } = contenders[index]!;
    const [low, high] = [quantile(list, 0.25), quantile(list, 0.75)].map(Math.round) as [number, number];
    // Ours is the engine that train uses.
    const ratio = index === 0 ? "" : (own / median(list)).toFixed(2);
    rows.push([`${turn.title}, batch ${batch}`, name, Math.round(median(list)), `${low} - ${high}`, ratio]);
  });
  await Promise.all(contenders.map((contender) => contender.close()));
}
for (const line of tableLines(["work", "program", "patches/s", "quartiles", "ours / theirs"], rows)) console.log(line);

/** Patches a second of each contender in each round, the contenders one after the other in every round. */
async function takeTurns(contenders: readonly Contender[], steps: number): Promise<number[][]> {
  const speeds: number[][] = contenders.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, contender] of contenders.entries()) {
      const { seconds, patches } = await contender.run(steps);
      speeds[index]!.push(patches / seconds);
    }
  }
  return speeds;
}

function quantile(list: readonly number[], share: number): number {
  const sorted = [...list].sort((a, b) => a - b);
  return sorted[Math.round(share * (sorted.length - 1))]!;
}

function median(list: readonly number[]): number {
  return quantile(list, 0.5);
}
