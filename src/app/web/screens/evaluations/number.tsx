/** Numbers with all their digits behind them: shown with three decimals, or in full if the reader wants. */
import { signal } from "@preact/signals";
import type { Estimate } from "../../../../reports/estimate.ts";
import { cell } from "../../../../reports/html/elements.ts";
import { route, setView } from "../../state/route.ts";

const showsAll = signal(route.peek().view.digits === "all");

/** Shows all digits, or three decimals. */
export function toggleDigits(): void {
  showsAll.value = !showsAll.value;
  setView({ digits: showsAll.value ? "all" : undefined });
}

export function DigitsButton() {
  return (
    <button type="button" class="quiet" aria-pressed={showsAll.value} onClick={toggleDigits} title="All digits (D)">
      All digits
    </button>
  );
}

/** A number; a dash if it is undefined. */
export function Num({ value }: { readonly value: number | null }) {
  if (value === null) return <span title="not defined">–</span>;
  return <data value={String(value)}>{showsAll.value ? String(value) : cell(value)}</data>;
}

/** "0.880 to 0.930"; a dash if there is no interval. */
export function Range({ of: { low, high } }: { readonly of: Pick<Estimate, "low" | "high"> }) {
  if (low === null || high === null) return <span title="no interval">–</span>;
  return (
    <span class={showsAll.value ? "" : "range"}>
      <Num value={low} /> to <Num value={high} />
    </span>
  );
}
