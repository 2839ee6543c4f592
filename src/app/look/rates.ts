/** Rates in words. */
import { whole } from "../../util/numbers.ts";

/** A rate for a person: "9.1", "1,379". */
export const rateText = (rate: number): string => (rate < 10 ? rate.toFixed(1) : whole(Math.round(rate)));
