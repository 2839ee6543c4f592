/** The buttons of a job: stop, resume. */
import { useState } from "preact/hooks";
import type { JobFacts } from "../../api/jobs.ts";
import { post, Refused } from "../state/api.ts";
import { goTo } from "../state/route.ts";
import { Problem } from "./basics.tsx";

interface ButtonsProps {
  readonly job: JobFacts;
  /** Whether a resumed job's own screen is shown. */
  readonly leads: boolean;
}

export function JobButtons({ job: { id, state, canResume }, leads }: ButtonsProps) {
  const [problem, setProblem] = useState<string>();
  const [isAsked, setAsked] = useState(false);
  const ask = (verb: "stop" | "resume") => {
    setAsked(true);
    setProblem(undefined);
    post<JobFacts>(`/jobs/${id}/${verb}`)
      .then((job) => {
        if (verb === "resume" && leads) goTo(`/jobs/${job.id}`);
      })
      .catch((error: unknown) => setProblem(error instanceof Refused ? error.message : String(error)))
      .finally(() => setAsked(false));
  };
  return (
    <>
      {(state === "running" || state === "waiting") && (
        <button type="button" disabled={isAsked} onClick={() => ask("stop")}>
          Stop
        </button>
      )}
      {canResume && (
        <button type="button" class="primary" disabled={isAsked} onClick={() => ask("resume")}>
          Resume
        </button>
      )}
      {problem && <Problem>{problem}</Problem>}
    </>
  );
}
