/** The schedules of the learning rate. Each is a pure function of the step, so there is no state to save. */

/** The position in a training. Steps count from 0. */
export interface ScheduleContext {
  readonly step: number;
  readonly totalSteps: number;
  readonly stepsPerEpoch: number;
  readonly epochs: number;
  /** The learning rate that the user chose: the initial rate, or the peak for one-cycle. */
  readonly learningRate: number;
}

export type Schedule = (context: ScheduleContext) => number;

/** Half a cosine wave from `start` (share 0) to `end` (share 1). */
function cosine(start: number, end: number, share: number): number {
  return end + ((start - end) / 2) * (1 + Math.cos(Math.PI * share));
}

const ONE_CYCLE = { warmUpShare: 0.3, startDivisor: 25, endDivisor: 1e4 } as const;
const STEP = { epochsShare: 1 / 3, factor: 0.1 } as const;

export const SCHEDULES = {
  constant: ({ learningRate }) => learningRate,
  /** The decay of Keras, learningRate / epochs per step, as in the tutorial: rate / (1 + decay * step). */
  "inverse-decay": ({ learningRate, step, epochs }) => learningRate / (1 + (learningRate / epochs) * step),
  /** Multiplies the rate by 0.1 after each third of the epochs. */
  step: ({ learningRate, step, stepsPerEpoch, epochs }) => {
    const length = Math.max(1, Math.ceil(epochs * STEP.epochsShare)) * stepsPerEpoch;
    return learningRate * STEP.factor ** Math.floor(step / length);
  },
  /** Half a cosine from the rate to 0 (Loshchilov & Hutter 2017, without restarts). */
  cosine: ({ learningRate, step, totalSteps }) => cosine(learningRate, 0, step / totalSteps),
  /**
   * Rises from 1/25 of the rate in the first 30 % of the steps, then falls to 1/250,000 (Smith & Topin 2018; PyTorch's
   * form).
   */
  "one-cycle": ({ learningRate, step, totalSteps }) => {
    const start = learningRate / ONE_CYCLE.startDivisor;
    const top = ONE_CYCLE.warmUpShare * totalSteps - 1;
    const last = totalSteps - 1;
    if (step <= top) return cosine(start, learningRate, step / top);
    return cosine(learningRate, start / ONE_CYCLE.endDivisor, last === top ? 1 : (step - top) / (last - top));
  },
} as const satisfies Record<string, Schedule>;

export type ScheduleName = keyof typeof SCHEDULES;
export const SCHEDULE_NAMES = Object.keys(SCHEDULES) as [ScheduleName, ...ScheduleName[]];
