/** The bytes of a slide file, read by offset. The format modules interpret them. */
import { UserError } from "../../util/errors.ts";

/** The number of leading bytes needed to distinguish the formats. */
export const HEAD_BYTES = 16;

/** An open slide file: a file of this machine (node/file.ts), or one that a page was given (browser/slides). */
export interface SlideFile {
  /** The file's name in errors. Its extension shows the format of a few refused formats. */
  readonly path: string;
  /** In bytes. */
  readonly size: number;
  /** The first 16 bytes, or fewer if the file is shorter. */
  readonly head: Uint8Array;
  /** @throws UserError if the bytes are beyond the end of the file, or they cannot be read. */
  read(offset: number, length: number): Promise<Uint8Array>;
  /** Reads up to `length` bytes, or fewer at the end of the file. */
  readAtMost(offset: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** The error of `read` if the file is shorter than `end`. */
export const cutOff = (path: string, end: number): UserError =>
  new UserError(
    "slide-damaged",
    `${path} ends before byte ${end}, which is only a part of it: the file is truncated; restore it.`,
  );
