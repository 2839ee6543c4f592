/**
 * Recognises whether a file is still the same without reading all of it. Every change of a file's bytes sets its change
 * time, which no program can set back, so a file with the same stamp has the same bytes.
 */
import { type BigIntStats, constants } from "node:fs";
import { open, stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { fileError, sha256OfBytes } from "./files.ts";

/** File systems store times in steps; the coarsest common step is that of FAT. Within a step, a change can go unseen. */
const STEP_MILLISECONDS = 2000;
const END_BYTES = 64 * 1024;

const textOf = ({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string =>
  [dev, ino, size, mtimeNs, ctimeNs].join("-");

/**
 * The place of a file on its disk, its size and the times of its last changes, as one text.
 * @throws UserError if the file does not exist or cannot be accessed.
 */
export async function fileStamp(path: string): Promise<string> {
  return textOf(await statOf(path));
}

/**
 * A name for the bytes of some files: the SHA-256 of their stamps and of their first and last 64 KB. Waits until the
 * last change is old enough that a further one would change a stamp.
 * @throws UserError if a file cannot be read, the signal's reason if it is aborted.
 */
export async function nameOfBytes(paths: readonly string[], signal?: AbortSignal): Promise<string> {
  const parts: string[] = [];
  for (const path of paths) {
    const age = Date.now() - Number((await statOf(path)).ctimeNs / 1_000_000n);
    if (age >= 0 && age < STEP_MILLISECONDS) await sleep(STEP_MILLISECONDS - age, undefined, signal && { signal });
    parts.push(await fileStamp(path), await endsOf(path));
  }
  return sha256OfBytes(Buffer.from(parts.join("\n")));
}

async function statOf(path: string): Promise<BigIntStats> {
  return stat(path, { bigint: true }).catch((error: unknown) => {
    throw fileError(error, `cannot open ${path}`, "check the path and its permissions");
  });
}

async function endsOf(path: string): Promise<string> {
  const file = await open(path, constants.O_RDONLY);
  try {
    const { size } = await file.stat();
    const bytes = Buffer.alloc(2 * END_BYTES);
    await file.read(bytes, 0, END_BYTES, 0);
    await file.read(bytes, END_BYTES, END_BYTES, Math.max(0, size - END_BYTES));
    return sha256OfBytes(bytes);
  } finally {
    await file.close();
  }
}
