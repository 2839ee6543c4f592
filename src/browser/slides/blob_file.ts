/** A slide that a page was given, such as a file of an `<input>`. Only the ranges that are needed are read from it. */
import { cutOff, HEAD_BYTES, type SlideFile } from "../../histology/slide/file.ts";
import { messageOf, UserError } from "../../util/errors.ts";

export class BlobSlideFile implements SlideFile {
  readonly path: string;
  readonly size: number;
  readonly head: Uint8Array;
  readonly #blob: Blob;

  private constructor(path: string, blob: Blob, head: Uint8Array) {
    this.path = path;
    this.size = blob.size;
    this.head = head;
    this.#blob = blob;
  }

  /**
   * @param path the file's name in errors
   * @throws UserError if the file cannot be read
   */
  static async open(blob: Blob, path: string): Promise<BlobSlideFile> {
    return new BlobSlideFile(path, blob, await bytesOf(blob.slice(0, HEAD_BYTES), path));
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    const bytes = await this.readAtMost(offset, length);
    if (bytes.length < length) throw cutOff(this.path, offset + length);
    return bytes;
  }

  readAtMost(offset: number, length: number): Promise<Uint8Array> {
    return bytesOf(this.#blob.slice(offset, offset + length), this.path);
  }

  /** The page's file needs no closing. */
  async close(): Promise<void> {}
}

async function bytesOf(range: Blob, path: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await range.arrayBuffer());
  } catch (error) {
    throw new UserError(
      "slide-missing",
      `${path} can no longer be read (${messageOf(error)}): it was changed or moved; choose it again.`,
    );
  }
}
