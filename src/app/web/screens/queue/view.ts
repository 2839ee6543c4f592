/** The state of the queue screen in the address, and where in the page a person is. */
import type * as z from "zod";
import { type QueueItem, queueQuery } from "../../../api/corrections.ts";

/** The page that the address names; undefined if no queue has been started. */
export function pageQuery(view: Readonly<Record<string, string>>): z.output<typeof queueQuery> | undefined {
  return queueQuery.safeParse(view).data;
}

/** The place that is shown: the one in the address, or the first without a verdict; the number of items if all have one. */
export function shownPlace(view: Readonly<Record<string, string>>, items: readonly QueueItem[]): number {
  const named = Number(view.at ?? Number.NaN) - 1;
  if (Number.isInteger(named) && named >= 0 && named < items.length) return named;
  const open = items.findIndex(({ verdict }) => verdict === null);
  return open < 0 ? items.length : open;
}
