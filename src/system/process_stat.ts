/** What Linux says of processes and threads, from proc(5). */
import { readFileSync } from "node:fs";

/** The unit of processor times in proc(5). */
export const TICKS_PER_SECOND = 100;

/**
 * The fields of a process or thread that follow its name. The first is the third one of proc(5), its state.
 * @param folder "/proc/PID" or "/proc/PID/task/TID"
 * @returns undefined if it has ended, or if the system is not Linux
 */
export function statFields(folder: string): string[] | undefined {
  try {
    const text = readFileSync(`${folder}/stat`, "latin1");
    // The second field is the name in brackets, which may contain anything.
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined;
  }
}

/** The processor time of a process or thread in user code and in the kernel, in ticks. */
export const ticksOf = (fields: readonly string[]): number => Number(fields[11]) + Number(fields[12]);
