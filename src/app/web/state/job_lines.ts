/** Reads the events of jobs: all that are in their files, then the new ones as they come. */
import type { JobLine, JobLines } from "../../api/jobs.ts";
import { get } from "./api.ts";
import { followJob } from "./items.ts";

export interface LineReader {
  /** Lines of a job, in their order; each line comes exactly once. The jobs come in the given order. */
  take(job: string, lines: readonly JobLine[]): void;
  fail(error: unknown): void;
}

/**
 * Reads jobs one after the other and follows the last one.
 * @returns a function that ends this
 */
export function readJobs(ids: readonly string[], { take, fail }: LineReader): () => void {
  const controller = new AbortController();
  const { signal } = controller;
  let unfollow = () => {};
  const read = async () => {
    for (const [index, id] of ids.entries()) {
      let from = 0;
      for (;;) {
        const { lines, next } = await get<JobLines>(`/jobs/${id}/events?from=${from}`, signal);
        if (signal.aborted) return;
        take(id, lines);
        if (next === from) break;
        from = next;
      }
      if (index === ids.length - 1) unfollow = followJob(id, from, ({ line }) => take(id, [line]));
    }
  };
  read().catch((error: unknown) => {
    if (!signal.aborted) fail(error);
  });
  return () => {
    controller.abort();
    unfollow();
  };
}
