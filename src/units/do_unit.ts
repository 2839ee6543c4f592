/** Does one unit: looks whether it is done, works in a folder of its own, publishes it, or records why it failed. */
import { rm } from "node:fs/promises";
import type { Context } from "../util/context.ts";
import type { ErrorCode } from "../util/error_codes.ts";
import { messageOf, UserError } from "../util/errors.ts";
import { forgetFailure, recordFailure } from "./failures.ts";
import { attemptsOf, newPart, removeEndedParts } from "./parts.ts";
import type { Results } from "./results.ts";
import type { OpenUnit, Unit, UnitOutcome, Work } from "./work.ts";

/** Errors that concern the machine or the results' folder. The same unit may succeed later or elsewhere. */
const NOT_OF_THE_UNIT: readonly ErrorCode[] = [
  "disk-full",
  "disk-read-only",
  "disk-failed",
  "files-too-many",
  "folder-not-locked",
  "device-unavailable",
  "installation-damaged",
  "results-differ",
  "store-settings-invalid",
  "store-unreachable",
  "store-refused",
  "store-failed",
  "package-missing",
];

const isOfTheUnit = (error: unknown): error is UserError =>
  error instanceof UserError && !NOT_OF_THE_UNIT.includes(error.code);

/**
 * Does a unit, or finds it done. A UserError about the unit is its outcome and is recorded. After an abort, what the
 * attempt has kept stays for the next one.
 * @throws UserError if the machine cannot do it, for example because the disk is full; the signal's reason.
 */
export async function doUnit<U extends Unit, R>(work: Work<U, R>, unit: U, context: Context): Promise<UnitOutcome<R>> {
  try {
    const outcome = await attempt(work, unit, context);
    await forgetFailure(work.results, unit.name);
    return outcome;
  } catch (error) {
    if (context.signal.aborted || !isOfTheUnit(error)) throw error;
    const message = messageOf(error);
    await recordFailure(work.results, unit.name, work.recorded(unit, message));
    return { error: message, cause: error };
  }
}

async function attempt<U extends Unit, R>(work: Work<U, R>, unit: U, context: Context): Promise<UnitOutcome<R>> {
  const open = await work.open(unit, context);
  try {
    if (open.done !== undefined) return { done: open.done, wasDone: true };
    return { done: await fillAndPublish(work.results, unit.name, open, context), wasDone: false };
  } catch (error) {
    if (context.signal.aborted || (error instanceof UserError && error.code === "results-differ")) throw error;
    // If another process has published the unit meanwhile, this attempt's folder may have been removed.
    const { done, close } = await work.open(unit, context);
    await close();
    if (done === undefined) throw error;
    return { done, wasDone: true };
  } finally {
    await open.close();
  }
}

async function fillAndPublish<R>(results: Results, unit: string, open: OpenUnit<R>, { signal }: Context): Promise<R> {
  const earlier = await attemptsOf(results.folder, unit);
  const place = await newPart(results.folder, unit);
  try {
    const done = await open.fill(place, earlier);
    await results.publish(place, unit);
    await removeEndedParts(results.folder, unit);
    return done;
  } catch (error) {
    // After an abort or on a full disk, what was done is kept for the next attempt.
    if (!signal.aborted && isOfTheUnit(error)) await rm(place, { recursive: true, force: true });
    throw error;
  }
}
