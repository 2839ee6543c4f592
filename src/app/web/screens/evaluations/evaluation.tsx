/** One evaluation: its numbers at any threshold, its charts, its patches, its origin. */
import { effect, useComputed } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { caseSizesText } from "../../../../reports/evaluation/interval_text.ts";
import { reportWarnings, splitUseText } from "../../../../reports/evaluation/text.ts";
import { madeBy } from "../../../../reports/html/elements.ts";
import { counted } from "../../../../util/numbers.ts";
import { decodePredictions, type EvaluationAnswer, type PredictionColumns } from "../../../api/evaluations.ts";
import { CopyButton, Link, Problem, useLoaded } from "../../parts/basics.tsx";
import { get, getBytes } from "../../state/api.ts";
import { itemOf, itemsOf } from "../../state/items.ts";
import { route, setView } from "../../state/route.ts";
import { ConfusionMatrix, RatesPanel } from "./confusion.tsx";
import { Figures } from "./figures.tsx";
import { createJudgement, type Judgement } from "./judgement.ts";
import { Origin } from "./origin.tsx";
import { SelectedPatches } from "./strip.tsx";
import { CasesTable, MetricsTable, ThresholdsTable } from "./tables.tsx";
import { ThresholdPanel } from "./threshold_panel.tsx";

interface Loaded {
  readonly answer: EvaluationAnswer;
  readonly columns: PredictionColumns;
}

export function OneEvaluation({ id }: { readonly id: string }) {
  const { value, problem } = useLoaded<Loaded>(id, async (signal) => {
    const [answer, bytes] = await Promise.all([
      get<EvaluationAnswer>(`/evaluations/${id}`, signal),
      getBytes(`/evaluations/${id}/predictions`, signal),
    ]);
    return { answer, columns: decodePredictions(bytes) };
  });
  if (problem) return <Problem>{problem}</Problem>;
  if (!value) return <p class="muted">Loading...</p>;
  return <Judged key={id} id={id} {...value} />;
}

function Judged({ id, answer, columns }: Loaded & { readonly id: string }) {
  const judgement = useMemo(() => createJudgement(id, answer, columns, route.peek().view), [id]);
  useEffect(() => keepInAddress(judgement), [judgement]);
  return (
    <>
      <Head judgement={judgement} />
      <div class="judge">
        <ThresholdPanel judgement={judgement} />
        <ConfusionMatrix judgement={judgement} />
        <RatesPanel judgement={judgement} />
      </div>
      <SelectedPatches judgement={judgement} />
      <div class="block-title">
        <h2>Charts</h2>
        <CopyButton text={answer.report.command} />
      </div>
      <Figures judgement={judgement} />
      <ThresholdsTable judgement={judgement} />
      <MetricsTable judgement={judgement} />
      <CasesTable judgement={judgement} />
      <Origin judgement={judgement} />
    </>
  );
}

/** A browser allows only some changes of the address per second. */
const ADDRESS_MILLISECONDS = 250;

function keepInAddress({ view }: Judgement): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isFirst = true;
  const stop = effect(() => {
    const changes = view.value;
    clearTimeout(timer);
    if (!isFirst) timer = setTimeout(() => setView(changes), ADDRESS_MILLISECONDS);
    isFirst = false;
  });
  return () => {
    clearTimeout(timer);
    stop();
  };
}

function Head({ judgement: { id, report } }: { readonly judgement: Judgement }) {
  const warnings = reportWarnings(report);
  const splitUse = splitUseText(report);
  const { split, patches, cases, case_sizes, model } = report;
  return (
    <>
      {report.caveats.length > 0 && <Warnings texts={warnings} />}
      <h1>
        {model.name} on {split}
      </h1>
      <p>
        {madeBy(model)}; {counted(patches, "patch")}
        {case_sizes ? ` of ${caseSizesText(cases, case_sizes)}` : ""}.
      </p>
      <OthersToCompare id={id} />
      {report.caveats.length === 0 && <Warnings texts={warnings} />}
      {splitUse && <p class="alert">{splitUse}</p>}
    </>
  );
}

/** The evaluations of the same split of the same dataset: each leads to a comparison with this one as the baseline. */
function OthersToCompare({ id }: { readonly id: string }) {
  const own = itemOf("evaluation", id);
  const others = itemsOf("evaluation").filter(
    ({ id: other, split, datasetSha256 }) =>
      other !== id && split === own?.split && datasetSha256 === own.datasetSha256,
  );
  if (others.length === 0) return null;
  return (
    <details>
      <summary>Compare with {counted(others.length, "other evaluation")} of these patches</summary>
      <ul>
        {others.map((other) => (
          <li key={other.id}>
            <Link to={`/evaluations/compare?ids=${id},${other.id}`}>{other.path}</Link>
          </li>
        ))}
      </ul>
    </details>
  );
}

function Warnings({ texts }: { readonly texts: readonly string[] }) {
  return (
    <>
      {texts.map((text) => (
        <p class="alert" key={text}>
          {text}
        </p>
      ))}
    </>
  );
}

/** The evaluation that the address names. */
export function useEvaluationId(): string {
  return useComputed(() => route.value.id).value;
}
