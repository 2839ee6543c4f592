/** Starts the scoring of a slide as a job, and shows how far it is. */
import { useEffect, useState } from "preact/hooks";
import type { CheckedJob, JobFacts } from "../../../api/jobs.ts";
import type { SlideFacts } from "../../../api/slides.ts";
import { CommandLine, Problem, useLoaded } from "../../parts/basics.tsx";
import { post, Refused } from "../../state/api.ts";
import { items, itemsOf, jobs, loadItems } from "../../state/items.ts";
import { setView } from "../../state/route.ts";
import { freeResultName } from "./free_name.ts";

const LOOK_MILLISECONDS = 1500;

export function ScorePanel({ facts, hasResult }: { readonly facts: SlideFacts; readonly hasResult: boolean }) {
  const models = [...itemsOf("run").filter(({ hasModel }) => hasModel), ...bundled()];
  // The list of models may arrive after the slide.
  const [chosen, setModel] = useState<string>();
  const model = chosen ?? models[0]?.id ?? "";
  const [problem, setProblem] = useState<string>();
  const [own, setOwn] = useState<string>();
  const taken = [...(items.value?.items.map(({ path }) => path) ?? []), ...jobs.value.map(({ out }) => out ?? "")];
  const out = freeResultName(facts.path, taken);
  const body = { verb: "slide" as const, options: { model, slides: [facts.id], out } };
  const { value: checked } = useLoaded(`${model} ${out}`, () => post<CheckedJob>("/jobs/check", body));
  const job = jobs.value.find(({ id }) => id === own);
  useNewResult(job, facts.id);
  const start = () =>
    post<JobFacts>("/jobs", body).then(
      ({ id }) => setOwn(id),
      (error: unknown) => setProblem(error instanceof Refused ? error.message : String(error)),
    );
  const isRunning = job?.state === "running" || job?.state === "waiting";
  return (
    <section>
      <h2>Score this slide</h2>
      {problem && <Problem>{problem}</Problem>}
      {job?.state === "failed" && <Problem>{job.message}</Problem>}
      <p class="row">
        <label>
          Model{" "}
          <select value={model} onChange={({ currentTarget }) => setModel(currentTarget.value)}>
            {models.map(({ id, path }) => (
              <option key={id} value={id}>
                {path}
              </option>
            ))}
          </select>
        </label>
        <button type="button" class={hasResult ? "" : "primary"} disabled={isRunning} onClick={start}>
          Score
        </button>
      </p>
      {checked?.message && <Problem>{checked.message}</Problem>}
      {isRunning && job && <JobProgressBar job={job} />}
      {checked?.command && <CommandLine text={checked.command} />}
    </section>
  );
}

const bundled = () => (items.value?.bundledModels ?? []).map((name) => ({ id: name, path: name }));

function JobProgressBar({ job: { id, progress } }: { readonly job: JobFacts }) {
  const share = progress ? progress.done / progress.total : 0;
  return (
    <p class="row">
      <label>
        {progress?.task === "score" ? "Scoring" : "Looking for tissue"} <progress value={share} max={1} />
      </label>
      <button type="button" class="quiet" onClick={() => void post(`/jobs/${id}/stop`)}>
        Stop
      </button>
    </p>
  );
}

/** Shows the result of a job as soon as it has scores. */
function useNewResult(job: JobFacts | undefined, slide: string): void {
  const isRunning = job?.state === "running";
  const result = itemsOf("slide-result").find((item) => item.path === job?.out && item.slide === slide);
  useEffect(() => {
    if (result) setView({ result: result.id, region: undefined, threshold: undefined });
  }, [result?.id]);
  useEffect(() => {
    if (!isRunning || result) return;
    const timer = setInterval(() => void loadItems(), LOOK_MILLISECONDS);
    return () => clearInterval(timer);
  }, [isRunning, result?.id]);
}
