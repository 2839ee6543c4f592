/** The brush: paints patches of the slide's grid, with the pointer or with keys. Strokes go into a dataset's journal. */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { CorrectionLabel } from "../../../../../artifacts/corrections/entries.ts";
import { counted } from "../../../../../util/numbers.ts";
import type { BrushFacts } from "../../../../api/corrections.ts";
import type { DatasetItem } from "../../../../api/items.ts";
import type { ProbabilityMap, SlideFacts } from "../../../../api/slides.ts";
import { LABEL_KEYS, labelDoes, StatusLine } from "../../../corrections/bar.tsx";
import { correctionsOf } from "../../../corrections/store.ts";
import { Problem, useLoaded } from "../../../parts/basics.tsx";
import { get, query } from "../../../state/api.ts";
import { itemsOf } from "../../../state/items.ts";
import { type KeyBinding, useKeys } from "../../../state/keys.ts";
import type { SlideViewer } from "../viewer.ts";
import { type BrushPicture, brushLayer } from "./layer.ts";
import {
  type BrushTarget,
  cellAt,
  cellKey,
  cellsBetween,
  type GridCell,
  paintedCells,
  type SlidePoint,
  strokeEntries,
} from "./stroke.ts";

interface BrushProps {
  readonly slide: SlideFacts;
  readonly map: ProbabilityMap;
  readonly viewer: SlideViewer | undefined;
}

/** The panel of the brush: for which dataset, as which case. */
export function BrushPanel(props: BrushProps) {
  const datasets = itemsOf("dataset").filter(
    ({ problem, side }) => problem === undefined && side === props.map.grid.side,
  );
  const [chosen, setChosen] = useState<string>();
  const [caseId, setCase] = useState(() => stemOf(props.slide.path));
  const item = datasets.find(({ id }) => id === chosen) ?? datasets[0];
  return (
    <section aria-labelledby="brush-title">
      <h2 id="brush-title">Brush</h2>
      {!item && (
        <p class="muted">A dataset with patches of {props.map.grid.side} pixels is needed to keep labels for.</p>
      )}
      {item && (
        <>
          <p class="row">
            <label>
              Dataset{" "}
              <select value={item.id} onChange={(event) => setChosen(event.currentTarget.value)}>
                {datasets.map(({ id, path }) => (
                  <option key={id} value={id}>
                    {path}
                  </option>
                ))}
              </select>
            </label>
            <label>
              Case <input value={caseId} maxLength={255} onInput={(event) => setCase(event.currentTarget.value)} />
            </label>
          </p>
          {caseId.trim() !== "" && <Brush key={item.id} {...props} item={item} caseId={caseId.trim()} />}
        </>
      )}
    </section>
  );
}

const stemOf = (path: string): string =>
  path
    .split("/")
    .at(-1)!
    .replace(/\.[^.]+$/, "");

type Mode = CorrectionLabel | "erase" | "off";

function Brush({
  slide,
  map,
  viewer,
  item,
  caseId,
}: BrushProps & { readonly item: DatasetItem; readonly caseId: string }) {
  const { grid } = map;
  const store = correctionsOf(item.id, item.classNames);
  const [mode, setMode] = useState<Mode>("off");
  const [current, setCurrent] = useState<GridCell>({ column: 0, row: 0 });
  const entries = store.saved.value?.entries;
  const address = query({ slide: slide.id, case: caseId, scale: grid.scale, side: grid.side });
  const { value, problem } = useLoaded(`${item.id} ${address} ${entries}`, (signal) =>
    get<BrushFacts>(`/datasets/${item.id}/brush${address}`, signal),
  );
  const last = useRef<{ readonly address: string; readonly facts: BrushFacts }>(undefined);
  if (value) last.current = { address, facts: value };
  const facts = last.current?.address === address ? last.current.facts : undefined;
  const target = useMemo(
    (): BrushTarget | undefined => facts && { slide: slide.id, case: caseId, grid, facts },
    [slide.id, caseId, grid, facts],
  );
  const patches = store.patches.value;
  const painted = useMemo(
    () => (target ? paintedCells(target, (record) => patches.get(record)?.label ?? null) : new Map()),
    [target, patches],
  );
  const paint = (cells: readonly GridCell[]) => {
    if (!target || mode === "off") return;
    for (const entry of strokeEntries(cells, mode === "erase" ? null : mode, target)) store.give(entry);
  };
  useStrokes({ viewer, grid, mode, painted, current, paint, setCurrent });
  useBrushKeys({
    grid,
    mode,
    current,
    classNames: item.classNames,
    setMode,
    setCurrent,
    paint,
    undo: () => store.give({ kind: "undo" }),
  });
  return (
    <>
      {problem && <Problem>{problem}</Problem>}
      {facts && facts.places.length > 0 && (
        <p class="muted">
          {item.path} has {counted(facts.places.length, "patch")} of the case {caseId}: those are corrected there.
        </p>
      )}
      {facts && facts.places.length === 0 && (
        <p class="muted">
          {item.path} has no patches of the case {caseId}: the labelled patches are added to a corrected dataset.
        </p>
      )}
      <fieldset class="row">
        <legend>Paint</legend>
        {MODES.map(([one, key]) => (
          <button
            key={one}
            type="button"
            class={`mark-${one}`}
            aria-pressed={mode === one}
            onClick={() => setMode(one)}
          >
            {modeWords(one, item.classNames)} <kbd>{key.toUpperCase()}</kbd>
          </button>
        ))}
      </fieldset>
      <StatusLine store={store} undo={() => store.give({ kind: "undo" })} />
    </>
  );
}

