/** The output of the command "gather": that of the command that began the work. */
import type { UserError } from "../../util/errors.ts";
import type { CrossvalidationResult } from "../crossvalidation/report.ts";
import { crossvalidationLines } from "../crossvalidation/text.ts";
import type { SlideResult } from "../slide/result.ts";
import { slideLines, slideProblem } from "../slide/text.ts";
import type { SweepResult } from "../sweep/report.ts";
import { sweepLines, sweepProblem } from "../sweep/text.ts";

/** The result of a work, by the verb that began it. */
type Gathered =
  | { readonly verb: "slide"; readonly result: SlideResult }
  | { readonly verb: "crossvalidate"; readonly result: CrossvalidationResult }
  | { readonly verb: "sweep"; readonly result: SweepResult };

export function gatherLines({ verb, result }: Gathered): readonly string[] {
  switch (verb) {
    case "slide":
      return slideLines(result);
    case "crossvalidate":
      return crossvalidationLines(result);
    case "sweep":
      return sweepLines(result);
  }
}

export function gatherProblem({ verb, result }: Gathered): UserError | undefined {
  switch (verb) {
    case "slide":
      return slideProblem(result);
    case "crossvalidate":
      return undefined;
    case "sweep":
      return sweepProblem(result);
  }
}
