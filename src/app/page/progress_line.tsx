/** A bar with how much is done, the rate, and the time left. */
import { whole } from "../../util/numbers.ts";
import { rateText } from "../look/rates.ts";
import { durationText } from "../look/times.ts";

interface LineProps {
  readonly label: string;
  readonly done: number;
  readonly total: number;
  /** Per second; 0 if it is not known. */
  readonly rate: number;
}

export function ProgressLine({ label, done, total, rate }: LineProps) {
  const left = rate > 0 && total > done ? [`${durationText((total - done) / rate)} left`] : [];
  const speed = rate > 0 ? [`${rateText(rate)} per second`] : [];
  return (
    <p class="progress">
      <progress aria-label={label} max={1} value={total > 0 ? done / total : 0} />
      <span class="muted">{[`${whole(done)} of ${whole(total)}`, ...speed, ...left].join(", ")}</span>
    </p>
  );
}
