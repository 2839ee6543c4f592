/** The states of jobs in words. */
import type { JobState } from "../../api/jobs.ts";

export const JOB_STATES: Readonly<Record<JobState, string>> = {
  waiting: "waiting for another job",
  running: "running",
  done: "done",
  failed: "failed",
  stopped: "stopped; it can be resumed",
  killed: "ended without a word; it can be resumed",
};
