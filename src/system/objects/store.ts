/** The objects of one bucket of an object storage with the S3 protocol: the one door to it. */
import { UserError } from "../../util/errors.ts";
import { Connection } from "./connection.ts";
import { downloadObject } from "./download.ts";
import { type ListedObject, listObjects } from "./listing.ts";
import { storeSettings } from "./settings.ts";
import { type StoredFile, uploadFile } from "./upload.ts";

export type { ListedObject, StoredFile };

/** The largest object that `read` takes into memory. */
const MAX_TEXT_BYTES = 64 << 20;

export class ObjectStore {
  readonly #connection: Connection;

  private constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * Opens a bucket. Nothing is sent yet.
   * @param signal ends all requests
   * @throws UserError if the environment does not name the server and a key.
   */
  static async open(bucket: string, signal: AbortSignal): Promise<ObjectStore> {
    return new ObjectStore(await Connection.open(bucket, storeSettings(), signal));
  }

  /** The text of an object; undefined if the object does not exist. */
  async read(key: string): Promise<string | undefined> {
    const response = await this.#connection.send({ method: "GET", key }, [404]);
    if (response.status === 404) {
      const missing = await response.text().catch(() => "");
      if (!missing.includes("NoSuchBucket")) return undefined;
      throw new UserError(
        "object-missing",
        `There is no bucket ${this.#connection.bucket} at ${this.#connection.host}: check the address.`,
      );
    }
    if (Number(response.headers.get("content-length")) > MAX_TEXT_BYTES) {
      await response.body?.cancel();
      throw new UserError("file-too-large", `s3://${this.#connection.bucket}/${key} is larger than what is read.`);
    }
    try {
      return await response.text();
    } catch (error) {
      throw this.#connection.unreachable(error);
    }
  }

  /** Writes an object, or replaces it. */
  async write(key: string, text: string): Promise<void> {
    await drained(await this.#connection.send({ method: "PUT", key, body: Buffer.from(text) }));
  }

  /**
   * Writes an object unless there is one. Of several writers at the same moment, one succeeds.
   * @returns whether the object was written. After a lost answer this is false although this call wrote it.
   */
  async writeFirst(key: string, text: string): Promise<boolean> {
    const headers = { "if-none-match": "*" };
    const response = await this.#connection.send({ method: "PUT", key, headers, body: Buffer.from(text) }, [412]);
    await drained(response);
    return response.status !== 412;
  }

  /** A text that changes when the object changes; undefined if the object does not exist. */
  async stamp(key: string): Promise<string | undefined> {
    const { status, headers } = await this.#connection.send({ method: "HEAD", key }, [404]);
    return status === 404
      ? undefined
      : ["etag", "last-modified", "content-length"].map((name) => headers.get(name)).join();
  }

  /** Removes an object, if there is one. */
  async remove(key: string): Promise<void> {
    await drained(await this.#connection.send({ method: "DELETE", key }));
  }

  /** The objects whose names start with the prefix, in the order of their names' bytes. */
  list(prefix: string): AsyncGenerator<ListedObject> {
    return listObjects(this.#connection, prefix);
  }

  /** Stores a file. */
  upload(path: string, key: string): Promise<StoredFile> {
    return uploadFile(this.#connection, path, key);
  }

  /**
   * Copies an object into a new file, and hashes it on the way.
   * @throws UserError if the object does not exist, or changes meanwhile, or the disk is full.
   */
  download(key: string, path: string): Promise<StoredFile> {
    return downloadObject(this.#connection, key, path);
  }
}

const drained = (response: Response): Promise<unknown> => response.arrayBuffer();
