/** A patch, opened: enlarged, its facts, its surroundings, every model's answer, and its explanation. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { fixed, whole } from "../../../../util/numbers.ts";
import type { AnswerSource, DatasetFacts, PatchFacts } from "../../../api/datasets.ts";
import type { DatasetItem } from "../../../api/items.ts";
import type { PatchState } from "../../corrections/waiting.ts";
import { labelWords } from "../../corrections/words.ts";
import { CopyButton, Problem, useLoaded } from "../../parts/basics.tsx";
import { get, getBytes } from "../../state/api.ts";
import { useKeys } from "../../state/keys.ts";
import { session } from "../../state/session.ts";
import { ExplanationPart } from "./explanation.tsx";
import { nearestNeighbour, Surroundings } from "./surroundings.tsx";
import { isUsable } from "./view.ts";

interface PatchProps {
  readonly item: DatasetItem;
  readonly facts: DatasetFacts;
  readonly record: number;
  readonly source: AnswerSource | undefined;
  /** Its position in the grid's order; -1 if it does not pass the filters. */
  readonly position: number;
  readonly count: number;
  openAt(position: number): void;
  openRecord(record: number): void;
  close(): void;
  /** What people said of the patch. */
  readonly state: PatchState | undefined;
  /** What corrects the patch. */
  readonly children?: ComponentChildren;
}

export function PatchDialog(props: PatchProps) {
  const { item, facts, record, source, position, count, openAt, openRecord, close, state, children } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const loaded = useLoaded(`${item.id} ${record}`, async (signal) => {
    const patch = await get<PatchFacts>(`/datasets/${item.id}/patches/${record}`, signal);
    const records = [record, ...patch.neighbours.map((one) => one.record)];
    const pixels = await getBytes(`/datasets/${item.id}/pixels?records=${records.join(",")}`, signal);
    return { patch, pixels: new Uint8Array(pixels) };
  });
  const shown = loaded.value;
  const toward = (right: number, down: number) => {
    const next = shown && nearestNeighbour(shown.patch.neighbours, right, down);
    if (next !== undefined) openRecord(next);
  };
  useKeys(
    "Open patch",
    [
      { key: "ArrowLeft", does: "Patch before", run: () => openAt(position - 1) },
      { key: "ArrowRight", does: "Next patch", run: () => openAt(position + 1) },
      { key: "Shift+ArrowLeft", does: "Patch to the left on the slide", run: () => toward(-1, 0) },
      { key: "Shift+ArrowRight", does: "Patch to the right on the slide", run: () => toward(1, 0) },
      { key: "Shift+ArrowUp", does: "Patch above on the slide", run: () => toward(0, -1) },
      { key: "Shift+ArrowDown", does: "Patch below on the slide", run: () => toward(0, 1) },
      { key: "Escape", does: "Close the patch", run: () => dialog.current?.close() },
    ],
    [position, shown, openAt, openRecord],
  );
  return (
    <dialog ref={dialog} class="patch" onClose={close} aria-labelledby="patch-title">
      <div class="row">
        <h2 id="patch-title">{shown?.patch.name ?? `Patch ${record}`}</h2>
        <span class="bar-end">
          <button type="button" disabled={position < 1} onClick={() => openAt(position - 1)}>
            Before
          </button>
          <button type="button" disabled={position < 0 || position + 1 >= count} onClick={() => openAt(position + 1)}>
            Next
          </button>
          <button type="button" onClick={() => dialog.current?.close()}>
            Close
          </button>
        </span>
      </div>
      {loaded.problem && <Problem>{loaded.problem}</Problem>}
      {children}
      {shown && (
        <>
          <div class="patch-parts">
            <Enlarged side={item.side} pixels={shown.pixels} label={item.classNames[shown.patch.label]} />
            <Surroundings side={item.side} patch={shown.patch} pixels={shown.pixels} openRecord={openRecord} />
            <Facts patch={shown.patch} classNames={item.classNames} state={state} />
          </div>
          <Answers patch={shown.patch} sources={facts.sources} classNames={item.classNames} />
          {facts.sources.some(isUsable) && (
            <ExplanationPart
              key={`${record}`}
              item={item}
              record={record}
              sources={facts.sources.filter(isUsable)}
              first={source}
            />
          )}
        </>
      )}
    </dialog>
  );
}

