/** A page of the queue: one patch at a time, without its label, its probability, or why it was chosen. */
import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { CorrectionLabel } from "../../../../artifacts/corrections/entries.ts";
import { counted } from "../../../../util/numbers.ts";
import type { QueuePage, QueueQuery, QueueVerdict } from "../../../api/corrections.ts";
import type { DatasetItem } from "../../../api/items.ts";
import { CorrectionBar } from "../../corrections/bar.tsx";
import { type CorrectionStore, correctionsOf } from "../../corrections/store.ts";
import { Link, Problem, useLoaded } from "../../parts/basics.tsx";
import { get, query as queryText } from "../../state/api.ts";
import { useKeys } from "../../state/keys.ts";
import { route, setView } from "../../state/route.ts";
import { session } from "../../state/session.ts";
import { Enlarged } from "../datasets/patch.tsx";
import { Surroundings } from "../datasets/surroundings.tsx";
import { ItemPixels } from "./prefetch.ts";
import { QueueRate } from "./rate.tsx";
import { shownPlace } from "./view.ts";
import { type GivenVerdict, verdictSentence } from "./words.ts";

interface PageProps {
  readonly item: DatasetItem;
  readonly query: QueueQuery;
}

export function QueuePageView({ item, query }: PageProps) {
  const address = `/datasets/${item.id}/queue${queryText({ ...query })}`;
  const store = correctionsOf(item.id, item.classNames);
  const saved = store.saved.value?.entries ?? 0;
  const { value, problem } = useLoaded(`${address} ${saved}`, (signal) => get<QueuePage>(address, signal));
  const last = useRef<QueuePage>(undefined);
  if (value) last.current = value;
  const page = last.current;
  if (problem && !page) return <Stopped item={item} problem={problem} />;
  if (!page) return <p class="muted">The page is drawn...</p>;
  return <Judging item={item} query={query} page={page} store={store} />;
}

function Stopped({ item, problem }: { readonly item: DatasetItem; readonly problem: string }) {
  return (
    <>
      <h1>What to look at next</h1>
      <Problem>{problem}</Problem>
      <p>
        <Link to={`/queue/${item.id}`}>Start a new queue</Link>
      </p>
    </>
  );
}

interface JudgingProps extends PageProps {
  readonly page: QueuePage;
  readonly store: CorrectionStore;
}

function Judging({ item, query, page, store }: JudgingProps) {
  const pixels = useMemo(() => new ItemPixels(item.id, page.items), []);
  const [given, setGiven] = useState<GivenVerdict>();
  const { items } = page;
  const place = shownPlace(route.value.view, items);
  const isDone = place >= items.length;
  const to = (next: number) => setView({ at: next + 1 });
  const judge = useCallback(
    (label: CorrectionLabel | null) => {
      if (isDone || label === null) return;
      const at = place;
      store.give({ kind: "verdict", queue: query, place: at, label }, (verdict: QueueVerdict) =>
        setGiven({ place: at, label, verdict }),
      );
      // After the last one, the address names none: the first without a verdict is shown, or the end.
      setView({ at: at + 1 < items.length ? at + 2 : undefined });
    },
    [place, isDone, store],
  );
  useKeys(
    "Queue",
    [
      { key: "ArrowLeft", does: "Patch before", run: () => place > 0 && to(place - 1) },
      { key: "ArrowRight", does: "Next patch", run: () => place + 1 < items.length && to(place + 1) },
    ],
    [place],
  );
  const record = items[place]?.record;
  const records = useMemo(() => (record === undefined ? [] : [record]), [record]);
  return (
    <div class="queue">
      <p class="trail">
        <Link to={`/datasets/${item.id}`}>{item.path}</Link>
      </p>
      <h1>What to look at next</h1>
      {isDone ? (
        <PageEnd query={query} page={page} store={store} />
      ) : (
        <>
          <p>
            <b>
              {place + 1} of {items.length} on this page
            </b>
            {items[place]!.verdict !== null && " (judged)"}
          </p>
          <ItemPicture key={place} item={item} page={page} place={place} pixels={pixels} />
        </>
      )}
      <CorrectionBar store={store} records={records} mark={judge} hasReset={false} />
      {given && (
        <output class="verdict">
          {verdictSentence(given, item.classNames)}{" "}
          {given.verdict.isBlind && isContradiction(given) && (
            <button
              type="button"
              class="quiet"
              onClick={() => store.give({ kind: "set", records: [given.verdict.record], label: given.label })}
            >
              Correct it too
            </button>
          )}
        </output>
      )}
      {!isDone && (
        <p class="row">
          <button type="button" disabled={place === 0} onClick={() => to(place - 1)}>
            Before
          </button>
          <button type="button" disabled={place + 1 >= items.length} onClick={() => to(place + 1)}>
            Skip
          </button>
          <span class="muted">The label and the probability are shown after your verdict.</span>
        </p>
      )}
      {page.splits.includes("test") && (
        <p class="muted">
          Corrections of test patches are kept. A corrected dataset uses them only if you ask for it, because the
          comparison of models needs test labels that stay.
        </p>
      )}
      <QueueRate page={page} classNames={item.classNames} />
      <p class="muted">{session.value?.notice}</p>
    </div>
  );
}

const isContradiction = ({ label, verdict }: GivenVerdict): boolean =>
  label !== (verdict.label === 1 ? "positive" : "negative");

function PageEnd({ query, page, store }: { query: QueueQuery; page: QueuePage; store: CorrectionStore }) {
  const next = () => {
    const start = store.saved.peek()?.entries ?? query.start;
    setView({ start, before: query.before + page.items.length, at: undefined });
  };
  useKeys("Queue's end", [{ key: "Enter", does: "Next page", run: next }], []);
  return (
    <>
      <p>
        {page.items.length === 0
          ? "There is nothing left to judge."
          : `This page is done: ${counted(page.items.length, "verdict")}.`}
      </p>
      {page.items.length > 0 && (
        <p>
          <button type="button" class="primary" disabled={store.waiting.value.length > 0} onClick={next}>
            Next page
          </button>
        </p>
      )}
    </>
  );
}

interface PictureProps {
  readonly item: DatasetItem;
  readonly page: QueuePage;
  readonly place: number;
  readonly pixels: ItemPixels;
}

function ItemPicture({ item, page, place, pixels }: PictureProps) {
  const [shown, setShown] = useState(() => pixels.at(place));
  const [problem, setProblem] = useState<string>();
  const one = page.items[place]!;
  useEffect(() => {
    pixels.want(place).then(setShown, (error: unknown) => setProblem(String(error)));
  }, []);
  if (problem) return <Problem>{problem}</Problem>;
  if (!shown) return <div class="queue-wait" />;
  return (
    <div class="patch-parts" data-place={place}>
      <Enlarged side={item.side} pixels={shown} label="to be judged" />
      <Surroundings side={item.side} patch={one} pixels={shown} />
    </div>
  );
}
