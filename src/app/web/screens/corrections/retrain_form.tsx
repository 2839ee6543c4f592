/** The form that trains a model on the corrected labels, as a chosen run was trained. */
import { useState } from "preact/hooks";
import type { CorrectionsSummary } from "../../../api/corrections.ts";
import type { DatasetItem } from "../../../api/items.ts";
import type { JobFacts } from "../../../api/jobs.ts";
import { Problem } from "../../parts/basics.tsx";
import { post } from "../../state/api.ts";
import { itemsOf } from "../../state/items.ts";
import { setView } from "../../state/route.ts";
import { hasNothingToCorrect, unusedName } from "./names.ts";

interface FormProps {
  readonly item: DatasetItem;
  readonly summary: CorrectionsSummary;
}

export function RetrainForm({ item, summary }: FormProps) {
  const runs = itemsOf("run").filter(({ dataset, hasModel }) => dataset === item.id && hasModel);
  const [chosen, setChosen] = useState<string>();
  const [correctTest, setTest] = useState(false);
  const [problem, setProblem] = useState<string>();
  const [isStarting, setStarting] = useState(false);
  if (hasNothingToCorrect(summary)) return null;
  const run = runs.find(({ id }) => id === chosen) ?? runs[0];
  const start = async (path: string) => {
    setProblem(undefined);
    setStarting(true);
    const body = {
      run: run!.id,
      dataset: unusedName(item.path, "corrected"),
      out: unusedName(path, "retrained"),
      correctTest,
    };
    try {
      const jobs = await post<readonly JobFacts[]>(`/datasets/${item.id}/retrain`, body);
      setView({ chain: jobs.at(-1)!.id });
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    } finally {
      setStarting(false);
    }
  };
  return (
    <section aria-labelledby="retrain-title">
      <h2 id="retrain-title">Retrain with the corrections</h2>
      <p>
        Makes the corrected dataset, trains on it with the settings of a run, evaluates, and shows the paired difference
        from that run on the test cases that were not corrected. It goes on without this page.
      </p>
      {!run && <p class="muted">No run has a model of this dataset yet: train one first.</p>}
      {run && (
        <form
          class="row"
          onSubmit={(event) => {
            event.preventDefault();
            void start(run.path);
          }}
        >
          <label>
            Like the run{" "}
            <select value={run.id} onChange={(event) => setChosen(event.currentTarget.value)}>
              {runs.map(({ id, path }) => (
                <option key={id} value={id}>
                  {path}
                </option>
              ))}
            </select>
          </label>
          <label>
            <input type="checkbox" checked={correctTest} onChange={(event) => setTest(event.currentTarget.checked)} />{" "}
            Correct test cases too
          </label>
          <button type="submit" class="primary" disabled={isStarting}>
            Retrain
          </button>
        </form>
      )}
      {problem && <Problem>{problem}</Problem>}
    </section>
  );
}
