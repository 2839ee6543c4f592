/** A chain of jobs: each waits for the one before it. */
import type { Comparison } from "../../../../reports/comparison/report.ts";
import type { JobFacts, JobLine } from "../../../api/jobs.ts";

/** The jobs of the chain that ends with a job, in their order. */
export function chainOf(jobs: readonly JobFacts[], last: string): JobFacts[] {
  const job = jobs.find(({ id }) => id === last);
  if (!job) return [];
  return [...(job.after === null ? [] : chainOf(jobs, job.after)), job];
}

/** The result of a comparison among the lines of its job. */
export function comparisonIn(lines: readonly JobLine[]): Comparison | undefined {
  const line = lines.findLast(({ event }) => event === "result");
  return line?.result as Comparison | undefined;
}
