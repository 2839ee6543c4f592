/** The jobs, the newest first: running, waiting, ended. */
import type { JobFacts } from "../../../api/jobs.ts";
import { momentText } from "../../../look/times.ts";
import { Link } from "../../parts/basics.tsx";
import { JobButtons } from "../../parts/job_buttons.tsx";
import { JOB_STATES } from "../../parts/job_states.ts";
import { ProgressBar } from "../../parts/progress_bar.tsx";
import { jobs } from "../../state/items.ts";
import { goTo } from "../../state/route.ts";

export function JobList() {
  return (
    <>
      <h1>Jobs</h1>
      <p>
        <button type="button" class="primary" onClick={() => goTo("/jobs/new")}>
          New job
        </button>
      </p>
      {jobs.value.length === 0 && <p class="muted">No job has run yet.</p>}
      <ul class="jobs">
        {jobs.value.map((job) => (
          <JobCard key={job.id} job={job} />
        ))}
      </ul>
    </>
  );
}

function JobCard({ job }: { readonly job: JobFacts }) {
  const { id, verb, state, command, message, created, progress, out } = job;
  return (
    <li class="card">
      <h2>
        <Link to={`/jobs/${id}`}>
          {verb}
          {out !== null && ` ${out}`}
        </Link>
      </h2>
      <p class="row">
        <span data-state={state}>{JOB_STATES[state]}</span>
        <span class="muted">begun {momentText(created)}</span>
        <JobButtons job={job} leads={false} />
      </p>
      {progress && <ProgressBar progress={progress} />}
      {message && <p class="alert">{message}</p>}
      <p class="muted">
        <code>{command}</code>
      </p>
    </li>
  );
}
