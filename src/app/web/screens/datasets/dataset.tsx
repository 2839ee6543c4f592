/** One dataset: its cases and splits, what was left out, and the grid of its patches. */
import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { CorrectionLabel } from "../../../../artifacts/corrections/entries.ts";

import { counted, whole } from "../../../../util/numbers.ts";
import type { DatasetFacts } from "../../../api/datasets.ts";
import type { DatasetItem } from "../../../api/items.ts";
import { decodeOrder } from "../../../api/patch_order.ts";
import { CorrectionBar } from "../../corrections/bar.tsx";
import { correctionsOf } from "../../corrections/store.ts";
import { CommandLine, Link, Problem, useLoaded } from "../../parts/basics.tsx";
import { get, getBytes, query } from "../../state/api.ts";
import { items, journalSizes } from "../../state/items.ts";
import { route, setView } from "../../state/route.ts";
import { session } from "../../state/session.ts";
import { correctedOrder } from "./corrected_order.ts";
import { PatchFilters } from "./filters.tsx";
import { PatchGrid } from "./grid.tsx";
import { CELL_SIZES } from "./layout.ts";
import { PatchDialog } from "./patch.tsx";
import { chosenRecords, type GridSelection, movedTo, NOTHING_PICKED } from "./selection.ts";
import { DatasetTables } from "./tables.tsx";
import { cellSize, chosenSource, openRecord, queryOf } from "./view.ts";

export function DatasetView({ item }: { readonly item: DatasetItem }) {
  const { value: facts, problem } = useLoaded(`${item.id} ${answersVersion()}`, (signal) =>
    get<DatasetFacts>(`/datasets/${item.id}`, signal),
  );
  const [last, setLast] = useState<DatasetFacts>();
  if (facts && facts !== last) setLast(facts);
  // While new evaluations are being read, the facts before them stay on the screen.
  const shown = facts ?? last;
  const patches = Object.values(item.counts).reduce((sum, part) => sum + part.patches, 0);
  return (
    <>
      <p class="trail">
        <Link to="/datasets">Datasets</Link>
      </p>
      <h1>{item.path}</h1>
      <p>
        {counted(patches, "patch")} of {item.side} x {item.side} pixels
        {shown && `, ${counted(shown.cases.filter((one) => one.case !== "").length, "case")}`}.
      </p>
      {problem && <Problem>{problem}</Problem>}
      {!shown && !problem && <p class="muted">The dataset is opened, and its records are checked...</p>}
      <p class="row">
        <Link to={`/queue/${item.id}`}>What to look at next</Link>
        <Link to={`/corrections/${item.id}`}>Corrections and retraining</Link>
      </p>
      {shown && <DatasetTables item={item} facts={shown} />}
      {shown && <PatchPart item={item} facts={shown} />}
    </>
  );
}

/** Changes if an evaluation or a cross-validation has come, gone or changed. */
function answersVersion(): string {
  const own = (items.value?.items ?? []).filter(({ kind }) => kind === "evaluation" || kind === "crossvalidation");
  return own.map(({ id, changed }) => `${id}${changed}`).join();
}

