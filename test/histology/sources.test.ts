import assert from "node:assert/strict";
import { chmod, mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { openSource } from "../../src/histology/dataset/open_source.ts";
import { temporaryFolder, writeTree } from "./support/cohort.ts";
import { zipOf } from "./support/zip.ts";

const FILES = new Map([
  ["b/1/two.png", Buffer.from("two, and something that repeats, repeats, repeats")],
  ["a/0/one.png", Buffer.from("one")],
  ["a/0/empty.png", Buffer.alloc(0)],
  ["\u00e4/0/\u65e5\u672c.png", Buffer.from([0, 255, 10])],
  [".hidden/0/x.png", Buffer.from("x")],
  ["a/.DS_Store", Buffer.from("x")],
  ["__MACOSX/a/0/one.png", Buffer.from("x")],
]);
const VISIBLE = [...FILES.keys()].filter((path) => !/(^|\/)(\.|__MACOSX)/.test(path)).sort();

async function saved(t: TestContext, bytes: Uint8Array): Promise<string> {
  const path = join(await temporaryFolder(t), "some.zip");
  await writeFile(path, bytes);
  return path;
}

async function assertRefused(t: TestContext, bytes: Uint8Array, message: RegExp): Promise<void> {
  await assert.rejects(openSource(await saved(t, bytes)), { name: "UserError", message });
}

for (const kind of ["folder", "stored zip", "deflated zip"] as const) {
  test(`a ${kind} lists what is not hidden and gives the bytes of each file`, async (t) => {
    const place =
      kind === "folder"
        ? await writeTree(await temporaryFolder(t), FILES)
        : await saved(t, zipOf(FILES, { deflate: kind === "deflated zip" }));
    const source = await openSource(place);
    t.after(() => source.close());
    assert.deepEqual([...source.paths].sort(), VISIBLE);
    const contents = await Promise.all(VISIBLE.map((path) => source.read(path)));
    for (const [index, path] of VISIBLE.entries())
      assert.deepEqual(Buffer.from(contents[index]!), FILES.get(path), path);
  });
}

test("a folder follows links, but not in circles, and names what it cannot read", async (t) => {
  const root = await writeTree(join(await temporaryFolder(t), "root"), [["a/0/one.png", Buffer.from("one")]]);
  const elsewhere = await writeTree(join(await temporaryFolder(t), "b"), [["1/two.png", Buffer.from("two")]]);
  await symlink(elsewhere, join(root, "b"));
  await symlink(root, join(root, "a", "up"));
  await symlink(join(root, "nowhere"), join(root, "a", "0", "broken.png"));
  const source = await openSource(root);
  assert.deepEqual([...source.paths].sort(), ["a/0/broken.png", "a/0/one.png", "b/1/two.png"]);
  assert.equal(Buffer.from(await source.read("b/1/two.png")).toString(), "two");
  await assert.rejects(source.read("a/0/broken.png"), {
    name: "UserError",
    message: "Cannot read a/0/broken.png: no such file or folder; check the file.",
  });
});

test("a folder that cannot be listed is an error, because its patches would be lost without a word", async (t) => {
  const root = await temporaryFolder(t);
  await mkdir(join(root, "locked"));
  await chmod(join(root, "locked"), 0o000);
  const isRoot = process.getuid?.() === 0;
  if (isRoot || process.platform === "win32") return t.skip("this user may list every folder");
  await assert.rejects(openSource(root), { name: "UserError", message: /locked: permission denied/ });
});

test("a source that does not exist is refused", async () => {
  await assert.rejects(openSource("/no/such/archive.zip"), { name: "UserError", message: /does not exist/ });
});

test("what is no sound zip archive is refused with the reason", async (t) => {
  const whole = zipOf(FILES);
  await assertRefused(t, Buffer.from("plain text"), /is not a zip archive/);
  await assertRefused(t, Buffer.alloc(0), /is not a zip archive/);
  await assertRefused(t, whole.subarray(0, whole.length - 40), /is cut off or damaged/);
  await assertRefused(t, whole.subarray(0, 200), /is cut off or damaged/);
  await assertRefused(t, whole.subarray(100), /not a zip archive|cut off or damaged/);
  await assertRefused(t, zipOf([]), /holds no files/);
  await assertRefused(t, zipOf([["folder/", Buffer.alloc(0)]]), /holds no files/);
  await assertRefused(t, zipOf(FILES, { flags: 1, method: 99 }), /is encrypted/);
  await assertRefused(t, zipOf(FILES, { flags: 0x40 }), /is encrypted/);
  await assertRefused(t, zipOf(FILES, { deflate: true, method: 12 }), /packed with method 12/);
  await assertRefused(t, zipOf([["../up.png", Buffer.from("x")]]), /invalid relative path/);
});

test("an archive that declares fewer files than it holds is refused", async (t) => {
  await assertRefused(t, zipOf(FILES, { declared: 3 }), /holds more files than it declares/);
  await assertRefused(t, zipOf(FILES, { declared: 9 }), /is cut off or damaged/);
});

test("a damaged file in an archive is told apart from its neighbours", async (t) => {
  for (const deflate of [false, true]) {
    const bytes = zipOf(FILES, { deflate });
    bytes[30 + "b/1/two.png".length + 2]! ^= 4;
    const source = await openSource(await saved(t, bytes));
    t.after(() => source.close());
    await assert.rejects(source.read("b/1/two.png"), { name: "UserError", message: /^b\/1\/two\.png is damaged/ });
    assert.equal(Buffer.from(await source.read("a/0/one.png")).toString(), "one");
  }
});

test("an archive that holds a path twice lists it twice and reads the first", async (t) => {
  const twice = [
    ["a/0/one.png", Buffer.from("first")],
    ["a/0/one.png", Buffer.from("second")],
  ] as const;
  const source = await openSource(await saved(t, zipOf(twice)));
  t.after(() => source.close());
  assert.deepEqual(source.paths, ["a/0/one.png", "a/0/one.png"]);
  assert.equal(Buffer.from(await source.read("a/0/one.png")).toString(), "first");
});
