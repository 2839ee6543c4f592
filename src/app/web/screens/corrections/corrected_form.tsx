/** The form that makes a corrected dataset: a job of the command "correct". */
import { useState } from "preact/hooks";
import type { CorrectionsSummary } from "../../../api/corrections.ts";
import type { DatasetItem } from "../../../api/items.ts";
import type { CheckedJob, JobBody, JobFacts } from "../../../api/jobs.ts";
import { CommandLine, Problem, useLoaded } from "../../parts/basics.tsx";
import { post } from "../../state/api.ts";
import { jobs } from "../../state/items.ts";
import { hasNothingToCorrect, unusedName } from "./names.ts";

interface FormProps {
  readonly item: DatasetItem;
  readonly summary: CorrectionsSummary;
}

export function CorrectedForm({ item, summary }: FormProps) {
  const [out, setOut] = useState(() => unusedName(item.path, "corrected"));
  const [correctTest, setTest] = useState(false);
  const [job, setJob] = useState<string>();
  const [problem, setProblem] = useState<string>();
  const body: JobBody = {
    verb: "correct",
    options: { dataset: item.id, journal: item.id, out, correctTest },
  };
  const checked = useLoaded(JSON.stringify(body), () => post<CheckedJob>("/jobs/check", body));
  const started = jobs.value.find(({ id }) => id === job);
  if (hasNothingToCorrect(summary)) return null;
  return (
    <section aria-labelledby="corrected-title">
      <h2 id="corrected-title">Make a corrected dataset</h2>
      <form
        class="row"
        onSubmit={(event) => {
          event.preventDefault();
          setProblem(undefined);
          post<JobFacts>("/jobs", body).then(
            ({ id }) => setJob(id),
            (error: unknown) => setProblem(error instanceof Error ? error.message : String(error)),
          );
        }}
      >
        <label>
          New name <input value={out} onInput={(event) => setOut(event.currentTarget.value)} />
        </label>
        <label>
          <input type="checkbox" checked={correctTest} onChange={(event) => setTest(event.currentTarget.checked)} />{" "}
          Correct test cases too (reports will say so)
        </label>
        <button type="submit" disabled={!checked.value?.command}>
          Make it
        </button>
      </form>
      {checked.value?.message && <p class="alert">{checked.value.message}</p>}
      {checked.value?.command && <CommandLine text={checked.value.command} />}
      {problem && <Problem>{problem}</Problem>}
      {started && (
        <p role="status">
          {started.out}: {started.state}. {started.message}
        </p>
      )}
    </section>
  );
}
