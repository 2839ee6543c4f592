/** The viewer of a slide with its map, and the panel beside it. */
import { useComputed, useSignalEffect } from "@preact/signals";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { ProbabilityMap, SlideFacts } from "../../../api/slides.ts";
import { Problem } from "../../parts/basics.tsx";
import { useKeys } from "../../state/keys.ts";
import { route, setView } from "../../state/route.ts";
import { session } from "../../state/session.ts";
import { BrushPanel } from "./brush/brush.tsx";
import { resultsOf } from "./list.tsx";
import { mapLayer, outlineLayer } from "./map_layer.ts";
import { boundsOf, mapNumbers } from "./map_numbers.ts";
import { MapPanel } from "./map_panel.tsx";
import { RegionList } from "./region_list.tsx";
import { scaleOfSlide } from "./scale_bar.ts";
import { ScaleBarMark } from "./scale_bar_mark.tsx";
import { ScorePanel } from "./score_panel.tsx";
import { useMap } from "./use_map.ts";
import {
  opacityInAddress,
  placeInAddress,
  putPlace,
  regionInAddress,
  resultInAddress,
  showsAll,
  thresholdInAddress,
} from "./view.ts";
import { openViewer, type SlideViewer } from "./viewer.ts";

const PAN_SHARE = 0.2;
const ZOOM_FACTOR = 1.5;
/** The address follows the view once it rests. */
const REST_MILLISECONDS = 300;

export function SlideView({ facts }: { readonly facts: SlideFacts }) {
  const { viewer, element, zoom, problem } = useViewer(facts);
  const results = resultsOf(facts.id);
  const wanted = useComputed(resultInAddress).value;
  const result = results.find(({ id }) => id === wanted) ?? results[0];
  const { map, problem: mapProblem } = useMap(facts.id, result?.id, result?.changed ?? 0);
  const threshold = useComputed(thresholdInAddress).value ?? map?.threshold ?? 0.5;
  const region = useComputed(regionInAddress).value;
  const numbers = useMemo(() => map && mapNumbers(map, threshold), [map, threshold]);
  useMapLayer(viewer, map, threshold);
  useOutline(viewer, map, numbers?.regions[(region ?? 0) - 1]?.rings);

  const chooseRegion = (number: number) => {
    const chosen = numbers?.regions[number - 1];
    if (!chosen || !map || !viewer) return;
    setView({ region: number });
    const { left, top, width, height } = boundsOf(chosen, map);
    viewer.fitTo(left, top, width, height);
  };
  const count = numbers?.regions.length ?? 0;
  useKeys(
    "Slide",
    [
      { key: "ArrowLeft", does: "Move left", run: () => viewer?.pan(-PAN_SHARE, 0) },
      { key: "ArrowRight", does: "Move right", run: () => viewer?.pan(PAN_SHARE, 0) },
      { key: "ArrowUp", does: "Move up", run: () => viewer?.pan(0, -PAN_SHARE) },
      { key: "ArrowDown", does: "Move down", run: () => viewer?.pan(0, PAN_SHARE) },
      { key: "+", does: "Zoom in", run: () => viewer?.zoomBy(ZOOM_FACTOR) },
      { key: "=", does: "Zoom in", run: () => viewer?.zoomBy(ZOOM_FACTOR) },
      { key: "-", does: "Zoom out", run: () => viewer?.zoomBy(1 / ZOOM_FACTOR) },
      { key: "0", does: "Show the whole slide", run: () => viewer?.home() },
      { key: "[", does: "Previous region", run: () => chooseRegion(Math.max((region ?? 2) - 1, 1)) },
      { key: "]", does: "Next region", run: () => chooseRegion(Math.min((region ?? 0) + 1, count)) },
      { key: "m", does: "Show or hide the map", run: () => setView({ opacity: opacityInAddress() > 0 ? 0 : "" }) },
    ],
    [viewer, numbers, region],
  );
  const scale = scaleOfSlide(facts, map);
  return (
    <div class="slide-screen">
      <div class="slide-stage">
        <div class="slide-viewer" ref={element} />
        <ScaleBarMark zoom={zoom} scale={scale} />
        <p class="slide-notice">{session.value?.notice}</p>
      </div>
      <div class="slide-panel">
        {problem && <Problem>{problem}</Problem>}
        {mapProblem && <Problem>{mapProblem}</Problem>}
        <div class="row">
          <button type="button" title="Zoom in (+)" onClick={() => viewer?.zoomBy(ZOOM_FACTOR)}>
            Zoom in
          </button>
          <button type="button" title="Zoom out (-)" onClick={() => viewer?.zoomBy(1 / ZOOM_FACTOR)}>
            Zoom out
          </button>
          <button type="button" title="Show the whole slide (0)" onClick={() => viewer?.home()}>
            Whole slide
          </button>
        </div>
        <p class="muted">
          {facts.format}, {facts.levels.at(-1)!.width} x {facts.levels.at(-1)!.height} pixels. Scale: {scale.basis}.
          {facts.missingTiles > 0 && ` ${facts.missingTiles} of ${facts.tilesInFile} tiles are missing from the file.`}
        </p>
        {map && result && numbers && (
          <>
            <MapPanel
              {...{ facts, map, numbers, threshold, results, result }}
              picture={() => viewer!.picture()}
              isReady={viewer !== undefined}
            />
            <BrushPanel slide={facts} map={map} viewer={viewer} />
            <RegionList {...{ map, numbers }} chosen={region} choose={chooseRegion} />
          </>
        )}
        <ScorePanel facts={facts} hasResult={results.length > 0} />
      </div>
    </div>
  );
}

/** Opens the viewer in the element, and keeps the address up to date. */
function useViewer(facts: SlideFacts) {
  const element = useRef<HTMLDivElement>(null);
  const [viewer, setViewer] = useState<SlideViewer>();
  const [zoom, setZoom] = useState(0);
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const opened = openViewer(element.current!, {
      facts,
      start: placeInAddress(),
      onProblem: setProblem,
      onMove() {
        setZoom(opened.view().zoom);
        clearTimeout(timer);
        timer = setTimeout(() => putPlace(opened.place()), REST_MILLISECONDS);
      },
    });
    setViewer(opened);
    return () => {
      clearTimeout(timer);
      opened.close();
    };
  }, [facts]);
  return { viewer, element, zoom, problem };
}

/** Draws the map; drawn again when the look in the address changes. */
function useMapLayer(viewer: SlideViewer | undefined, map: ProbabilityMap | undefined, threshold: number): void {
  const [look, setLook] = useState({ opacity: opacityInAddress(), showsBelow: showsAll() });
  useSignalEffect(() => {
    const next = { opacity: opacityInAddress(), showsBelow: showsAll() };
    setLook((last) => (last.opacity === next.opacity && last.showsBelow === next.showsBelow ? last : next));
    void route.value;
  });
  // Without cells left out, the threshold does not change the picture.
  const drawn = look.showsBelow ? 0 : threshold;
  useEffect(() => {
    if (!viewer || !map || look.opacity === 0) return;
    return viewer.addLayer(mapLayer(map, { ...look, threshold: drawn })).remove;
  }, [viewer, map, look, drawn]);
}

function useOutline(
  viewer: SlideViewer | undefined,
  map: ProbabilityMap | undefined,
  rings: Parameters<typeof outlineLayer>[1] | undefined,
): void {
  useEffect(() => {
    if (!viewer || !map || !rings) return;
    return viewer.addLayer(outlineLayer(map, rings)).remove;
  }, [viewer, map, rings]);
}
