/** The answers: how far the work is, counts, downloads, and the table. */
import { signal } from "@preact/signals";
import { predictionCsvLines } from "../../reports/prediction/csv.ts";
import { counted, whole } from "../../util/numbers.ts";
import { Problem } from "../look/problem.tsx";
import { AnswerTable } from "./answer_table.tsx";
import { countsOf, differingLabels } from "./counts.ts";
import { saveText } from "./download.ts";
import { ExplanationDialog, explained } from "./explanation.tsx";
import { models, type OpenedModel } from "./models.ts";
import { pictures } from "./pictures.ts";
import { ProgressLine } from "./progress_line.tsx";
import { answersSeen, clear, goOn, progress, state, stop, workProblem } from "./work.ts";

/** Rows that are shown at first, and more at each request. */
const ROWS = 200;
const shown = signal(ROWS);

export function ResultSection() {
  // Answers are in maps, which are no signals.
  void answersSeen.value;
  const all = pictures.value;
  if (all.length === 0) return null;
  return (
    <section aria-labelledby="results-title">
      <h2 id="results-title">Results</h2>
      <p role="status">{statusText(all.length)}</p>
      {state.value === "running" && <ProgressLine label="Images classified" {...progress.value} />}
      {workProblem.value && <Problem>{workProblem.value}</Problem>}
      <Summary />
      <p class="row">
        {state.value === "running" && (
          <button type="button" onClick={stop}>
            Stop
          </button>
        )}
        {state.value === "stopped" && (
          <button type="button" class="primary" onClick={() => void goOn()}>
            Continue
          </button>
        )}
        {models.value.map((opened, place) => (
          <button key={place} type="button" onClick={() => saveCsv(opened)}>
            {models.value.length > 1 ? `CSV of ${opened.name}` : "Download CSV"}
          </button>
        ))}
        <button
          type="button"
          onClick={() => {
            shown.value = ROWS;
            clear();
          }}
        >
          Remove all
        </button>
      </p>
      <AnswerTable pictures={all.slice(0, shown.value)} models={models.value} />
      {explained.value && <ExplanationDialog picture={explained.value} />}
      {all.length > shown.value && (
        <p class="row">
          <span>
            {whole(shown.value)} of {counted(all.length, "image")} are shown; the CSV has all of them.
          </span>
          <button type="button" onClick={() => (shown.value += ROWS)}>
            Show more
          </button>
        </p>
      )}
    </section>
  );
}

/** Changes with the state only, so that it is read aloud once. */
function statusText(count: number): string {
  if (models.value.length === 0) return "";
  const images = counted(count, "image");
  return { running: `Classifying ${images}.`, stopped: `Stopped.`, idle: `Done: ${images}.` }[state.value];
}

function Summary() {
  void answersSeen.value;
  const all = pictures.value;
  const [first, second] = models.value;
  return (
    <ul class="counts">
      {models.value.map((opened, place) => {
        const { positive, negative, refused } = countsOf(all, opened);
        const [negativeName, positiveName] = opened.model.classNames;
        return (
          <li key={place}>
            {models.value.length > 1 && `${opened.name}: `}
            <strong>{whole(positive)}</strong> {positiveName}, <strong>{whole(negative)}</strong> {negativeName}
            {refused > 0 && <span class="alert">, {counted(refused, "file")} could not be used</span>}
          </li>
        );
      })}
      {first && second && <li>The labels differ for {counted(differingLabels(all, first, second), "image")}.</li>}
    </ul>
  );
}

/** The table that "cancernet predict --csv" prints. */
function saveCsv({ name, answers }: OpenedModel): void {
  const rows = pictures.value.flatMap(({ id, name: file }) => {
    const answer = answers.get(id);
    return answer && !("error" in answer) ? [{ file, ...answer }] : [];
  });
  const title = models.value.length > 1 ? `predictions-${name.replace(/\.onnx$/, "")}.csv` : "predictions.csv";
  saveText(title, `${predictionCsvLines(rows).join("\n")}\n`, "text/csv");
}
