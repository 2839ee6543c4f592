// biome-ignore-all lint/a11y/useSemanticElements: a grid on a canvas has no elements of its own; aria-activedescendant and useKeys stand for them.
// biome-ignore-all lint/a11y/useFocusableInteractive: a grid on a canvas has no elements of its own; aria-activedescendant and useKeys stand for them.
// biome-ignore-all lint/a11y/useKeyWithClickEvents: a grid on a canvas has no elements of its own; aria-activedescendant and useKeys stand for them.
// biome-ignore-all lint/a11y/noAriaHiddenOnFocusable: a grid on a canvas has no elements of its own; aria-activedescendant and useKeys stand for them.
/**
 * The grid of patches: one canvas in a scroller, whatever the number of patches. For a screen reader it is a grid with
 * one cell, the current one. Other keys than those of movement come from the caller.
 */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { CaseFacts } from "../../../api/datasets.ts";
import type { PatchOrder } from "../../../api/patch_order.ts";
import { theme } from "../../../look/theme.ts";
import { type KeyBinding, useKeys } from "../../state/keys.ts";
import { GridView } from "./grid_view.ts";
import { type GridLayout, gridLayout, movedBy, positionAt, scrollFor } from "./layout.ts";
import { extendedTo, type GridSelection, movedTo, toggledAt, unpicked } from "./selection.ts";
import { patchSentence } from "./words.ts";

interface GridProps {
  /** The id of the dataset. */
  readonly dataset: string;
  readonly side: number;
  readonly classNames: readonly [string, string];
  readonly cases: readonly CaseFacts[];
  readonly order: PatchOrder;
  /** The average colour of each record, [n, 3]. */
  readonly colours: Uint8Array;
  /** The width of a picture in CSS pixels. */
  readonly picture: number;
  readonly selection: GridSelection;
  select(selection: GridSelection): void;
  /** Opens the patch at a position. */
  open(position: number): void;
  /** A change of it brings the grid back to its top. */
  readonly address: string;
  /** Further keys, such as those that give a label. */
  readonly keys?: readonly KeyBinding[];
}

export function PatchGrid(props: GridProps) {
  const { order, selection, select, open, picture, dataset, side, colours } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [width, setWidth] = useState(0);
  const [hasFocus, setFocus] = useState(false);
  const layout = gridLayout(Math.max(width, 1), order.records.length, picture);
  const view = useRef<GridView>(undefined);
  useLayoutEffect(() => {
    const element = scroller.current!;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    setWidth(element.clientWidth);
    return () => observer.disconnect();
  }, []);
  useLayoutEffect(() => {
    const own = new GridView(scroller.current!, canvas.current!, { dataset, side, records: order.records }, picture);
    view.current = own;
    return () => own.close();
  }, [dataset, order.records, picture]);
  useLayoutEffect(() => {
    if (width > 0) view.current?.show({ layout, order, colours, selection, hasFocus });
  }, [layout.columns, layout.count, picture, order, colours, selection, hasFocus, width, theme.value]);
  useLayoutEffect(() => {
    scroller.current!.scrollTop = 0;
  }, [props.address]);
  useLayoutEffect(() => {
    const element = scroller.current!;
    const isThere = width > 0 && selection.current < layout.count;
    if (isThere) element.scrollTop = scrollFor(layout, selection.current, element.scrollTop, element.clientHeight);
  }, [selection.current]);
  useGridKeys(props, { layout, scroller });
  const count = order.records.length;
  const current = Math.min(selection.current, Math.max(count - 1, 0));
  const at = (event: MouseEvent) => {
    const box = scroller.current!.getBoundingClientRect();
    return positionAt(layout, event.clientX - box.left, event.clientY - box.top + scroller.current!.scrollTop);
  };
  return (
    <div
      ref={scroller}
      class="patch-grid"
      role="grid"
      tabIndex={0}
      aria-label="Patches"
      aria-rowcount={layout.rows}
      aria-colcount={layout.columns}
      aria-multiselectable="true"
      aria-activedescendant={count > 0 ? "patch-cell" : undefined}
      onFocus={() => setFocus(true)}
      onBlur={() => setFocus(false)}
      onClick={(event) => {
        const position = at(event);
        if (position === undefined) return;
        if (event.shiftKey) select(extendedTo(selection, position, order.records));
        else if (event.ctrlKey || event.metaKey) select(toggledAt(selection, position, order.records));
        else select(unpicked({ ...selection, current: position }));
      }}
      onDblClick={(event) => {
        const position = at(event);
        if (position !== undefined) open(position);
      }}
    >
      {count > 0 && (
        <div role="row" class="for-readers" aria-rowindex={Math.floor(current / layout.columns) + 1}>
          <div
            role="gridcell"
            id="patch-cell"
            aria-colindex={(current % layout.columns) + 1}
            aria-selected={selection.picked.has(order.records[current]!)}
          >
            {patchSentence(order, current, props)}
          </div>
        </div>
      )}
      <canvas ref={canvas} aria-hidden="true" />
    </div>
  );
}

/** The keys of the grid; they are meant if the grid has the focus, or nothing has. */
function useGridKeys(
  { order, selection, select, open, keys = [] }: GridProps,
  { layout, scroller }: { layout: GridLayout; scroller: { current: HTMLDivElement | null } },
): void {
  const { records } = order;
  // A key can come before the page was drawn again after the key before it.
  const latest = useRef(selection);
  latest.current = selection;
  const go = (to: GridSelection) => {
    latest.current = to;
    select(to);
  };
  const moved = (key: string) => {
    const { current } = latest.current;
    return movedBy(key, layout, Math.min(current, layout.count - 1), scroller.current?.clientHeight ?? 0) ?? current;
  };
  const moves = Object.entries(MOVES).flatMap(([key, does]): KeyBinding[] => [
    { key, does, run: () => go(movedTo(latest.current, moved(key))) },
    {
      key: `Shift+${key}`,
      does: `${does}, and pick the patches between`,
      run: () => go(extendedTo(latest.current, moved(key), records)),
    },
  ]);
  const others: KeyBinding[] = [
    {
      key: " ",
      does: "Pick the patch, or not",
      run: () => go(toggledAt(latest.current, latest.current.current, records)),
    },
    { key: "Enter", does: "Open the patch", run: () => open(latest.current.current) },
    { key: "Escape", does: "Pick nothing", run: () => go(unpicked(latest.current)) },
  ];
  useKeys(
    "Grid of patches",
    records.length === 0 ? [] : [...moves, ...others, ...keys],
    [layout.columns, layout.count, layout.picture, order, open, select, keys],
    ({ target }) => target === scroller.current || target === document.body || (target as Element).id === "screen",
  );
}

const MOVES = {
  ArrowLeft: "Patch before",
  ArrowRight: "Next patch",
  ArrowUp: "Patch above",
  ArrowDown: "Patch below",
  PageUp: "A page up",
  PageDown: "A page down",
  Home: "First patch",
  End: "Last patch",
} as const;
