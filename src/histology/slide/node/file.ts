/** A slide file of this machine. */
import { type FileHandle, open } from "node:fs/promises";
import { fileError } from "../../../system/files.ts";
import { cutOff, HEAD_BYTES, type SlideFile } from "../file.ts";

export class NodeSlideFile implements SlideFile {
  readonly path: string;
  readonly size: number;
  readonly head: Buffer;
  readonly #handle: FileHandle;

  private constructor(path: string, handle: FileHandle, { size, head }: { size: number; head: Buffer }) {
    this.path = path;
    this.size = size;
    this.head = head;
    this.#handle = handle;
  }

  /** @throws UserError if the file does not exist or cannot be read. */
  static async open(path: string): Promise<NodeSlideFile> {
    let handle: FileHandle | undefined;
    try {
      handle = await open(path, "r");
      const { size } = await handle.stat();
      const head = Buffer.alloc(Math.min(HEAD_BYTES, size));
      await handle.read(head, 0, head.length, 0);
      return new NodeSlideFile(path, handle, { size, head });
    } catch (error) {
      await handle?.close();
      throw fileError(error, `cannot open the slide ${path}`, "check the path and its permissions");
    }
  }

  async read(offset: number, length: number): Promise<Buffer> {
    const bytes = await this.readAtMost(offset, length);
    if (bytes.length < length) throw cutOff(this.path, offset + length);
    return bytes;
  }

  async readAtMost(offset: number, length: number): Promise<Buffer> {
    const bytes = Buffer.allocUnsafeSlow(Math.max(0, Math.min(length, this.size - offset)));
    try {
      let done = 0;
      while (done < bytes.length) {
        const { bytesRead } = await this.#handle.read(bytes, done, bytes.length - done, offset + done);
        if (bytesRead === 0) break;
        done += bytesRead;
      }
      return done < bytes.length ? bytes.subarray(0, done) : bytes;
    } catch (error) {
      throw fileError(error, `cannot read the slide ${this.path}`, "check the disk");
    }
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}
