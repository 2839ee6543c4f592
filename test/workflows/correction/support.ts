/** Runs the verb correct, for its tests. */
import { correct } from "../../../src/workflows/correct.ts";
import { context, recorder } from "../../support/cohort.ts";

/** Runs the verb and keeps its warnings. */
export async function corrected(options: Parameters<typeof correct>[0]) {
  const { reporter, warnings } = recorder();
  const result = await correct(options, { ...context, reporter });
  return { ...result, warnings };
}
