/** The SHA-256 of files that stay the same: each is read once, and again after it has changed. */
import { fileStamp } from "../../../system/file_stamp.ts";
import { sha256OfFile } from "../../../system/files.ts";

const MOST_KEPT = 500;

export class FileHashes {
  readonly #known = new Map<string, Promise<string>>();

  /** @throws UserError if the file cannot be read. */
  async of(path: string): Promise<string> {
    const stamp = await fileStamp(path);
    const known = this.#known.get(stamp);
    if (known) return known;
    const hash = sha256OfFile(path);
    hash.catch(() => this.#known.delete(stamp));
    if (this.#known.size >= MOST_KEPT) this.#known.clear();
    this.#known.set(stamp, hash);
    return hash;
  }
}
