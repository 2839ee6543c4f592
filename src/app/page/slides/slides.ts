/** The slides that a person has chosen, in the order of choice, and how far each one is. They stay in the browser. */
import { type Signal, signal } from "@preact/signals";
import type { WebSlide, WebSlidePicture, WebSlideScores } from "../../../browser/index.ts";
import type { Found } from "../found_files.ts";
import type { HeatMap } from "./heat_map.ts";

/** A chosen slide. */
export interface ChosenSlide {
  readonly id: number;
  /** The name, or the path from the chosen folder. */
  readonly name: string;
  readonly file: File;
  /** Micrometres per pixel as the person entered them; undefined for those of the file. */
  readonly given: Signal<number | undefined>;
  readonly view: Signal<SlideState>;
  /** Grows as cells are painted, so that the map is drawn again. */
  readonly painted: Signal<number>;
}

/** What the page shows of a slide. */
export interface SlideState {
  readonly step: "waiting" | "opening" | "tissue" | "scoring" | "done" | "stopped" | "failed";
  readonly slide?: WebSlide;
  readonly picture?: WebSlidePicture;
  readonly map?: HeatMap;
  readonly progress: SlideProgress;
  readonly scores?: WebSlideScores;
  /** Why the slide has no scores; a sentence. */
  readonly problem?: string;
}

/** Rows in which tissue is looked for, or patches. */
export interface SlideProgress {
  readonly done: number;
  readonly total: number;
  /** Per second since the step began; 0 at its start. */
  readonly rate: number;
}

export const WAITING: SlideState = { step: "waiting", progress: { done: 0, total: 0, rate: 0 } };

export const slides = signal<readonly ChosenSlide[]>([]);

let nextId = 0;

/** Adds slides behind the others. */
export function addSlides(found: readonly Found[]): void {
  const added = found.map(({ name, file }) => ({
    ...{ id: nextId++, name, file },
    ...{ given: signal<number | undefined>(undefined), view: signal(WAITING), painted: signal(0) },
  }));
  slides.value = [...slides.peek(), ...added];
}

/** Changes a part of what is shown of a slide. */
export function show({ view }: ChosenSlide, change: Partial<SlideState>): void {
  view.value = { ...view.peek(), ...change };
}
