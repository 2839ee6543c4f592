/** A retraining: its jobs with their commands, and in the end the difference that the corrections made. */
import { CLASS_NAMES } from "../../../../histology/dataset/class_names.ts";
import { METRIC_NAMES, metricTitle } from "../../../../metrics/table.ts";
import { classWords } from "../../../../reports/class_words.ts";
import type { Comparison } from "../../../../reports/comparison/report.ts";
import { estimateText, gapText } from "../../../../reports/comparison/text.ts";
import { caseSizesText, INTERVALS_COVER, intervalsMade } from "../../../../reports/evaluation/interval_text.ts";
import { counted, whole } from "../../../../util/numbers.ts";
import type { DatasetItem } from "../../../api/items.ts";
import type { JobFacts, JobLines } from "../../../api/jobs.ts";
import { ScrollingTable } from "../../../look/scrolling.tsx";
import { CommandLine, CopyButton, Problem, useLoaded } from "../../parts/basics.tsx";
import { get, post } from "../../state/api.ts";
import { jobs } from "../../state/items.ts";
import { chainOf, comparisonIn } from "./job_chain.ts";

const STEPS: Readonly<Partial<Record<JobFacts["verb"], string>>> = {
  correct: "Correct the dataset",
  train: "Train",
  evaluate: "Evaluate",
  compare: "Compare",
};

export function ChainView({ last }: { readonly last: string; readonly item: DatasetItem }) {
  const chain = chainOf(jobs.value, last);
  const end = chain.at(-1);
  if (!end) return null;
  return (
    <section aria-labelledby="chain-title">
      <h2 id="chain-title">Retraining</h2>
      <ol class="chain">
        {chain.map((job) => (
          <Step key={job.id} job={job} />
        ))}
      </ol>
      {end.state === "done" && <Difference job={end} />}
    </section>
  );
}

function Step({ job: { id, verb, state, progress, message, command, canResume } }: { readonly job: JobFacts }) {
  return (
    <li>
      <b>{STEPS[verb] ?? verb}</b>: <span data-state={state}>{state}</span>
      {progress && `, ${whole(progress.done)} of ${counted(progress.total, progress.unit, progress.unit)}`}{" "}
      {(state === "running" || state === "waiting") && (
        <button type="button" class="quiet" onClick={() => void post(`/jobs/${id}/stop`).catch(() => {})}>
          Stop
        </button>
      )}
      {canResume && <span class="muted">(resume it on the screen of the jobs)</span>}
      {message && <Problem>{message}</Problem>}
      <CommandLine text={command} />
    </li>
  );
}

function Difference({ job }: { readonly job: JobFacts }) {
  const { value, problem } = useLoaded(`${job.id} ${job.size}`, (signal) =>
    get<JobLines>(`/jobs/${job.id}/events`, signal),
  );
  const comparison = value && comparisonIn(value.lines);
  if (problem) return <Problem>{problem}</Problem>;
  if (!comparison) return <p class="muted">Loading...</p>;
  return <ComparisonTable comparison={comparison} command={job.command} />;
}

interface TableProps {
  readonly comparison: Comparison;
  readonly command: string;
}

function ComparisonTable({ comparison, command }: TableProps) {
  const { patches, cases, case_sizes, runs, differences, intervals, left_out = [] } = comparison;
  const [before, after] = runs;
  const difference = differences[0];
  if (!before || !after || !difference) return null;
  const { positive } = classWords(comparison.classes ?? CLASS_NAMES);
  return (
    <>
      <h3>Before and after, on the test cases that were not corrected</h3>
      <p>
        {counted(patches, "patch")} of {case_sizes ? caseSizesText(cases, case_sizes) : "unknown cases"}.
        {left_out.length > 0 && ` Left out, as they were corrected: ${left_out.join(", ")}.`}
      </p>
      <ScrollingTable label="Before and after">
        <table class="differences">
          <thead>
            <tr>
              <th scope="col">Metric</th>
              <th scope="col">Before: {before.run}</th>
              <th scope="col">After: {after.run}</th>
              <th scope="col">After - before</th>
            </tr>
          </thead>
          <tbody>
            {METRIC_NAMES.map((name) => (
              <tr key={name} data-metric={name}>
                <th scope="row">{metricTitle(name, positive)}</th>
                <td>{estimateText(before.metrics[name])}</td>
                <td>{estimateText(after.metrics[name])}</td>
                <td>{gapText(difference.metrics[name])}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollingTable>
      <p class="muted">
        In brackets 95 % intervals; a difference is paired, on the same patches. {intervalsMade(intervals)}{" "}
        {INTERVALS_COVER} * marks a difference whose interval leaves out 0. <CopyButton text={command} />
      </p>
    </>
  );
}
