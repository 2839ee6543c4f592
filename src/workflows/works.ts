/**
 * The works that consist of units, by verb: how another process opens such a work, and how its summary is written. The
 * engines know only this table.
 */

import type { WorkDescription } from "../units/description.ts";
import type { Gathered } from "../units/finish.ts";
import type { Results } from "../units/results.ts";
import type { Work } from "../units/work.ts";
import type { Context } from "../util/context.ts";
import { UserError } from "../util/errors.ts";
import { gatherCrossvalidation } from "./crossvalidation/gather.ts";
import { openCrossvalidationWork } from "./crossvalidation/work.ts";
import { gatherSlides } from "./slide/gather.ts";
import { openSlideWork } from "./slide/work.ts";
import { gatherSweep } from "./sweep/gather.ts";
import { openSweepWork } from "./sweep/work.ts";

/** Where a work lies on this machine, and what does it. */
export interface Places {
  readonly results: Results;
  /** The folder or address from which on the description names inputs. */
  readonly root: string;
  readonly threads: number;
}

export interface WorkRow {
  open(description: WorkDescription, places: Places, context: Context): Promise<Work>;
  /** Writes the summary from the results alone: the same bytes, whoever has done the units in whatever order. */
  gather(results: Results, description: WorkDescription, context: Context): Promise<Gathered>;
}

export const WORKS = {
  crossvalidate: { open: openCrossvalidationWork, gather: gatherCrossvalidation },
  slide: { open: openSlideWork, gather: gatherSlides },
  sweep: { open: openSweepWork, gather: gatherSweep },
} as const satisfies Record<string, WorkRow>;

/** The works that a worker can do, by verb. */
export type OpenableWorks = Readonly<Record<string, Pick<WorkRow, "open">>>;

export type WorkVerb = keyof typeof WORKS;

/** @throws UserError if the verb's work has no units. */
export function workVerb(verb: string): WorkVerb {
  if (Object.hasOwn(WORKS, verb)) return verb as WorkVerb;
  throw new UserError(
    "output-mismatch",
    `There is no work of units "${verb}": expected ${Object.keys(WORKS).join(", ")}.`,
  );
}
