/** The patches of the selected cell or bin: how many, pictures of the first ones, and the way to all of them. */
import { useEffect, useRef, useState } from "preact/hooks";
import { decimal } from "../../../../reports/html/elements.ts";
import { counted } from "../../../../util/numbers.ts";
import { NO_RECORD } from "../../../api/evaluations.ts";
import { Link, Problem, useLoaded } from "../../parts/basics.tsx";
import { getBytes, query } from "../../state/api.ts";
import type { Judgement } from "./judgement.ts";
import { gridAddress, type Selection, selectedPatches, selectionWords } from "./selection.ts";

/** The pictures are loaded when the slider has rested this long. */
const SETTLE_MILLISECONDS = 150;
/** Enough to see what they have in common. */
const MOST_SHOWN = 24;

export function SelectedPatches({ judgement }: { readonly judgement: Judgement }) {
  const { selected, threshold } = judgement;
  const settled = useSettled(threshold.value);
  if (!selected.value) return null;
  return <Selected judgement={judgement} selection={selected.value} threshold={settled} />;
}

interface SelectedProps {
  readonly judgement: Judgement;
  readonly selection: Selection;
  readonly threshold: number;
}

function Selected({ judgement, selection, threshold }: SelectedProps) {
  const { id, columns, answer, selected, words, report } = judgement;
  const patches = selectedPatches(columns, selection, threshold);
  const address = gridAddress({ id, dataset: answer.dataset?.id, split: report.split }, selection, patches, columns);
  return (
    <section aria-labelledby="patches-title" class="card">
      <div class="block-title">
        <h2 id="patches-title">
          {counted(patches.length, "patch")} {selectionWords(selection, words)}
        </h2>
        {address && <Link to={address}>Show all in the dataset</Link>}
        <button
          type="button"
          class="quiet"
          onClick={() => {
            selected.value = null;
          }}
        >
          Close
        </button>
      </div>
      {answer.dataset === null && (
        <p class="muted">The dataset is not in the studio's folder, so there are no pictures.</p>
      )}
      {answer.dataset && patches.length > 0 && (
        <Pictures
          judgement={judgement}
          dataset={answer.dataset.id}
          address={address!}
          patches={[...patches.subarray(0, MOST_SHOWN)]}
        />
      )}
    </section>
  );
}

/** The value once it has not changed for a moment. */
function useSettled<T>(value: T): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), SETTLE_MILLISECONDS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}

interface PicturesProps {
  readonly judgement: Judgement;
  readonly dataset: string;
  /** The grid with the selected patches. */
  readonly address: string;
  /** Places in the columns. */
  readonly patches: readonly number[];
}

function Pictures({ judgement: { columns, words }, dataset, address, patches }: PicturesProps) {
  const known = patches.filter((patch) => columns.records[patch] !== NO_RECORD);
  const source = `/datasets/${dataset}/pixels${query({ records: known.map((patch) => columns.records[patch]).join(",") })}`;
  const { value: pixels, problem } = useLoaded(source, (signal) => getBytes(source, signal));
  if (problem) return <Problem>{problem}</Problem>;
  return (
    <ul class="strip">
      {known.map((patch, place) => {
        const label = columns.labels[patch] === 1 ? words.positive : words.negative;
        const probability = decimal(columns.probabilities[patch]!);
        const name = columns.cases[columns.caseOf[patch]!] ?? "";
        return (
          <li key={patch}>
            <Link to={`${address}&patch=${columns.records[patch]}`}>
              <Picture
                pixels={pixels}
                place={place}
                count={known.length}
                text={`Patch of case ${name}, labelled ${label}, ${words.probabilityOf} ${probability}`}
              />
            </Link>
            <span>
              <b>{probability}</b> {name}
            </span>
          </li>
        );
      })}
    </ul>
  );
}

interface PictureProps {
  /** RGB bytes of all pictures, one after the other; undefined while they are loaded. */
  readonly pixels: ArrayBuffer | undefined;
  readonly place: number;
  readonly count: number;
  readonly text: string;
}

function Picture({ pixels, place, count, text }: PictureProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context || !pixels) return;
    const bytes = pixels.byteLength / count;
    const side = Math.sqrt(bytes / 3);
    const rgb = new Uint8Array(pixels, place * bytes, bytes);
    context.canvas.width = side;
    context.canvas.height = side;
    const image = context.createImageData(side, side);
    for (let i = 0; i < side * side; i++) {
      image.data.set(rgb.subarray(3 * i, 3 * i + 3), 4 * i);
      image.data[4 * i + 3] = 255;
    }
    context.putImageData(image, 0, 0);
  }, [pixels, place]);
  return <canvas ref={canvas} role="img" aria-label={text} title={text} />;
}
