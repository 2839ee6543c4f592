/** One slide: what it is, how far its scoring is, its picture, its numbers and its files. */
import { classWords } from "../../../reports/class_words.ts";
import { findingsLines } from "../../../reports/slide/findings_text.ts";
import { whole } from "../../../util/numbers.ts";
import { Problem } from "../../look/problem.tsx";
import { saveBlob } from "../download.ts";
import type { OpenedModel } from "../models.ts";
import { ProgressLine } from "../progress_line.tsx";
import { remove, restart, stopSlide } from "./queue.ts";
import { ScaleForm } from "./scale_form.tsx";
import { SlidePicture } from "./slide_picture.tsx";
import type { ChosenSlide, SlideState } from "./slides.ts";

interface CardProps {
  readonly slide: ChosenSlide;
  /** The model that scores it; undefined if it is not open. */
  readonly opened: OpenedModel | undefined;
}

export function SlideCard({ slide: chosen, opened }: CardProps) {
  const { id, name, view, given } = chosen;
  const { step, slide, picture, map, progress, scores, problem } = view.value;
  const isAtWork = step === "waiting" || step === "opening" || step === "tissue" || step === "scoring";
  const title = `slide-${id}`;
  return (
    <section class="card slide" aria-labelledby={title}>
      <h3 id={title}>{name}</h3>
      {slide && <p>{factsText(view.value)}</p>}
      <p role="status">{STEPS[step]}</p>
      {step === "scoring" && opened?.model.card.neighbourhood && (
        <p class="muted">The colours are of each patch alone: its neighbours are added at the end.</p>
      )}
      {(step === "tissue" || step === "scoring") && (
        <ProgressLine label={step === "tissue" ? "Rows searched" : "Patches scored"} {...progress} />
      )}
      {problem && <Problem>{problem}</Problem>}
      <p class="row">
        {(isAtWork || step === "stopped") && (
          <SlideButton
            text={isAtWork ? "Stop" : "Score again"}
            name={name}
            onClick={() => (isAtWork ? stopSlide(chosen) : restart(chosen, given.peek()))}
          />
        )}
        {scores && (
          <>
            <SlideButton text="CSV" name={name} onClick={() => saveBlob("probabilities.csv", scores.csv)} />
            <SlideButton text="GeoJSON" name={name} onClick={() => saveBlob("idc.geojson", scores.geojson)} />
          </>
        )}
        <SlideButton text="Remove" name={name} onClick={() => remove(chosen)} />
      </p>
      {opened && scores && (
        <ul class="counts">
          {findingsLines(scores.findings, opened.model.threshold, classWords(opened.model.classNames)).map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      )}
      {slide?.scaleWarning && <Problem>{slide.scaleWarning}</Problem>}
      {(slide?.isScaleGuessed || given.value !== undefined) && <ScaleForm slide={chosen} />}
      {scores?.gapsWarning && <Problem>{scores.gapsWarning}</Problem>}
      {opened && picture && map && <SlidePicture {...{ chosen, picture, map, model: opened.model }} />}
    </section>
  );
}

/** Changes with the step only, so that it is read aloud once. */
const STEPS: Readonly<Record<SlideState["step"], string>> = {
  waiting: "Waits for its turn.",
  opening: "Opening the slide.",
  tissue: "Looking for tissue.",
  scoring: "Scoring the patches.",
  done: "Done.",
  stopped: "Stopped.",
  failed: "",
};

function factsText({ slide }: SlideState): string {
  const { format, width, height, micronsPerPixel } = slide!;
  const scale =
    micronsPerPixel === undefined
      ? "the file does not state the width of a pixel"
      : `${Number(micronsPerPixel.toPrecision(4))} micrometres per pixel`;
  return `${format}, ${whole(width)} x ${whole(height)} pixels, ${scale}`;
}

interface ButtonProps {
  readonly text: string;
  /** The name of the slide, for those who do not see beside what the button is. */
  readonly name: string;
  readonly onClick: () => void;
}

function SlideButton({ text, name, onClick }: ButtonProps) {
  return (
    <button type="button" aria-label={`${text} ${name}`} onClick={onClick}>
      {text}
    </button>
  );
}
