/** The first screen: what is in the folder, what is running, and what to do next. */
import { SPLITS } from "../../../histology/dataset/split_names.ts";
import { counted } from "../../../util/numbers.ts";
import type { DatasetItem, EvaluationItem, Item, ItemKind, RunItem } from "../../api/items.ts";
import { Link } from "../parts/basics.tsx";
import { JOB_STATES } from "../parts/job_states.ts";
import { ProgressBar } from "../parts/progress_bar.tsx";
import { items, itemsOf, runningJobs } from "../state/items.ts";
import { session } from "../state/session.ts";
import "./overview.css";

export function Overview() {
  if (!items.value) return <p class="muted">Loading...</p>;
  return (
    <>
      <h1>{session.value?.folder}</h1>
      <NextSteps />
      <Running />
      <div class="grid overview">
        <Card kind="dataset" title="Datasets" screen="datasets" words={datasetWords} />
        <Card kind="run" title="Runs" screen="runs" words={runWords} />
        <Card kind="evaluation" title="Evaluations" screen="evaluations" words={evaluationWords} />
        <Card kind="slide" title="Slides" screen="slides" words={() => ""} />
      </div>
    </>
  );
}

const usable = <K extends ItemKind>(kind: K) => itemsOf(kind).filter(({ problem }) => problem === undefined);

/** What a person who is new here does next. */
function NextSteps() {
  const [dataset, slide, run] = [usable("dataset")[0], usable("slide")[0], usable("run").find((one) => one.hasModel)];
  const isEvaluated = run && usable("evaluation").some((one) => one.run === run.id);
  const steps: readonly (readonly [title: string, to: string])[] = [
    ...(dataset ? [["Look at the patches and correct", `/datasets/${dataset.id}`] as const] : []),
    ...(dataset ? [["Train", `/jobs/new?verb=train&dataset=${dataset.id}`] as const] : []),
    ...(run && !isEvaluated ? [["Evaluate", `/jobs/new?verb=evaluate&model=${run.id}`] as const] : []),
    ...(slide ? [["Open a slide", `/slides/${slide.id}`] as const] : []),
    ...(dataset ? [] : [["Make demo data", "/jobs/new?verb=demo"] as const]),
  ];
  return (
    <section aria-label="What to do next">
      {!dataset && (
        <p>
          There is no dataset in this folder. Make synthetic data to try everything, or prepare your own with{" "}
          <code>cancernet prepare FOLDER --out dataset</code>.
        </p>
      )}
      <p class="row">
        {steps.map(([title, to], index) => (
          <Link key={title} class={`button${index === 0 ? " primary" : ""}`} to={to}>
            {title}
          </Link>
        ))}
        <a class="button" href="/api/pages/idc/" target="_blank" rel="noopener">
          Classify images
        </a>
      </p>
    </section>
  );
}

function Running() {
  if (runningJobs.value.length === 0) return null;
  return (
    <section aria-label="Running">
      <h2>Running</h2>
      {runningJobs.value.map(({ id, verb, out, state, progress }) => (
        <div key={id}>
          <Link to={`/jobs/${id}`}>
            {verb}
            {out !== null && ` ${out}`}
          </Link>{" "}
          <span class="muted">{JOB_STATES[state]}</span>
          {progress && <ProgressBar progress={progress} />}
        </div>
      ))}
    </section>
  );
}

interface CardProps<K extends ItemKind> {
  readonly kind: K;
  readonly title: string;
  /** The first part of the address of the kind's screen. */
  readonly screen: string;
  words(item: Extract<Item, { readonly kind: K }>): string;
}

const MOST_SHOWN = 6;

function Card<K extends ItemKind>({ kind, title, screen, words }: CardProps<K>) {
  const own = itemsOf(kind);
  const shown = own.toSorted((a, b) => b.changed - a.changed).slice(0, MOST_SHOWN);
  return (
    <section class="card">
      <h2>{title}</h2>
      {own.length === 0 && <p class="muted">None yet.</p>}
      <ul>
        {shown.map((item) => (
          <li key={item.id}>
            <Link to={`/${screen}/${item.id}`}>{item.path}</Link>{" "}
            {item.problem === undefined ? (
              <span class="muted">{words(item)}</span>
            ) : (
              <span class="alert">{item.problem}</span>
            )}
          </li>
        ))}
      </ul>
      {own.length > shown.length && <Link to={`/${screen}`}>All {own.length}</Link>}
    </section>
  );
}

function datasetWords({ counts }: DatasetItem): string {
  const total = (name: "patches" | "cases") => SPLITS.reduce((sum, split) => sum + counts[split][name], 0);
  return `${counted(total("patches"), "patch")} of ${counted(total("cases"), "case")}`;
}

const aurocText = (value: number | null) => (value === null ? "" : `AUROC ${value.toFixed(3)}`);

function runWords({ architecture, status, valAuroc }: RunItem): string {
  const judged =
    valAuroc === null ? (status === "running" ? "not finished" : status) : `validation ${aurocText(valAuroc)}`;
  return `${architecture}, ${judged}`;
}

function evaluationWords({ split, auroc }: EvaluationItem): string {
  return [split, aurocText(auroc)].filter(Boolean).join(", ");
}
