/** The picture of a slide, the heat map above it, the legend and the opacity. */
import { useSignalEffect } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import type { WebModel, WebSlidePicture } from "../../../browser/index.ts";
import { classWords } from "../../../reports/class_words.ts";
import { counted, whole } from "../../../util/numbers.ts";
import { Legend } from "../../look/legend.tsx";
import { Slider } from "../../look/slider.tsx";
import type { HeatMap } from "./heat_map.ts";
import type { ChosenSlide, SlideState } from "./slides.ts";

interface PictureProps {
  readonly chosen: ChosenSlide;
  readonly picture: WebSlidePicture;
  readonly map: HeatMap;
  readonly model: WebModel;
}

/** As in the overlay of "slide". */
const OPACITY = 0.55;
/** The largest size on the screen, in rem. */
const [MOST_WIDE, MOST_HIGH] = [40, 32];

export function SlidePicture({ chosen, picture, map, model }: PictureProps) {
  const [below, above] = [useRef<HTMLCanvasElement>(null), useRef<HTMLCanvasElement>(null)];
  const [opacity, setOpacity] = useState(OPACITY);
  const { width, height, data, slidePixelsPerPixel } = picture;
  useEffect(() => below.current!.getContext("2d")!.putImageData(new ImageData(data, width, height), 0, 0), [data]);
  useMap(above, chosen, map, slidePixelsPerPixel);
  const { probabilityOf } = classWords(model.classNames);
  // Through the properties of the element, which the page's policy allows, unlike the attribute "style".
  const widest = `min(100%, ${MOST_WIDE}rem, ${(MOST_HIGH * width) / height}rem)`;
  return (
    <div class="slide-map">
      <div class="slide-picture" style={{ width: widest }}>
        <canvas ref={below} width={width} height={height} role="img" aria-label={wordsOf(chosen)} />
        <canvas ref={above} width={width} height={height} class="heat" style={{ opacity }} />
      </div>
      <Legend threshold={model.threshold} title={`${probabilityOf}, mark at ${model.threshold.toFixed(4)}`} />
      <Slider label="Opacity" value={opacity} step={0.05} text={`${Math.round(100 * opacity)} %`} put={setOpacity} />
    </div>
  );
}

/** Draws the map again with the next frame if cells were painted. */
function useMap(
  canvas: { readonly current: HTMLCanvasElement | null },
  { painted }: ChosenSlide,
  map: HeatMap,
  slidePixelsPerPixel: number,
): void {
  useSignalEffect(() => {
    void painted.value;
    const frame = requestAnimationFrame(() => {
      if (canvas.current) map.draw(canvas.current, slidePixelsPerPixel);
    });
    return () => cancelAnimationFrame(frame);
  });
}

/** The text instead of the picture. */
function wordsOf({ name, view }: ChosenSlide): string {
  const { step, scores } = view.value;
  return `${name} with a heat map: ${scores ? scoredWords(scores) : (MAP_WORDS[step] ?? "no patch is coloured yet")}.`;
}

const MAP_WORDS: Partial<Record<SlideState["step"], string>> = {
  scoring: "patches get their colours as they are scored",
  stopped: "the patches that were scored before the stop are coloured",
  failed: "the patches that were scored before the error are coloured",
};

function scoredWords({ findings: { patches, idc } }: NonNullable<SlideState["scores"]>): string {
  return `${counted(patches.scored, "patch")} with tissue are coloured, and ${whole(idc.patches)} are at or above the threshold`;
}
