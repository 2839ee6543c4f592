/** The objects of a bucket, on a real server. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { sha256OfBytes } from "../../../src/system/files.ts";
import { Connection } from "../../../src/system/objects/connection.ts";
import { listObjects } from "../../../src/system/objects/listing.ts";
import { storeSettings } from "../../../src/system/objects/settings.ts";
import { ObjectStore } from "../../../src/system/objects/store.ts";
import { NO_OBJECT_SERVER, type ObjectServer, startObjectServer } from "../../support/object_server.ts";
import { refused } from "../../support/refused.ts";

const BUCKET = "tests";
const { signal } = new AbortController();

describe("the objects of a bucket", { skip: NO_OBJECT_SERVER }, () => {
  let server: ObjectServer;
  let folder: string;
  let connection: Connection;
  let store: ObjectStore;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "cancernet-objects-"));
    server = await startObjectServer();
    Object.assign(process.env, server.environment);
    connection = await Connection.open(BUCKET, storeSettings(), signal);
    await connection.send({ method: "PUT", key: "" });
    store = await ObjectStore.open(BUCKET, signal);
  });

  after(async () => {
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test("are written, read, replaced and removed, under any name", async () => {
    for (const key of ["plain", "a folder/ä + b & <c> 'd' (e)!*~", "日本/語%20=?#:;,@", "x".repeat(900)]) {
      assert.equal(await store.read(key), undefined);
      await store.write(key, "one");
      await store.write(key, "two ü");
      assert.equal(await store.read(key), "two ü");
      assert.deepEqual(await all(store.list(key)), [{ key, bytes: 6 }]);
      await store.remove(key);
      await store.remove(key);
      assert.equal(await store.read(key), undefined);
    }
  });

  test("have one first writer of several at the same moment", async () => {
    for (let round = 0; round < 100; round++) {
      const texts = ["a", "b", "c"].map((letter) => letter.repeat(3000));
      const won = await Promise.all(texts.map((text) => store.writeFirst(`race/${round}`, text)));
      assert.equal(won.filter(Boolean).length, 1, `round ${round}`);
      assert.equal(await store.read(`race/${round}`), texts[won.indexOf(true)]);
    }
  });

  test("are listed page by page", async () => {
    const keys = Array.from({ length: 25 }, (_, index) => `pages/${String(index).padStart(2, "0")} ü&`);
    for (const key of keys) await store.write(key, key);
    const found = await all(listObjects(connection, "pages/", 10));
    assert.deepEqual(
      found.map(({ key }) => key),
      keys,
    );
    assert.deepEqual(await all(store.list("nothing/")), []);
  });

  test("hold files of any size, in parts if they are large", async () => {
    for (const bytes of [0, 1, (64 << 20) + 1, 200 << 20]) {
      const [path, copy] = [join(folder, "file"), join(folder, `copy-${bytes}`)];
      const content = randomBytes(bytes);
      writeFileSync(path, content);
      const sha256 = sha256OfBytes(content);
      assert.deepEqual(await store.upload(path, "file"), { bytes, sha256 });
      assert.deepEqual(await store.download("file", copy), { bytes, sha256 });
      assert.equal(sha256OfBytes(readFileSync(copy)), sha256);
      await assert.rejects(store.download("file", copy), refused("output-exists", copy));
    }
  });

  test("are copied although the server is killed in the middle", async () => {
    const [path, copy] = [join(folder, "long"), join(folder, "long-copy")];
    const content = randomBytes(150 << 20);
    writeFileSync(path, content);
    await store.upload(path, "long");
    const copying = store.download("long", copy);
    while (!readSome(copy)) await new Promise((done) => setTimeout(done, 5));
    await server.restart();
    assert.deepEqual(await copying, { bytes: content.length, sha256: sha256OfBytes(content) });
    assert.equal(sha256OfBytes(readFileSync(copy)), sha256OfBytes(content));
  });

  test("are refused by name if the bucket, the object or the key is wrong", async () => {
    await assert.rejects(store.download("none", join(folder, "none")), refused("object-missing", "s3://tests/none"));
    const other = await ObjectStore.open("other-bucket", signal);
    await assert.rejects(other.read("a"), refused("object-missing", "bucket other-bucket"));
    const settings = { ...storeSettings(), secretAccessKey: "wrong" };
    const wrong = await Connection.open(BUCKET, settings, signal);
    await assert.rejects(wrong.send({ method: "GET", key: "a" }), refused("store-refused", "SignatureDoesNotMatch"));
  });

  test("are not stored if their bytes were changed on the way", async () => {
    const forged = { "x-amz-content-sha256": sha256OfBytes(Buffer.from("other")) };
    const { endpoint, accessKeyId, secretAccessKey } = storeSettings();
    const { AwsClient } = await import("aws4fetch");
    const client = new AwsClient({ accessKeyId, secretAccessKey, service: "s3", region: "us-east-1" });
    const answer = await client.fetch(`${endpoint.href}${BUCKET}/forged`, {
      method: "PUT",
      body: "this",
      headers: forged,
    });
    assert.equal(answer.status, 400);
    assert.equal(await store.read("forged"), undefined);
  });
});

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

/** Whether a file has bytes. */
function readSome(path: string): boolean {
  try {
    return readFileSync(path).length > 0;
  } catch {
    return false;
  }
}
