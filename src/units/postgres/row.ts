/** What a row of the queue may say. Everything else about a unit is read from the folder of the results. */
import * as z from "zod";
import { NODE_VERSION, SOFTWARE } from "../../system/version.ts";
import { UserError } from "../../util/errors.ts";
import { unitName } from "../description.ts";

/** Results have the same bytes only with the same versions of cancernet and Node. */
export const VERSION = `${SOFTWARE}, Node ${NODE_VERSION}`;

/** The start of the names of our queues. */
export const QUEUE_PREFIX = "units/";

/** The queue of the units that this version does. */
export const QUEUE = QUEUE_PREFIX + VERSION.replace(/[^\w.]+/g, "-");

const MOST_LETTERS = 1000;

export const rowSchema = z.strictObject({
  verb: z.string().max(40),
  /** The folder of the results, from the folder that the worker was given with --results. */
  folder: z.string().min(1).max(MOST_LETTERS),
  unit: unitName,
  version: z.literal(VERSION),
});

export type UnitRow = z.output<typeof rowSchema>;

/** @throws UserError if the row is not one of ours. */
export function checkedRow(data: unknown): UnitRow {
  const row = rowSchema.safeParse(data);
  if (row.success) return row.data;
  const { path, message } = row.error.issues[0]!;
  throw new UserError("queue-row-invalid", `Refused a row of the queue: ${path.join(".") || "it"} ${message}.`);
}