export interface EnlargedProps {
  readonly side: number;
  readonly pixels: Uint8Array;
  readonly label: string;
}

/** A record, enlarged. */
export function Enlarged({ side, pixels, label }: EnlargedProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const image = new ImageData(side, side);
    for (let from = 0, to = 0; to < image.data.length; from += 3, to += 4) {
      image.data.set([pixels[from]!, pixels[from + 1]!, pixels[from + 2]!, 255], to);
    }
    canvas.current!.getContext("2d")!.putImageData(image, 0, 0);
  }, [pixels]);
  return (
    <figure>
      <canvas ref={canvas} class="enlarged" width={side} height={side} role="img" aria-label={`The patch, ${label}`} />
      <figcaption class="muted">The record, enlarged.</figcaption>
    </figure>
  );
}

interface FactsProps {
  readonly patch: PatchFacts;
  readonly classNames: readonly [string, string];
  readonly state: PatchState | undefined;
}

function Facts({ patch, classNames, state }: FactsProps) {
  const { case: name, x, y, width, height, split, label, source, record } = patch;
  const rows: readonly (readonly [string, string])[] = [
    ["Label", `${label === 1 ? "+" : "−"} ${classNames[label]}`],
    ...(state?.label ? ([["Marked as", labelWords(state.label, classNames)]] as const) : []),
    ...(state?.note ? ([["Note", state.note]] as const) : []),
    ["Case", name === "" ? "unknown" : name],
    ["Position", x === null || y === null ? "unknown" : `${whole(x)}, ${whole(y)} slide pixels`],
    ["Split", split],
    ["Picture", `${width} x ${height} pixels`],
    ["File", source],
    ["Record", whole(record)],
  ];
  return (
    <dl class="facts">
      {rows.map(([title, text]) => (
        <div key={title}>
          <dt>{title}</dt>
          <dd>{text}</dd>
        </div>
      ))}
    </dl>
  );
}

interface AnswerProps {
  readonly patch: PatchFacts;
  readonly sources: readonly AnswerSource[];
  readonly classNames: readonly [string, string];
}

function Answers({ patch, sources, classNames }: AnswerProps) {
  if (sources.length === 0) return <p class="muted">No model has been evaluated on this dataset.</p>;
  return (
    <>
      <h3>Probability of {classNames[1]}</h3>
      <div class="wide">
        <table>
          <thead>
            <tr>
              <th scope="col">Model</th>
              <th scope="col" class="number">
                Probability
              </th>
              <th scope="col">Answer</th>
              <th scope="col">Command</th>
            </tr>
          </thead>
          <tbody>
            {patch.answers.map(({ source: id, probability, predicted, problem }) => {
              const source = sources.find((one) => one.id === id);
              if (!source) return null;
              const command = source.commands[Math.max(0, source.splits.indexOf(patch.split))] ?? source.commands[0];
              return (
                <tr key={id}>
                  <th scope="row">
                    {source.name}
                    {source.usesNeighbours && <span class="muted"> (with its neighbours)</span>}
                    {source.kind === "crossvalidation" && <span class="muted"> (out of fold)</span>}
                  </th>
                  <td class="number">{probability === null ? "-" : fixed(probability, 4)}</td>
                  <td>
                    {problem ? (
                      <span class="alert">{problem}</span>
                    ) : predicted === null ? (
                      "not evaluated on this split"
                    ) : (
                      `${classNames[predicted]}: ${predicted === patch.label ? "right" : "✗ wrong"}`
                    )}
                    {source.isTrainedHere && patch.split === "train" && probability !== null && " (trained on it)"}
                  </td>
                  <td>{command && <CopyButton text={command} label="Copy" />}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      <p class="muted">{session.value?.notice}</p>
    </>
  );
}
