/** What the events of training jobs say: curves by step and by epoch, speed, time left, device. */
import { EPOCH_COLUMNS } from "../../../../util/epoch.ts";
import type { JobLine } from "../../../api/jobs.ts";
import type { RunEpoch } from "../../../api/runs.ts";

/** Curves with more points are thinned to half of this. */
export const MOST_POINTS = 4000;

/** The speed is measured over about so many seconds. */
const SPEED_SECONDS = 15;

/** Points by step. `x` is in epochs: 2.5 is the middle of the third epoch. */
export interface StepCurve {
  readonly x: number[];
  readonly loss: number[];
  readonly accuracy: number[];
}

interface Moment {
  readonly seconds: number;
  /** Patches since the first epoch's start. */
  readonly patches: number;
}

export class TrainingLog {
  readonly steps: StepCurve = { x: [], loss: [], accuracy: [] };
  /** By epoch. */
  readonly epochs = new Map<number, RunEpoch>();
  /** The number of epochs that were asked for; null before the first step. */
  total: number | null = null;
  /** The choice of --device auto. */
  device: string | null = null;
  /** The work that goes on now. */
  now: JobLine | null = null;
  readonly #fold: number | null;
  /** Every so manieth point is kept. */
  #stride = 1;
  #count = 0;
  #moments: Moment[] = [];
  #patches = 0;

  /** @param fold the fold of a cross-validation whose events count; null for any other job */
  constructor(fold: number | null = null) {
    this.#fold = fold;
  }

  /** Another job goes on with the run: its times start anew. */
  beginJob(): void {
    this.#moments = [];
    this.now = null;
  }

  take(line: JobLine): void {
    if (this.#isOther(line)) return;
    if (line.event === "progress" && line.task === "epoch") this.#step(line);
    else if (line.event === "epoch") this.#epoch(line);
    else if (line.event === "device") this.device = String(line.device);
    else if (line.event === "result" || line.event === "failed") this.beginJob();
    if (line.event === "progress") this.now = line;
  }

  #isOther({ event, fold }: JobLine): boolean {
    if (this.#fold === null || (event !== "progress" && event !== "epoch")) return false;
    return (fold as { readonly number?: number } | undefined)?.number !== this.#fold;
  }

  #step(line: JobLine): void {
    const { number, of, done, total, values } = line as unknown as Record<
      "number" | "of" | "done" | "total",
      number
    > & {
      readonly values?: Readonly<Record<string, number>>;
    };
    this.total = of;
    this.#patches = total;
    const x = number - 1 + done / total;
    this.#speed({ seconds: line.seconds, patches: x * total });
    const { loss, accuracy } = values ?? {};
    if (loss === undefined || accuracy === undefined || done >= total) return;
    this.#cutFrom(x);
    if (this.#count++ % this.#stride !== 0) return;
    const { steps } = this;
    steps.x.push(x);
    steps.loss.push(loss);
    steps.accuracy.push(accuracy);
    if (steps.x.length > MOST_POINTS) this.#thin();
  }

  /** A resumed training repeats the steps after its checkpoint: the repeated ones replace the first ones. */
  #cutFrom(x: number): void {
    const { steps } = this;
    if (steps.x.length === 0 || steps.x.at(-1)! < x) return;
    const kept = steps.x.findIndex((one) => one >= x);
    for (const column of [steps.x, steps.loss, steps.accuracy]) column.length = kept;
    for (const epoch of this.epochs.keys()) if (epoch > x) this.epochs.delete(epoch);
  }

  #thin(): void {
    this.#stride *= 2;
    for (const column of [this.steps.x, this.steps.loss, this.steps.accuracy]) {
      for (let i = 0; i * 2 < column.length; i++) column[i] = column[i * 2]!;
      column.length = Math.ceil(column.length / 2);
    }
  }

  #speed(moment: Moment): void {
    const last = this.#moments.at(-1);
    if (last && (moment.patches < last.patches || moment.seconds < last.seconds)) this.#moments = [];
    this.#moments.push(moment);
    while (moment.seconds - this.#moments[0]!.seconds > SPEED_SECONDS && this.#moments.length > 2)
      this.#moments.shift();
  }

  #epoch(line: JobLine): void {
    const row = EPOCH_COLUMNS.map((name) => [name, typeof line[name] === "number" ? line[name] : null]);
    const { learning_rate: _, ...epoch } = Object.fromEntries(row) as RunEpoch & { readonly learning_rate: unknown };
    this.epochs.set(epoch.epoch, epoch);
  }

  /** Null before two reports of steps. It contains the time of the validations that lie between them. */
  get patchesPerSecond(): number | null {
    const [first, last] = [this.#moments[0], this.#moments.at(-1)];
    if (!first || !last || last.seconds <= first.seconds) return null;
    return (last.patches - first.patches) / (last.seconds - first.seconds);
  }

  /** The seconds until the last epoch's end, if the speed stays; null if it is not known. */
  get secondsLeft(): number | null {
    const rate = this.patchesPerSecond;
    const last = this.#moments.at(-1);
    if (rate === null || rate === 0 || !last || this.total === null) return null;
    return Math.max(0, this.total * this.#patches - last.patches) / rate;
  }
}

/** The rows of history.csv with those of the events; an event is newer. */
export function mergedEpochs(history: readonly RunEpoch[], log: Pick<TrainingLog, "epochs">): RunEpoch[] {
  const rows = new Map([...history.map((row) => [row.epoch, row] as const), ...log.epochs]);
  return [...rows.values()].sort((a, b) => a.epoch - b.epoch);
}
