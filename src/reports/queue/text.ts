/** The output of the command "queue". */
import { counted } from "../../util/numbers.ts";
import { tableLines } from "../../util/table.ts";
import { visible } from "../../util/terminal_text.ts";
import type { QueueReport } from "./report.ts";

const MOST_SHOWN = 20;

export function queueLines({ action, changed, works, troubled, workers, other_versions }: QueueReport): string[] {
  return [
    ...(action === "retry" ? [`Offered ${counted(changed, "unit")} again.`] : []),
    ...(action === "drain" ? [`Removed ${counted(changed, "waiting unit")}; running ones are finished.`] : []),
    ...worksLines(works),
    ...workers.map(workerLine),
    ...(workers.length === 0 ? ['No worker is at work: start one with "cancernet work".'] : []),
    ...troubled
      .slice(0, MOST_SHOWN)
      .map(
        ({ folder, unit, state, words }) =>
          `${visible(folder)}/${visible(unit)} ${state === "dead" ? "was given up" : "failed"}: ${visible(words)}`,
      ),
    ...(troubled.length > MOST_SHOWN ? [`... and ${troubled.length - MOST_SHOWN} more; --json lists them.`] : []),
    ...other_versions.map(({ queue, waiting }) => `${counted(waiting, "unit")} wait for ${visible(queue)}.`),
  ];
}

function worksLines(works: QueueReport["works"]): string[] {
  if (works.length === 0) return ["The queue is empty."];
  return tableLines(
    ["results", "command", "waiting", "running", "done", "failed", "given up", "per minute"],
    works.map(({ folder, verb, waiting, running, done, failed, dead, last_minute }) => [
      visible(folder),
      visible(verb),
      waiting,
      running,
      done,
      failed,
      dead,
      last_minute,
    ]),
  );
}

function workerLine({ name, folder, unit, words, done }: QueueReport["workers"][number]): string {
  const doing = unit === null ? "waits" : `does ${visible(folder ?? "")}/${visible(unit)}`;
  return `Worker ${visible(name)} ${doing}; ${counted(done, "unit")} done.${words === "" ? "" : ` Last words: ${visible(words)}`}`;
}

/** The result of the command "work". */
export const workLines = ({ done, failed }: { readonly done: number; readonly failed: number }): string[] => [
  `The queue is empty. This worker has done ${counted(done, "unit")}${failed === 0 ? "" : `, and ${counted(failed, "unit")} failed`}.`,
];
