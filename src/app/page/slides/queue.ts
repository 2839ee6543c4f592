/** Scores the chosen slides with the page's own model, one after the other. It does not depend on what is shown. */
import { effect, untracked } from "@preact/signals";
import { messageOf } from "../../../util/errors.ts";
import { models } from "../models.ts";
import { HeatMap } from "./heat_map.ts";
import { type ChosenSlide, type SlideState, show, slides, WAITING } from "./slides.ts";

/** How often the numbers are drawn again, so that drawing takes little time. */
const DRAWING_MILLISECONDS = 100;

/** The slide that is being scored. */
let current: { readonly slide: ChosenSlide; readonly controller: AbortController } | undefined;

// New slides and the page's model start the work.
effect(() => {
  if (slides.value.length > 0 && models.value.length > 0) untracked(() => void goOn());
});

/** Scores all slides that wait. Does nothing if this is going on already. */
async function goOn(): Promise<void> {
  if (current) return;
  for (let next = nextSlide(); next; next = nextSlide()) {
    current = { slide: next, controller: new AbortController() };
    await score(next, current.controller.signal);
    current = undefined;
  }
}

const nextSlide = () => slides.peek().find(({ view }) => view.peek().step === "waiting");

/** Stops the scoring of a slide, or its waiting. What is scored stays visible. */
export function stopSlide(slide: ChosenSlide): void {
  show(slide, { step: "stopped" });
  if (current?.slide === slide) current.controller.abort(new Error("stopped"));
}

/** Scores a slide from its beginning. @param given micrometres per pixel; undefined for those of the file */
export function restart(slide: ChosenSlide, given: number | undefined): void {
  stopSlide(slide);
  slide.given.value = given;
  slide.view.value = WAITING;
  void goOn();
}

/** Removes a slide, whatever it does. */
export function remove(slide: ChosenSlide): void {
  slides.value = slides.peek().filter((one) => one !== slide);
  stopSlide(slide);
}

async function score(chosen: ChosenSlide, signal: AbortSignal): Promise<void> {
  const { file, given, painted } = chosen;
  const micronsPerPixel = given.peek();
  // What arrives late, after a stop, belongs to no scoring any more.
  const put = (change: Partial<SlideState>) => {
    if (!signal.aborted) show(chosen, change);
  };
  const measure = meter(put);
  let map: HeatMap | undefined;
  put({ step: "opening" });
  try {
    const scores = await models.peek()[0]!.model.scoreSlide(file, {
      ...(micronsPerPixel === undefined ? {} : { micronsPerPixel }),
      signal,
      onOpen(slide) {
        map = new HeatMap(slide.grid);
        put({ slide, map });
      },
      onPicture: (picture) => put({ picture }),
      onTissue: (done, total) => measure({ step: "tissue", done, total }),
      onCells({ cells, probabilities, done, total }) {
        map!.paint(cells, probabilities);
        painted.value++;
        measure({ step: "scoring", done, total });
      },
    });
    // With neighbours, these are not the probabilities of before.
    map!.paint(scores.probabilities.keys(), scores.probabilities);
    painted.value++;
    put({ step: "done", scores });
  } catch (error) {
    put({ step: "failed", problem: messageOf(error) });
  }
}

interface Measured {
  readonly step: "tissue" | "scoring";
  readonly done: number;
  readonly total: number;
}

/** Puts how far the steps of a slide are, and their rates. */
function meter(put: (change: Pick<SlideState, "step" | "progress">) => void) {
  let [current, start, before, shown]: [string, number, number, number] = ["", 0, 0, 0];
  return ({ step, done, total }: Measured) => {
    const now = performance.now();
    if (current !== step) [current, start, before, shown] = [step, now, done, Number.NEGATIVE_INFINITY];
    if (now - shown < DRAWING_MILLISECONDS) return;
    shown = now;
    const rate = ((done - before) / Math.max(1, now - start)) * 1000;
    put({ step, progress: { done, total, rate } });
  };
}
