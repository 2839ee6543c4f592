/** The rows of predictive values by prevalence, for the page and for the terminal. */
import type { Estimate } from "../estimate.ts";
import { percent } from "../html/elements.ts";
import type { PredictiveRow } from "./report.ts";

/** "5.0 %"; the row of the evaluated patches' own share says so. */
export function prevalenceName({ prevalence }: PredictiveRow, own: number): string {
  return `${percent(prevalence)}${prevalence === own ? " (this split)" : ""}`;
}

/** PPV and NPV of a row, each with its interval. */
export function predictiveEstimates(row: PredictiveRow): { ppv: Estimate; npv: Estimate } {
  return {
    ppv: { value: row.ppv, low: row.ppv_low, high: row.ppv_high },
    npv: { value: row.npv, low: row.npv_low, high: row.npv_high },
  };
}
