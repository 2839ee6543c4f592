/** Stores a file as an object; a large one in parts. Every request carries the hash of its bytes. */
import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { UserError } from "../../util/errors.ts";
import type { Connection } from "./connection.ts";
import { field } from "./listing.ts";

export interface StoredFile {
  readonly bytes: number;
  readonly sha256: string;
}

/** A part is in memory while it is sent. */
const PART_BYTES = 64 << 20;

/** @throws UserError if the file changes meanwhile, or the server refuses it. */
export async function uploadFile(connection: Connection, path: string, key: string): Promise<StoredFile> {
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    if (size > PART_BYTES) return await uploadParts(connection, { file, size, path }, key);
    const body = new Uint8Array(await file.readFile());
    await (await connection.send({ method: "PUT", key, body })).arrayBuffer();
    return { bytes: body.length, sha256: createHash("sha256").update(body).digest("hex") };
  } finally {
    await file.close();
  }
}

interface OpenFile {
  readonly file: FileHandle;
  readonly size: number;
  readonly path: string;
}

async function uploadParts(connection: Connection, { file, size, path }: OpenFile, key: string): Promise<StoredFile> {
  const begun = await connection.send({ method: "POST", key, query: { uploads: "" } });
  const uploadId = field(await begun.text(), "UploadId");
  if (uploadId === undefined) throw notStored(connection, key, "it gives the upload no id");
  try {
    const hash = createHash("sha256");
    const tags: string[] = [];
    for (let from = 0; from < size; from += PART_BYTES) {
      const body = new Uint8Array(Math.min(PART_BYTES, size - from));
      const { bytesRead } = await file.read(body, 0, body.length, from);
      if (bytesRead < body.length)
        throw new UserError("disk-failed", `${path} became shorter while it was read: try again.`);
      hash.update(body);
      const query = { partNumber: String(tags.length + 1), uploadId };
      const stored = await connection.send({ method: "PUT", key, query, body });
      await stored.arrayBuffer();
      tags.push(stored.headers.get("etag") ?? "");
    }
    await complete(connection, key, { uploadId, tags, size });
    return { bytes: size, sha256: hash.digest("hex") };
  } catch (error) {
    await connection.send({ method: "DELETE", key, query: { uploadId } }, [404]).catch(() => {});
    throw error;
  }
}

interface Upload {
  readonly uploadId: string;
  readonly tags: readonly string[];
  readonly size: number;
}

/** Joins the parts. The server may report an error after it has answered 200. */
async function complete(connection: Connection, key: string, { uploadId, tags, size }: Upload): Promise<void> {
  const parts = tags.map((tag, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>${tag}</ETag></Part>`);
  const body = Buffer.from(`<CompleteMultipartUpload>${parts.join("")}</CompleteMultipartUpload>`);
  const answer = await connection.send({ method: "POST", key, query: { uploadId }, body }, [404]);
  const text = await answer.text();
  // 404: the upload has ended, if the answer to an earlier try was lost.
  const found = await connection.send({ method: "HEAD", key });
  if (text.includes("<Error>") && answer.status !== 404)
    throw notStored(connection, key, field(text, "Code") ?? "error");
  if (Number(found.headers.get("content-length")) !== size) throw notStored(connection, key, "it has another size");
}

const notStored = ({ host, bucket }: Connection, key: string, why: string): UserError =>
  new UserError(
    "store-failed",
    `The object storage at ${host} has not stored s3://${bucket}/${key} (${why}): try again.`,
  );
