/** What the events of any job say: the task at work with its speed, and the steps of a demo or the folds. */
import type { JobLine, JobProgress } from "../../../api/jobs.ts";

/** A step of a demo, or a fold of a cross-validation. */
export interface JobStep {
  readonly number: number;
  readonly of: number;
  readonly title: string;
  readonly isDone: boolean;
}

/** What a job's lines say so far. */
export interface JobStory {
  readonly progress: JobProgress | null;
  /** Units per second of the current task; null if it is not known yet. */
  readonly rate: number | null;
  /** By "step 1", "fold 2". */
  readonly steps: ReadonlyMap<string, JobStep>;
  readonly warnings: readonly string[];
  readonly isEnded: boolean;
  /** The first report of the current task. */
  readonly first: JobProgress | null;
}

export const NO_STORY: JobStory = {
  progress: null,
  rate: null,
  steps: new Map(),
  warnings: [],
  isEnded: false,
  first: null,
};

const MOST_WARNINGS = 20;

export function withJobLine(story: JobStory, line: JobLine): JobStory {
  switch (line.event) {
    case "progress":
      return withProgress(story, line as unknown as JobProgress);
    case "step":
    case "fold": {
      const step = stepOf(line, story.steps.get(`${line.event} ${line.number}`));
      return { ...story, steps: new Map([...story.steps, [`${line.event} ${line.number}`, step]]) };
    }
    case "warning":
      return { ...story, warnings: [...story.warnings, String(line.message)].slice(-MOST_WARNINGS) };
    case "result":
    case "failed":
      return { ...story, isEnded: true, progress: null, rate: null };
    default:
      return story;
  }
}

function withProgress(story: JobStory, progress: JobProgress): JobStory {
  const { first: before } = story;
  const isSame =
    before?.task === progress.task &&
    before.subject === progress.subject &&
    before.number === progress.number &&
    before.done <= progress.done;
  const first = isSame ? before : progress;
  const seconds = progress.seconds - first.seconds;
  const rate = seconds > 0 ? (progress.done - first.done) / seconds : null;
  return { ...story, progress, first, rate, isEnded: false };
}

function stepOf(line: JobLine, before: JobStep | undefined): JobStep {
  const { number, of, status, command, verb } = line as unknown as {
    readonly number: number;
    readonly of: number;
    readonly status: "started" | "done";
    readonly command?: readonly string[] | null;
    readonly verb?: string;
  };
  const own = line.event === "fold" ? `fold ${number}` : (command?.join(" ") ?? verb ?? "synthetic tissue");
  return { number, of, title: before?.title ?? own, isDone: status === "done" };
}
