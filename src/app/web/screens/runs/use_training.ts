/** The log of the jobs that write to one folder, as it grows. */
import { useEffect, useState } from "preact/hooks";
import type { JobFacts } from "../../../api/jobs.ts";
import { Refused } from "../../state/api.ts";
import { jobs } from "../../state/items.ts";
import { readJobs } from "../../state/job_lines.ts";
import { TrainingLog } from "./training_log.ts";

/** The curves are drawn at most this often, so that looking at a training does not slow it down. */
const DRAW_MILLISECONDS = 2000;

/** The jobs that write to the folder of a run, the oldest first. A demo and a cross-validation train below theirs. */
export function jobsOf(path: string): JobFacts[] {
  const isOf = ({ verb, out }: JobFacts) =>
    out !== null &&
    ((verb === "train" && out === path) ||
      (verb === "demo" && path === `${out}/run`) ||
      (verb === "crossvalidate" && foldOf(path, out) !== null));
  return jobs.value.filter(isOf).sort((a, b) => a.created - b.created);
}

/** The number of a fold from its path: "cv/fold-2" or below, or an attempt at it; null for any other path. */
function foldOf(path: string, out: string): number | null {
  const [, number] = path.startsWith(`${out}/`)
    ? (/^(?:\.units\/parts\/)?fold-(\d+)(\/|$)/.exec(path.slice(out.length + 1)) ?? [])
    : [];
  return number === undefined ? null : Number(number);
}

export interface TrainingState {
  readonly log: TrainingLog;
  /** Changes if the log has changed. */
  readonly version: number;
  readonly problem: string | null;
}

/** Follows the jobs of a run's folder. */
export function useTraining(path: string, own: readonly JobFacts[]): TrainingState {
  const [state, setState] = useState<TrainingState>(() => ({ log: new TrainingLog(), version: 0, problem: null }));
  const key = own.map(({ id }) => id).join(",");
  useEffect(() => {
    const crossvalidation = own.find(({ verb }) => verb === "crossvalidate");
    const log = new TrainingLog(crossvalidation ? foldOf(path, crossvalidation.out!) : null);
    let version = 0;
    let current = "";
    let timer: ReturnType<typeof setTimeout> | undefined;
    const show = () => {
      timer = undefined;
      setState({ log, version: ++version, problem: null });
    };
    const stop = readJobs(
      own.map(({ id }) => id),
      {
        take(job, lines) {
          if (job !== current) log.beginJob();
          current = job;
          for (const line of lines) log.take(line);
          timer ??= setTimeout(show, DRAW_MILLISECONDS);
        },
        fail: (error) => setState({ log, version, problem: error instanceof Refused ? error.message : String(error) }),
      },
    );
    if (own.length === 0) show();
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [path, key]);
  return state;
}
