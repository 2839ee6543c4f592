/** Copies an object into a file. After a broken connection it goes on where it stopped, if the object is the same. */
import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { UserError } from "../../util/errors.ts";
import { fileError } from "../files.ts";
import type { Connection } from "./connection.ts";
import type { StoredFile } from "./upload.ts";

/** How often a copy may break in a row without a byte in between. */
const MOST_BREAKS = 5;

/** @throws UserError if there is no such object, or it changes meanwhile, or the file cannot be written. */
export async function downloadObject(connection: Connection, key: string, path: string): Promise<StoredFile> {
  const failed = (error: unknown): never => {
    throw fileError(error, `cannot write ${path}`, "check the free space and the permissions of its folder");
  };
  const file = await open(path, "wx").catch(failed);
  const hash = createHash("sha256");
  let bytes = 0;
  let tag: string | undefined;
  let size: number | undefined;
  let breaks = 0;
  try {
    while (size === undefined || bytes < size) {
      const rest = bytes === 0 ? {} : { range: `bytes=${bytes}-` };
      const headers = { ...rest, ...(tag === undefined ? {} : { "if-match": tag }) };
      const response = await connection.send({ method: "GET", key, headers }, [412]);
      if (response.status === 412 || (bytes > 0 && response.status !== 206)) throw changed(connection, key);
      tag ??= response.headers.get("etag") ?? undefined;
      size ??= sizeOf(connection, key, response);
      const before = bytes;
      try {
        for await (const block of response.body ?? []) {
          await file.appendFile(block).catch(failed);
          hash.update(block);
          bytes += block.length;
        }
        if (bytes < size) throw new Error("the answer ended early");
      } catch (error) {
        connection.requireGoingOn();
        breaks = bytes > before ? 0 : breaks + 1;
        if (error instanceof UserError || breaks > MOST_BREAKS) throw asUserError(connection, error);
      }
    }
    if (bytes !== size) throw changed(connection, key);
    return { bytes, sha256: hash.digest("hex") };
  } finally {
    await file.close();
  }
}

/** @throws UserError if the number of bytes is unknown, or the client would unpack them. */
function sizeOf({ host, bucket }: Connection, key: string, { headers }: Response): number {
  const length = headers.get("content-length");
  const packed = /gzip|deflate|br|zstd/.exec(headers.get("content-encoding") ?? "")?.[0];
  if (length !== null && packed === undefined) return Number(length);
  const why = packed === undefined ? "it does not give its size" : `it is stored packed with ${packed}`;
  throw new UserError(
    "object-unsuitable",
    `Cannot copy s3://${bucket}/${key} from ${host}: ${why}; store it as it is.`,
  );
}

const asUserError = (connection: Connection, error: unknown): unknown =>
  error instanceof UserError ? error : connection.unreachable(error);

const changed = ({ bucket }: Connection, key: string): UserError =>
  new UserError("object-changed", `s3://${bucket}/${key} changed while it was copied: try again.`);