const MODES: readonly (readonly [Mode, string])[] = [
  ["off", "b"],
  ...LABEL_KEYS.map(([label, keys]) => [label, keys[0]!] as const),
  ["erase", "e"],
];

function modeWords(mode: Mode, classNames: readonly [string, string]): string {
  if (mode === "off") return "Off";
  return mode === "erase" ? "Erase" : labelDoes(mode, classNames);
}

interface Strokes {
  readonly viewer: SlideViewer | undefined;
  readonly grid: ProbabilityMap["grid"];
  readonly mode: Mode;
  readonly painted: ReadonlyMap<string, CorrectionLabel>;
  readonly current: GridCell;
  paint(cells: readonly GridCell[]): void;
  setCurrent(cell: GridCell): void;
}

/** Listens to the pointer, and draws what is painted with the stroke that is being drawn. */
function useStrokes(strokes: Strokes): void {
  const { viewer, grid, mode, painted, current } = strokes;
  const latest = useRef(strokes);
  latest.current = strokes;
  const stroke = useRef(new Map<string, GridCell>());
  const layer = useRef<{ readonly redraw: () => void }>(undefined);
  useEffect(() => {
    if (!viewer) return;
    const added = viewer.addLayer(brushLayer(grid, brushColours(), () => pictureOf(latest.current, stroke.current)));
    layer.current = added;
    return added.remove;
  }, [viewer, grid]);
  useEffect(() => layer.current?.redraw(), [painted, current, mode]);
  useEffect(() => {
    if (!viewer || mode === "off") return;
    viewer.setNavigation(false);
    const { surface } = viewer;
    let from: SlidePoint | undefined;
    const at = (event: PointerEvent) => {
      const box = surface.getBoundingClientRect();
      return viewer.toSlide(event.clientX - box.left, event.clientY - box.top);
    };
    const add = (to: SlidePoint) => {
      for (const cell of cellsBetween(grid, from ?? to, to)) stroke.current.set(cellKey(cell), cell);
      from = to;
      layer.current?.redraw();
    };
    const down = (event: PointerEvent) => {
      if (event.button !== 0) return;
      surface.setPointerCapture(event.pointerId);
      latest.current.setCurrent(cellAt(grid, at(event)));
      add(at(event));
    };
    const move = (event: PointerEvent) => from && add(at(event));
    const up = () => {
      if (!from) return;
      from = undefined;
      const cells = [...stroke.current.values()];
      stroke.current.clear();
      if (cells.length > 0) latest.current.paint(cells);
    };
    surface.addEventListener("pointerdown", down);
    surface.addEventListener("pointermove", move);
    surface.addEventListener("pointerup", up);
    surface.addEventListener("pointercancel", up);
    return () => {
      viewer.setNavigation(true);
      surface.removeEventListener("pointerdown", down);
      surface.removeEventListener("pointermove", move);
      surface.removeEventListener("pointerup", up);
      surface.removeEventListener("pointercancel", up);
    };
  }, [viewer, grid, mode]);
}

function pictureOf({ painted, mode, current }: Strokes, stroke: ReadonlyMap<string, GridCell>): BrushPicture {
  const all = new Map(painted);
  for (const key of stroke.keys()) {
    if (mode === "erase") all.delete(key);
    else if (mode !== "off") all.set(key, mode);
  }
  return { painted: all, current: mode === "off" ? undefined : current };
}

function brushColours() {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(`--${name}`).trim();
  const [grey, focus] = [colour("chart-grey"), colour("link")];
  return { positive: colour("chart-vermilion"), negative: colour("chart-blue"), exclude: grey, unsure: grey, focus };
}

interface BrushKeys extends Pick<Strokes, "grid" | "mode" | "current" | "paint" | "setCurrent"> {
  readonly classNames: readonly [string, string];
  setMode(mode: Mode): void;
  undo(): void;
}

function useBrushKeys({ grid, mode, current, classNames, setMode, setCurrent, paint, undo }: BrushKeys): void {
  const isOn = mode !== "off";
  const move = (right: number, down: number) =>
    setCurrent({
      column: Math.min(Math.max(current.column + right, 0), grid.columns - 1),
      row: Math.min(Math.max(current.row + down, 0), grid.rows - 1),
    });
  const modes = MODES.map(
    ([one, key]): KeyBinding => ({
      key,
      does: one === "off" ? "Brush off" : `Paint: ${modeWords(one, classNames)}`,
      run: () => setMode(one),
    }),
  );
  const own: KeyBinding[] = [
    { key: "ArrowLeft", does: "Patch to the left", run: () => move(-1, 0) },
    { key: "ArrowRight", does: "Patch to the right", run: () => move(1, 0) },
    { key: "ArrowUp", does: "Patch above", run: () => move(0, -1) },
    { key: "ArrowDown", does: "Patch below", run: () => move(0, 1) },
    { key: " ", does: "Paint the patch", run: () => paint([current]) },
    { key: "Control+z", does: "Undo the last stroke", run: undo },
  ];
  useKeys("Brush", isOn ? [...modes, ...own] : modes, [mode, current, grid, paint]);
}
