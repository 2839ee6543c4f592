/** The queue of units and its workers, as the page shows them. */
import * as z from "zod";
import type { QueueReport } from "../../reports/queue/report.ts";

/** The queue, or a sentence if the page cannot show it: no server is named, or the server does not answer. */
export type WorkersAnswer = { readonly report: QueueReport } | { readonly none: string };

/** Offers units that failed or were given up again, or removes what waits. */
export const workersAction = z.strictObject({
  action: z.enum(["retry", "drain"]),
  /** The folder of results, as the report names it. */
  folder: z.string().min(1).max(1000),
});

export type WorkersAction = z.output<typeof workersAction>;
