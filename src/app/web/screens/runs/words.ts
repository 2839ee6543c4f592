/** The words of the screens of runs and jobs. */
import type { RunItem } from "../../../api/items.ts";
import type { JobFacts } from "../../../api/jobs.ts";
import { JOB_STATES } from "../../parts/job_states.ts";

/** The digits of losses and metrics of a training, as in the terminal. */
export const METRIC_DIGITS = 4;

/** The state of a run: that of its last job, or what its folder states. */
export function stateWords({ status }: Pick<RunItem, "status">, job: JobFacts | undefined): string {
  if (job && job.state !== "done") return JOB_STATES[job.state];
  return status === "running" ? "not finished" : status;
}
