/** Corrections of a dataset: counts, the history with undo of any entry, a corrected dataset, a better model. */
import type { CorrectionsSummary } from "../../../api/corrections.ts";
import type { DatasetItem } from "../../../api/items.ts";
import { type CorrectionStore, correctionsOf } from "../../corrections/store.ts";
import { Link, Problem, useLoaded } from "../../parts/basics.tsx";
import { get } from "../../state/api.ts";
import { itemOf, items } from "../../state/items.ts";
import { useKeys } from "../../state/keys.ts";
import { route } from "../../state/route.ts";
import { session } from "../../state/session.ts";
import { DatasetChoice } from "../queue/index.tsx";
import { RateText } from "../queue/rate.tsx";
import { ChainView } from "./chain.tsx";
import { CorrectedForm } from "./corrected_form.tsx";
import { CorrectionCounts } from "./counts.tsx";
import { CorrectionHistory } from "./history.tsx";
import { RetrainForm } from "./retrain_form.tsx";
import "./corrections.css";

export function CorrectionsScreen() {
  const { id } = route.value;
  if (!items.value) return <p class="muted">Loading...</p>;
  if (id === "") return <DatasetChoice title="Corrections" screen="corrections" />;
  const item = itemOf("dataset", id);
  if (!item) return <Problem>There is no dataset of that id in the studio's folder.</Problem>;
  if (item.problem !== undefined) return <Problem>{item.problem}</Problem>;
  return <CorrectionsView key={`${item.id} ${item.manifestSha256}`} item={item} />;
}

function CorrectionsView({ item }: { readonly item: DatasetItem }) {
  const store = correctionsOf(item.id, item.classNames);
  const saved = store.saved.value;
  const { value, problem } = useLoaded(`${item.id} ${saved?.entries}`, (signal) =>
    get<CorrectionsSummary>(`/datasets/${item.id}/corrections/summary`, signal),
  );
  useKeys(
    "Corrections",
    [
      { key: "Control+z", does: "Undo the last correction", run: () => store.give({ kind: "undo" }) },
      { key: "Control+Z", does: "Redo it", run: () => store.give({ kind: "redo" }) },
    ],
    [store],
  );
  return (
    <>
      <p class="trail">
        <Link to={`/datasets/${item.id}`}>{item.path}</Link>
      </p>
      <h1>Corrections of {item.path}</h1>
      <p class="row">
        <Link to={`/datasets/${item.id}?corrected=yes`}>Corrected patches</Link>
        <Link to={`/queue/${item.id}`}>What to look at next</Link>
      </p>
      {problem && <Problem>{problem}</Problem>}
      {value && <Content item={item} store={store} summary={value} />}
    </>
  );
}

interface ContentProps {
  readonly item: DatasetItem;
  readonly store: CorrectionStore;
  readonly summary: CorrectionsSummary;
}

function Content({ item, store, summary }: ContentProps) {
  const { chain } = route.value.view;
  return (
    <>
      <CorrectionCounts item={item} summary={summary} />
      {summary.rates.map((rate) => (
        <section key={rate.splits} aria-label={`Label errors, ${rate.splits}`}>
          <h2>Label errors</h2>
          <RateText rate={rate} classNames={item.classNames} />
        </section>
      ))}
      <CorrectedForm item={item} summary={summary} />
      <RetrainForm item={item} summary={summary} />
      {chain !== undefined && <ChainView last={chain} item={item} />}
      <CorrectionHistory item={item} store={store} history={summary.history} />
      <p class="muted">{session.value?.notice}</p>
    </>
  );
}
