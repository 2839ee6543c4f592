/** The comparison of evaluations of the same patches: every metric, and the paired differences with their intervals. */
import { useComputed } from "@preact/signals";
import { CLASS_NAMES } from "../../../../histology/dataset/class_names.ts";
import { METRIC_NAMES, metricTitle } from "../../../../metrics/table.ts";
import { classWords } from "../../../../reports/class_words.ts";
import type { Comparison as Compared } from "../../../../reports/comparison/report.ts";
import { estimateText, gapText, leftOutLines, letterOf } from "../../../../reports/comparison/text.ts";
import { caseSizesText, INTERVALS_COVER, intervalsMade } from "../../../../reports/evaluation/interval_text.ts";
import { counted } from "../../../../util/numbers.ts";
import type { ComparisonAnswer } from "../../../api/evaluations.ts";
import { CommandLine, Link, Problem, useLoaded } from "../../parts/basics.tsx";
import { get, query } from "../../state/api.ts";
import { route, setView } from "../../state/route.ts";
import { NumberBlock } from "./tables.tsx";

export function ComparisonView() {
  const text = useComputed(() => route.value.view.ids ?? "").value;
  const ids = text.split(",").filter((id) => id !== "");
  const { value, problem } = useLoaded<ComparisonAnswer>(`compare ${text}`, (signal) =>
    get<ComparisonAnswer>(`/compare${query({ ids: text })}`, signal),
  );
  return (
    <>
      <h1>Compare</h1>
      <p>
        <Link to="/evaluations">Choose other evaluations</Link>
      </p>
      {problem && <Problem>{problem}</Problem>}
      {!problem && !value && <p class="muted">Comparing...</p>}
      {value && <Answer answer={value} ids={ids} />}
    </>
  );
}

function Answer({ answer, ids }: { readonly answer: ComparisonAnswer; readonly ids: readonly string[] }) {
  const { comparison, warnings, command } = answer;
  const { split, patches, cases, case_sizes, intervals, runs, differences } = comparison;
  const { positive } = classWords(comparison.classes ?? CLASS_NAMES);
  const letters = runs.map((_, place) => letterOf(place));
  return (
    <>
      {warnings.map((text) => (
        <p class="alert" key={text}>
          {text}
        </p>
      ))}
      <p>
        {split}: {counted(patches, "patch")}
        {case_sizes ? ` of ${caseSizesText(cases, case_sizes)}` : ""}.
      </p>
      {leftOutLines(comparison).map((text) => (
        <p class="alert" key={text}>
          {text}
        </p>
      ))}
      <CommandLine text={command} />
      <RunsTable comparison={comparison} ids={ids} letters={letters} command={command} positive={positive} />
      <NumberBlock id="differences" title={`Differences from ${letters[0]}`} command={command}>
        <MetricRows
          columns={letters.slice(1).map((letter) => `${letter} - ${letters[0]}`)}
          positive={positive}
          cellsOf={(name) => differences.map(({ metrics }) => gapText(metrics[name]))}
        />
      </NumberBlock>
      <NumberBlock id="values" title="Each evaluation" command={command}>
        <MetricRows
          columns={letters}
          positive={positive}
          cellsOf={(name) => runs.map(({ metrics }) => estimateText(metrics[name]))}
        />
      </NumberBlock>
      <p>
        In brackets 95 % intervals; a difference is paired, on the same patches. {intervalsMade(intervals)}{" "}
        {INTERVALS_COVER}
      </p>
      <p>
        * marks a difference whose interval leaves out 0. An interval that contains 0 does not show that the models are
        equal, only that these cases do not distinguish them. {METRIC_NAMES.length} metrics are shown for each pair:
        some intervals leave out 0 by chance alone, so choose the metric beforehand.
      </p>
    </>
  );
}

interface RunsProps {
  readonly comparison: Compared;
  readonly ids: readonly string[];
  readonly letters: readonly string[];
  readonly command: string;
  readonly positive: string;
}

function RunsTable({ comparison, ids, letters, command, positive }: RunsProps) {
  return (
    <NumberBlock id="runs" title="Compared" command={command}>
      <table>
        <thead>
          <tr>
            <th scope="col">letter</th>
            <th scope="col">evaluation</th>
            <th scope="col">model</th>
            <th scope="col">architecture</th>
            <th scope="col">recipe</th>
            <th scope="col">epoch</th>
            <th scope="col">{positive} from</th>
            <th scope="col">baseline</th>
          </tr>
        </thead>
        <tbody>
          {comparison.runs.map(({ run, model, threshold }, place) => (
            <tr key={run}>
              <th scope="row">{letters[place]}</th>
              <td>
                <Link to={`/evaluations/${ids[place]}`}>{run}</Link>
              </td>
              <td>{model.name}</td>
              <td>{model.architecture}</td>
              <td>{model.recipe}</td>
              <td>{model.epoch ?? "-"}</td>
              <td>
                <data value={String(threshold)}>{threshold.toFixed(4)}</data>
              </td>
              <td>
                {place === 0 ? (
                  "baseline"
                ) : (
                  <button
                    type="button"
                    class="quiet"
                    aria-label={`Make it the baseline: ${run}`}
                    onClick={() =>
                      setView({ ids: [ids[place], ...ids.filter((_, other) => other !== place)].join(",") })
                    }
                  >
                    Make it the baseline
                  </button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </NumberBlock>
  );
}

interface RowsProps {
  readonly columns: readonly string[];
  readonly positive: string;
  readonly cellsOf: (name: (typeof METRIC_NAMES)[number]) => readonly string[];
}

function MetricRows({ columns, positive, cellsOf }: RowsProps) {
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">metric</th>
          {columns.map((title) => (
            <th key={title} scope="col">
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {METRIC_NAMES.map((name) => (
          <tr key={name} data-metric={name}>
            <th scope="row">{metricTitle(name, positive)}</th>
            {cellsOf(name).map((text, place) => (
              <td key={columns[place]} class={text.endsWith("*") ? "sure" : ""}>
                {text}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
