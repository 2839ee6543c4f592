/** The panel of a map: which result, opacity, threshold, legend, what is above the threshold, exports. */
import { classWords } from "../../../../reports/class_words.ts";
import { geoJsonText } from "../../../../reports/slide/geojson.ts";
import { counted, fixed, whole } from "../../../../util/numbers.ts";
import type { SlideResultItem } from "../../../api/items.ts";
import type { ProbabilityMap, ResultFile, SlideFacts } from "../../../api/slides.ts";
import { Legend } from "../../../look/legend.tsx";
import { Slider } from "../../../look/slider.tsx";
import { CopyButton } from "../../parts/basics.tsx";
import { setView } from "../../state/route.ts";
import type { MapNumbers } from "./map_numbers.ts";
import { opacityInAddress, showsAll } from "./view.ts";

interface PanelProps {
  readonly facts: SlideFacts;
  readonly map: ProbabilityMap;
  readonly numbers: MapNumbers;
  readonly threshold: number;
  readonly results: readonly SlideResultItem[];
  readonly result: SlideResultItem;
  readonly isReady: boolean;
  readonly picture: () => Promise<Blob>;
}

const chosenIn = ({ currentTarget }: { readonly currentTarget: HTMLInputElement | HTMLSelectElement }) =>
  currentTarget.value;

export function MapPanel(props: PanelProps) {
  const { map, numbers, threshold, results, result } = props;
  const { positive, probabilityOf } = classWords(map.classNames);
  const percent = numbers.scored === 0 ? 0 : (100 * numbers.positive) / numbers.scored;
  const area = numbers.cellArea === null ? "" : `, ${fixed(numbers.positive * numbers.cellArea, 2)} mm²`;
  const opacity = opacityInAddress();
  return (
    <section>
      <h2>Map</h2>
      <p class="row">
        <label>
          Result{" "}
          <select value={result.id} onChange={(event) => setView({ result: chosenIn(event), region: undefined })}>
            {results.map(({ id, path, isDone }) => (
              <option key={id} value={id}>
                {path}
                {isDone ? "" : " (being scored)"}
              </option>
            ))}
          </select>
        </label>
        {map.command && <CopyButton text={map.command} />}
      </p>
      {!map.isDone && (
        <p role="status">
          The slide is being scored: {counted(numbers.scored, "patch")} so far.
          {map.isProvisional && " These are the answers for each patch alone: its neighbours are added at the end."}
        </p>
      )}
      <Legend threshold={threshold} title={probabilityOf} />
      <Slider
        label="Threshold"
        value={threshold}
        step={0.001}
        text={fixed(threshold, 3)}
        put={(value) => setView({ threshold: value, region: undefined })}
      />
      <p class="row">
        <button
          type="button"
          class="quiet"
          disabled={threshold === map.threshold}
          onClick={() => setView({ threshold: undefined, region: undefined })}
        >
          The model's threshold ({fixed(map.threshold, 4)})
        </button>
      </p>
      <Slider
        label="Opacity"
        value={opacity}
        step={0.05}
        text={`${Math.round(100 * opacity)} %`}
        put={(value) => setView({ opacity: value })}
      />
      <label>
        <input
          type="checkbox"
          checked={!showsAll()}
          onChange={({ currentTarget }) => setView({ below: currentTarget.checked ? "no" : undefined })}
        />{" "}
        Hide patches below the threshold
      </label>
      <p>
        <strong>{counted(numbers.positive, "patch")}</strong> of {whole(numbers.scored)} ({fixed(percent, 1)} %{area}){" "}
        at or above {fixed(threshold, 3)}: {positive} in {counted(numbers.regions.length, "region")}.
      </p>
      <Exports {...props} />
    </section>
  );
}

const FILES: readonly (readonly [file: ResultFile, words: string])[] = [
  ["geojson", "GeoJSON for QuPath"],
  ["table", "CSV of patches"],
  ["page", "Page"],
  ["map", "Map as TIFF"],
];

function Exports({ facts, map, numbers, threshold, result, isReady, picture }: PanelProps) {
  const own = () => {
    const source = { scores: map, regions: numbers.regions, threshold, classNames: map.classNames };
    save(new Blob([geoJsonText("regions", source)], { type: "application/geo+json" }), "regions.geojson");
  };
  return (
    <details>
      <summary>Exports</summary>
      <ul>
        {map.isDone &&
          FILES.map(([file, words]) => (
            <li key={file}>
              <a href={`/api/slides/${facts.id}/results/${result.id}/${file}`} download>
                {words}
              </a>{" "}
              <span class="muted">at the model's threshold</span>
            </li>
          ))}
        <li>
          <button type="button" class="quiet" onClick={own}>
            GeoJSON at {fixed(threshold, 3)}
          </button>
        </li>
        <li>
          <button
            type="button"
            class="quiet"
            disabled={!isReady}
            onClick={() => void picture().then((blob) => save(blob, "view.png"))}
          >
            Picture of the view
          </button>
        </li>
      </ul>
    </details>
  );
}

function save(content: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