function PatchPart({ item, facts }: { readonly item: DatasetItem; readonly facts: DatasetFacts }) {
  const { view } = route.value;
  const [selection, select] = useState(NOTHING_PICKED);
  const source = chosenSource(view, facts.sources);
  const address = `/datasets/${item.id}/order${query(queryOf(view, source) as Record<string, string>)}`;
  // Only a filter by corrections needs the server's answer to a correction.
  const journalSize = view.corrected === undefined ? 0 : (journalSizes.value[item.id] ?? 0);
  const version = `${answersVersion()} ${journalSize}`;
  const store = correctionsOf(item.id, item.classNames);
  const corrected = store.patches.value;
  const colours = useLoaded(
    item.id,
    async (signal) => new Uint8Array(await getBytes(`/datasets/${item.id}/colours`, signal)),
  );
  const loaded = useLoaded(`${address} ${version}`, async (signal) => ({
    address,
    order: decodeOrder(await getBytes(address, signal)),
  }));
  const last = useLast(loaded.value);
  const { order: uncorrected, address: shownAddress = "" } =
    (loaded.problem ? undefined : (loaded.value ?? last)) ?? {};
  const order = useMemo(() => uncorrected && correctedOrder(uncorrected, corrected), [uncorrected, corrected]);
  useEffect(() => select((before) => ({ ...before, current: 0, anchor: 0 })), [shownAddress]);
  useSameCurrent(order?.records, shownAddress, selection, select);
  const record = openRecord(view);
  const place = useMemo(() => (record === undefined ? -1 : (order?.records.indexOf(record) ?? -1)), [record, order]);
  const openAt = (position: number) => {
    const next = order?.records[position];
    if (next === undefined) return;
    select({ ...selection, current: position, anchor: position });
    setView({ patch: next });
  };
  const records = useMemo(() => {
    if (record !== undefined) return [record];
    return order ? chosenRecords(selection, order.records) : [];
  }, [record, selection, order]);
  const mark = useCallback(
    (label: CorrectionLabel | null) => {
      if (records.length === 0) return;
      store.give({ kind: "set", records: [...records], label });
      const isLast = order === undefined || selection.current + 1 >= order.records.length;
      if (record === undefined && selection.picked.size === 0 && !isLast) {
        select(movedTo(selection, selection.current + 1));
      }
    },
    [records, store, order, selection, record],
  );
  const bar = <CorrectionBar store={store} records={records} mark={mark} />;
  return (
    <section aria-labelledby="patches-title">
      <h2 id="patches-title">Patches</h2>
      <PatchFilters facts={facts} classNames={item.classNames} source={source} />
      {loaded.problem && <Problem>{loaded.problem}</Problem>}
      {colours.problem && <Problem>{colours.problem}</Problem>}
      {order && (
        <p role="status">
          {whole(order.records.length)} of {counted(order.total, "patch")}
          {selection.picked.size > 0 && `, ${whole(selection.picked.size)} picked`}.{" "}
          <span class="muted">
            Border and sign: <b class="label-1">+</b> {item.classNames[1]}, <b class="label-0">−</b>{" "}
            {item.classNames[0]}.
            {source &&
              ` Below: probability of ${item.classNames[1]}; ✗ if the model is wrong${view.sort === "suspected" ? ", ? if the label is suspected to be wrong" : ""}.`}
          </span>
        </p>
      )}
      {record === undefined && bar}
      {order && colours.value && (
        <PatchGrid
          dataset={item.id}
          side={item.side}
          classNames={item.classNames}
          cases={facts.cases}
          order={order}
          colours={colours.value}
          picture={CELL_SIZES[cellSize(view)]}
          address={shownAddress}
          selection={selection}
          select={select}
          open={openAt}
        />
      )}
      {!(order && colours.value) && <div class="patch-grid" aria-hidden="true" />}
      {source && (
        <>
          <p class="muted">
            {session.value?.notice} Probabilities by {source.name}
            {source.kind === "crossvalidation" && ", each from the fold that did not train on the case"}
            {source.usesNeighbours && ", which also uses the patches around each patch"}
            {source.isTrainedHere && "; it was trained on the split train, so it knows the labels there"}.
          </p>
          {source.commands.map((command) => (
            <CommandLine key={command} text={command} />
          ))}
        </>
      )}
      {record !== undefined && (
        <PatchDialog
          item={item}
          facts={facts}
          record={record}
          source={source}
          position={place}
          count={order?.records.length ?? 0}
          openAt={openAt}
          openRecord={(next) => setView({ patch: next })}
          close={() => {
            if (place >= 0) select({ ...selection, current: place, anchor: place });
            setView({ patch: undefined });
          }}
          state={corrected.get(record)}
        >
          {bar}
        </PatchDialog>
      )}
    </section>
  );
}

/** Keeps the same patch current if the order at an address becomes another one. */
function useSameCurrent(
  records: Uint32Array | undefined,
  address: string,
  selection: GridSelection,
  select: (to: GridSelection) => void,
): void {
  const known = useRef<{ address: string; records: Uint32Array; record: number | undefined }>(undefined);
  useEffect(() => {
    if (!records) return;
    const before = known.current;
    known.current = { address, records, record: records[selection.current] };
    if (before?.address !== address || before.records === records || before.record === undefined) return;
    const position = records.indexOf(before.record);
    if (position >= 0 && position !== selection.current) select(movedTo(selection, position));
  }, [records, selection]);
}

/** The last value that there was. */
function useLast<T>(value: T | undefined): T | undefined {
  const [last, setLast] = useState<T>();
  if (value !== undefined && value !== last) setLast(value);
  return value ?? last;
}
