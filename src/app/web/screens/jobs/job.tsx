/** One job: its state, its progress, its steps, its output, its command; the curves of a training. */
import { useEffect, useState } from "preact/hooks";
import type { Item } from "../../../api/items.ts";
import type { JobFacts } from "../../../api/jobs.ts";
import { durationText, momentText } from "../../../look/times.ts";
import { CommandLine, Link, Problem } from "../../parts/basics.tsx";
import { JobButtons } from "../../parts/job_buttons.tsx";
import { JOB_STATES } from "../../parts/job_states.ts";
import { ProgressBar } from "../../parts/progress_bar.tsx";
import { get, Refused } from "../../state/api.ts";
import { items, jobs, loadItems } from "../../state/items.ts";
import { readJobs } from "../../state/job_lines.ts";
import { LiveTraining } from "../runs/training.tsx";
import { jobsOf } from "../runs/use_training.ts";
import "../runs/runs.css";
import { type JobStory, NO_STORY, withJobLine } from "./job_log.ts";

/** The screens of the kinds of items. */
const SCREENS_OF: Readonly<Record<Item["kind"], string | null>> = {
  dataset: "datasets",
  run: "runs",
  evaluation: "evaluations",
  slide: "slides",
  "slide-result": null,
  crossvalidation: null,
};

export function JobView({ id }: { readonly id: string }) {
  const job = useJob(id);
  if (typeof job === "string") return <Problem>{job}</Problem>;
  if (!job) return <p class="muted">Loading...</p>;
  return <KnownJob job={job} />;
}

/** The facts from the stream, or from the server if the stream does not have them yet; a sentence if there is none. */
function useJob(id: string): JobFacts | string | undefined {
  const [loaded, setLoaded] = useState<JobFacts | string>();
  useEffect(() => {
    const controller = new AbortController();
    get<JobFacts>(`/jobs/${id}`, controller.signal).then(setLoaded, (error: unknown) => {
      if (!controller.signal.aborted) setLoaded(error instanceof Refused ? error.message : String(error));
    });
    return () => controller.abort();
  }, [id]);
  return jobs.value.find((job) => job.id === id) ?? loaded;
}

function KnownJob({ job }: { readonly job: JobFacts }) {
  const { id, verb, state, message, out, command, created, ended } = job;
  const { story, problem } = useStory(id);
  const isRunning = state === "running";
  // A new task or epoch may have made an item.
  useEffect(() => void loadItems().catch(() => {}), [state, story.progress?.task, story.progress?.number]);
  return (
    <>
      <h1>
        {verb}
        {out !== null && ` ${out}`}
      </h1>
      <p class="row">
        <span data-state={state}>{JOB_STATES[state]}</span>
        <span class="muted">
          begun {momentText(created)}
          {ended !== null && `, took ${durationText((ended - created) / 1000)}`}
        </span>
        <JobButtons job={job} leads />
      </p>
      {problem && <Problem>{problem}</Problem>}
      {message && <Problem>{message}</Problem>}
      {isRunning && story.progress && <ProgressBar progress={story.progress} rate={story.rate} />}
      {isRunning && !story.progress && <p class="muted">It is starting.</p>}
      <Outputs out={out} />
      {verb === "train" && out !== null && (
        <LiveTraining path={out} jobs={withJob(jobsOf(out), job)} run={undefined} overlaid={[]} />
      )}
      <Steps story={story} />
      {story.warnings.map((text) => (
        <p class="alert" key={text}>
          {text}
        </p>
      ))}
      <h2>The command</h2>
      <CommandLine text={command} />
    </>
  );
}

/** The jobs of the same folder up to this one. */
function withJob(all: readonly JobFacts[], job: JobFacts): readonly JobFacts[] {
  return [...all.filter(({ created, id }) => created <= job.created && id !== job.id), job];
}

/** A story is shown at most this often. */
const SHOW_MILLISECONDS = 250;

function useStory(id: string) {
  const [state, setState] = useState<{ readonly story: JobStory; readonly problem?: string }>({ story: NO_STORY });
  useEffect(() => {
    let story = NO_STORY;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const show = () => {
      timer = undefined;
      setState({ story });
    };
    const stop = readJobs([id], {
      take(_, lines) {
        story = lines.reduce(withJobLine, story);
        timer ??= setTimeout(show, SHOW_MILLISECONDS);
      },
      fail: (error) => setState({ story, problem: error instanceof Refused ? error.message : String(error) }),
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [id]);
  return state;
}

/** Links to what the job has written so far. */
function Outputs({ out }: { readonly out: string | null }) {
  const all = items.value?.items ?? [];
  const own = out === null ? [] : all.filter(({ path }) => path === out || path.startsWith(`${out}/`));
  const shown = own.flatMap((item) => {
    const screen = SCREENS_OF[item.kind];
    return screen === null || item.problem !== undefined ? [] : [{ item, screen }];
  });
  if (shown.length === 0) return null;
  return (
    <p class="row">
      Output:
      {shown.slice(0, 12).map(({ item, screen }) => (
        <Link key={item.id} to={`/${screen}/${item.id}`}>
          {item.kind} {item.path}
        </Link>
      ))}
    </p>
  );
}

function Steps({ story: { steps, isEnded } }: { readonly story: JobStory }) {
  if (steps.size === 0) return null;
  const all = [...steps.values()];
  return (
    <section>
      <h2>Steps</h2>
      <ol class="steps">
        {all.map(({ number, of, title, isDone }) => (
          <li key={`${number} ${title}`}>
            {number} of {of}: {title} <span class="muted">{isDone ? "done" : isEnded ? "not done" : "running"}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}
