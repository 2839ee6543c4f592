/** The dialog of one picture: the patch, and where in it each model finds evidence (Grad-CAM). */
import { signal } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import type { PictureExplanation } from "../../browser/index.ts";
import { diverging } from "../../histology/image/colour_map.ts";
import { overlay } from "../../histology/image/overlay.ts";
import type { RgbImage } from "../../histology/image/rgb.ts";
import { messageOf } from "../../util/errors.ts";
import { RESEARCH_USE_NOTICE } from "../../util/notice.ts";
import { Problem } from "../look/problem.tsx";
import { models, type OpenedModel } from "./models.ts";
import type { ChosenPicture } from "./pictures.ts";

/** The picture whose dialog is open. */
export const explained = signal<ChosenPicture | undefined>(undefined);

export function ExplanationDialog({ picture }: { readonly picture: ChosenPicture }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} onClose={() => (explained.value = undefined)} aria-labelledby="explanation-title">
      <h2 id="explanation-title">{picture.name}</h2>
      <strong class="notice">{RESEARCH_USE_NOTICE}</strong>
      {models.value.map((opened, place) => (
        <Explanation key={place} opened={opened} picture={picture} />
      ))}
      <p class="muted">
        A map shows what the model uses, not what is true. A wrong answer has a map as neat as a right one.
      </p>
      <button type="button" onClick={() => dialog.current?.close()}>
        Close
      </button>
    </dialog>
  );
}

function Explanation({ opened, picture }: { readonly opened: OpenedModel; readonly picture: ChosenPicture }) {
  const [found, setFound] = useState<PictureExplanation>();
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    opened.model.explain(picture.file).then(setFound, (error: unknown) => setProblem(messageOf(error)));
  }, [opened, picture]);
  if (problem !== undefined) return <Problem>{problem}</Problem>;
  if (!found) return <p role="status">Looking for the evidence ...</p>;
  return <Maps name={opened.name} classNames={opened.model.classNames} found={found} />;
}

interface MapsProps {
  readonly name: string;
  readonly classNames: readonly [string, string];
  readonly found: PictureExplanation;
}

function Maps({ name, classNames: [, positive], found: { probability, label, map, patch } }: MapsProps) {
  const image = { ...patch };
  const limit = Math.max(...map.values.map(Math.abs)) || 1;
  return (
    <section class="explanation">
      <h3>
        {name}: {label}, P({positive}) {probability.toFixed(4)}
      </h3>
      <div class="maps">
        <Picture image={image} title="The patch as the model sees it" />
        <Picture
          image={overlay(image, map, (value) => diverging(0.5 + value / limit / 2))}
          title={`Grad-CAM at ${map.layer}`}
        />
      </div>
      <p>
        Red is evidence for {positive}, blue is evidence against it. The strongest colour stands for{" "}
        {limit.toPrecision(2)} (log odds).
      </p>
    </section>
  );
}

/** A picture as a canvas, enlarged without smoothing. */
function Picture({ image: { width, height, data }, title }: { readonly image: RgbImage; readonly title: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const pixels = new ImageData(width, height);
    for (let place = 0; place < width * height; place++) {
      pixels.data.set(data.subarray(place * 3, place * 3 + 3), place * 4);
      pixels.data[place * 4 + 3] = 255;
    }
    canvas.current?.getContext("2d")?.putImageData(pixels, 0, 0);
  }, [data]);
  return (
    <figure>
      <canvas ref={canvas} width={width} height={height} role="img" aria-label={title} />
      <figcaption>{title}</figcaption>
    </figure>
  );
}
