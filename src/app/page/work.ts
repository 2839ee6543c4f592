/** Classifies the chosen pictures with the open models, and says how far it is. It does not depend on what is shown. */
import { batch, effect, signal, untracked } from "@preact/signals";
import { messageOf } from "../../util/errors.ts";
import { models, type OpenedModel } from "./models.ts";
import { type ChosenPicture, pictures, removePictures } from "./pictures.ts";

/** Answers that are found or still to be found, over all models. */
export interface WorkProgress {
  readonly done: number;
  readonly total: number;
  /** Answers per second since the work began or went on; 0 at its start. */
  readonly rate: number;
}

/** "stopped" if the person has stopped it before its end. */
export const state = signal<"idle" | "running" | "stopped">("idle");
export const progress = signal<WorkProgress>({ done: 0, total: 0, rate: 0 });
/** Grows as answers come, so that what shows answers is drawn again. */
export const answersSeen = signal(0);
/** Why the work ended before its end. */
export const workProblem = signal<string | undefined>(undefined);

/** Pictures that are given to a model at a time. Then it is another model's turn. */
const AT_A_TIME = 256;
/** How often the page is drawn again, so that drawing takes little time. */
const DRAWING_MILLISECONDS = 100;

let controller = new AbortController();

// New pictures and new models start the work.
effect(() => {
  if (pictures.value.length > 0 && models.value.length > 0) untracked(() => void goOn());
});

/** Classifies all that has no answer yet. Does nothing if this is going on already. */
export async function goOn(): Promise<void> {
  if (state.peek() === "running") return;
  controller = new AbortController();
  const { signal: stopped } = controller;
  const measure = meter();
  batch(() => {
    workProblem.value = undefined;
    state.value = "running";
  });
  for (let next = nextPart(); next && !stopped.aborted && !workProblem.peek(); next = nextPart()) {
    await classify(next, stopped, measure.soon);
  }
  measure.now();
  const isDone = nextPart() === undefined;
  state.value = isDone ? "idle" : "stopped";
  if (stopped.reason === CLEARED && !isDone) void goOn();
}

interface Part {
  readonly opened: OpenedModel;
  /** Pictures that the model has not answered. */
  readonly part: readonly ChosenPicture[];
}

async function classify({ opened, part }: Part, stopped: AbortSignal, onChange: () => void): Promise<void> {
  const files = part.map(({ file }) => file);
  try {
    await opened.model.classify(files, {
      signal: stopped,
      onAnswer(answer, index) {
        opened.answers.set(part[index]!.id, answer);
        onChange();
      },
    });
  } catch (error) {
    // A model that was removed meanwhile is no problem.
    if (!stopped.aborted && models.peek().includes(opened)) workProblem.value = messageOf(error);
  }
}

/** Why the work was stopped: other pictures may follow at once. */
const CLEARED = new Error("cleared");

/** Stops the work; `goOn` continues it. */
export const stop = (): void => controller.abort(new Error("stopped"));

/** Removes all pictures and answers. */
export function clear(): void {
  controller.abort(CLEARED);
  removePictures();
  for (const { answers } of models.peek()) answers.clear();
  batch(() => {
    workProblem.value = undefined;
    progress.value = { done: 0, total: 0, rate: 0 };
    answersSeen.value++;
  });
}

/** The model with the fewest answers, and pictures that it has not answered. */
function nextPart(): Part | undefined {
  const waiting = models.peek().map((opened) => ({
    opened,
    part: pictures.peek().filter(({ id }) => !opened.answers.has(id)),
  }));
  const most = waiting.reduce((one, other) => (other.part.length > one.part.length ? other : one), waiting[0]!);
  return most === undefined || most.part.length === 0 ? undefined : { ...most, part: most.part.slice(0, AT_A_TIME) };
}

/** Measures the rate from now on, and has the page drawn. */
function meter() {
  const [start, before] = [performance.now(), answered()];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const now = () => {
    clearTimeout(timer);
    timer = undefined;
    const done = answered();
    batch(() => {
      progress.value = {
        done,
        total: pictures.peek().length * models.peek().length,
        rate: ((done - before) / Math.max(1, performance.now() - start)) * 1000,
      };
      answersSeen.value++;
    });
  };
  return { now, soon: () => (timer ??= setTimeout(now, DRAWING_MILLISECONDS)) };
}

const answered = (): number =>
  models.peek().reduce((sum, { answers }) => sum + pictures.peek().filter(({ id }) => answers.has(id)).length, 0);
