/** Buffers reads of an archive's directory for yauzl, which requests a few dozen bytes at a time. */
import { readSync } from "node:fs";
import { RandomAccessReader } from "yauzl";

const WINDOW_BYTES = 1 << 20;
const DIRECTORY_ENTRY = 0x02014b50;

/** Reads from an open file. The caller closes the file. */
export class DirectoryReader extends RandomAccessReader {
  readonly #fd: number;
  readonly #window = Buffer.alloc(WINDOW_BYTES);
  #start = 0;
  #length = 0;
  /** The position where the last read ended. */
  #end = 0;

  constructor(fd: number) {
    super();
    this.#fd = fd;
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null, bytesRead?: number) => void,
  ): void {
    let bytesRead: number;
    try {
      bytesRead = this.#copy(buffer.subarray(offset, offset + length), position);
    } catch (error) {
      callback(error as Error);
      return;
    }
    this.#end = position + bytesRead;
    callback(null, bytesRead);
  }

  /**
   * Whether the file starts like a zip archive: with the header of a file, or with the end of the directory if it is
   * empty.
   */
  startsLikeZip(): boolean {
    const magic = Buffer.alloc(4);
    this.#copy(magic, 0);
    return magic.equals(Buffer.from("PK\x03\x04")) || magic.equals(Buffer.from("PK\x05\x06"));
  }

  /**
   * Call this after the last entry. Old programs declare too few files in archives of more than 65,535 files, and the
   * rest would be lost silently.
   * @throws Error if another entry follows.
   */
  assertDirectoryEnds(): void {
    const next = Buffer.alloc(4);
    this.#copy(next, this.#end);
    if (next.readUInt32LE(0) === DIRECTORY_ENTRY) throw new Error("its directory holds more files than it declares");
  }

  #copy(into: Buffer, position: number): number {
    if (into.length > WINDOW_BYTES) return readSync(this.#fd, into, 0, into.length, position);
    if (position < this.#start || position + into.length > this.#start + this.#length) {
      this.#length = readSync(this.#fd, this.#window, 0, WINDOW_BYTES, position);
      this.#start = position;
    }
    const from = position - this.#start;
    return this.#window.copy(into, 0, from, Math.min(from + into.length, this.#length));
  }
}
