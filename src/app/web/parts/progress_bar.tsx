/** The progress of a job: its title, a bar, counts, and the speed and the time left if they are known. */
import { progressTitle, valueTexts } from "../../../reports/progress_text.ts";
import { whole } from "../../../util/numbers.ts";
import type { Progress } from "../../../util/reporter.ts";
import type { JobProgress } from "../../api/jobs.ts";
import { rateText } from "../../look/rates.ts";
import { durationText } from "../../look/times.ts";

interface BarProps {
  readonly progress: JobProgress;
  /** Units per second; null if it is not known. */
  readonly rate?: number | null;
}

export function ProgressBar({ progress, rate = null }: BarProps) {
  const { done, total, unit, values } = progress;
  const title = progressTitle(progress as unknown as Progress);
  const parts = [
    total > 0 ? `${whole(done)} of ${whole(total)} ${unit}` : `${whole(done)} ${unit}`,
    ...(rate !== null && rate > 0 ? [`${rateText(rate)} ${unit} per second`] : []),
    ...(rate !== null && rate > 0 && total > done
      ? [`${durationText((total - done) / rate)} left${progress.task === "epoch" ? " in this epoch" : ""}`]
      : []),
    ...valueTexts(values),
  ];
  return (
    <div class="progress">
      <span>{title}</span>
      <progress aria-label={title} max={1} value={total > 0 ? done / total : undefined} />
      <span class="muted">{parts.join(", ")}</span>
    </div>
  );
}
