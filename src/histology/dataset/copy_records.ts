/** Writes a records file from records that exist already, for a dataset that is made from another one. */
import { type FileHandle, open } from "node:fs/promises";
import { fileError } from "../../system/files.ts";
import type { Watch } from "./parallel.ts";

const RECORDS_AT_A_TIME = 256;

/** The records to write, in order. */
export interface RecordList {
  readonly count: number;
  /** Bytes per record. */
  readonly bytes: number;
  /** Copies record `index` into `into`, starting at `offset`. */
  read(index: number, into: Uint8Array, offset: number): void;
}

/**
 * Writes the records file `path`, which must not exist, and flushes it to the disk.
 * @throws UserError if it cannot be written; the signal's reason if it is aborted.
 */
export async function copyRecords(path: string, records: RecordList, { signal, onProgress }: Watch): Promise<void> {
  try {
    const file = await open(path, "wx");
    try {
      for (let start = 0; start < records.count; start += RECORDS_AT_A_TIME) {
        signal.throwIfAborted();
        const end = Math.min(start + RECORDS_AT_A_TIME, records.count);
        await writeRange(file, records, { start, end });
        onProgress(end);
      }
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    throw fileError(error, `cannot write ${path}`, "check the free space and the permissions of its folder");
  }
}

async function writeRange(
  file: FileHandle,
  { bytes, read }: RecordList,
  { start, end }: { start: number; end: number },
): Promise<void> {
  const block = new Uint8Array((end - start) * bytes);
  for (let index = start; index < end; index++) read(index, block, (index - start) * bytes);
  await file.appendFile(block);
}
