import assert from "node:assert/strict";
import { chmod, mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { readPlace } from "../../src/histology/dataset/file_place.ts";
import { openSource } from "../../src/histology/dataset/open_source.ts";
import { temporaryFolder, writeTree } from "../support/folder.ts";
import { type Refusal, refused } from "../support/refused.ts";
import { zipOf } from "../support/zip.ts";

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

async function assertRefused(t: TestContext, bytes: Uint8Array, refusal: Refusal): Promise<void> {
  await assert.rejects(openSource(await saved(t, bytes)), refusal);
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
    const contents = VISIBLE.map((path) => readPlace(source.locate(path)));
    for (const [index, path] of VISIBLE.entries())
      assert.deepEqual(Buffer.from(contents[index]!), FILES.get(path), path);
  });
}

test("a folder follows links that stay in it, and names all others with the reason", async (t) => {
  const files = ["a/0/one.png", "b/benign/two.png", ".hidden/three.png"].map(
    (path) => [path, Buffer.from(path)] as const,
  );
  const root = await writeTree(join(await temporaryFolder(t), "root"), files);
  const elsewhere = await writeTree(join(await temporaryFolder(t), "elsewhere"), [["1/four.png", Buffer.from("four")]]);
  const link = (target: string, ...path: string[]) => symlink(target, join(root, ...path));
  // These stay in the folder: to a file, to a folder beside, by way of another link, and out of it and back.
  await link("one.png", "a", "0", "again.png");
  await link("benign", "b", "0");
  await link("again.png", "a", "0", "chain.png");
  await link(join("..", "..", "..", "root", "a", "0", "one.png"), "a", "0", "back.png");
  // These do not.
  await link(elsewhere, "absolute");
  await link(join(elsewhere, "1", "four.png"), "a", "0", "file.png");
  await link(join("..", "..", "..", "..", "..", "etc"), "a", "0", "upwards");
  await link(join(root, "absolute"), "a", "0", "over-two.png");
  await link(root, "a", "up");
  await link("itself.png", "a", "0", "itself.png");
  await link("second.png", "a", "0", "first.png");
  await link("first.png", "a", "0", "second.png");
  await link(join(root, "nowhere"), "a", "0", "broken.png");
  await link(join("..", "b"), "a", "beside");
  const source = await openSource(root);
  assert.deepEqual([...source.paths].sort(), [
    "a/0/again.png",
    "a/0/back.png",
    "a/0/chain.png",
    "a/0/one.png",
    "a/beside/benign/two.png",
    "b/0/two.png",
    "b/benign/two.png",
  ]);
  assert.equal(Buffer.from(readPlace(source.locate("b/0/two.png"))).toString(), "b/benign/two.png");
  const reasons = source.leftOut.map(({ path, kind, reason }) => `${kind} ${path}: ${reason}`).sort();
  assert.deepEqual(reasons, [
    "link a/0/broken.png: it is a link that leads to nothing",
    "link a/0/file.png: it is a link that leads out of the folder",
    "link a/0/first.png: it is a link that leads in a circle",
    "link a/0/itself.png: it is a link that leads in a circle",
    "link a/0/over-two.png: it is a link that leads out of the folder",
    "link a/0/second.png: it is a link that leads in a circle",
    "link a/0/upwards: it is a link that leads out of the folder",
    "link a/beside/0: it is a link to a folder, found by way of another",
    "link a/up: it is a link to a folder that it lies in",
    "link absolute: it is a link that leads out of the folder",
  ]);
});

test("a source that is itself a link is read, and is the folder that it leads to", async (t) => {
  const folder = await temporaryFolder(t);
  await writeTree(join(folder, "root"), [["a/0/one.png", Buffer.from("one")]]);
  await symlink("one.png", join(folder, "root", "a", "0", "two.png"));
  await symlink("root", join(folder, "link"));
  const source = await openSource(join(folder, "link"));
  assert.deepEqual([[...source.paths].sort(), source.leftOut], [["a/0/one.png", "a/0/two.png"], []]);
});

test("links that all lead to each other end", async (t) => {
  const root = await temporaryFolder(t);
  const names = Array.from({ length: 12 }, (_, index) => `folder${index}`);
  for (const name of names) await writeTree(join(root, name), [["0/x.png", Buffer.from(name)]]);
  for (const one of names) {
    for (const other of names) if (one !== other) await symlink(join("..", other), join(root, one, other));
  }
  const { paths, leftOut } = await openSource(root);
  assert.deepEqual([paths.length, leftOut.length], [12 * 12, 12 * 11 * 11]);
});

const LATIN1 = Buffer.from("caf\u00e9.png", "latin1");

test("a file or folder whose name is not UTF-8 is named by its bytes", async (t) => {
  if (process.platform !== "linux") return t.skip("this system knows no such names");
  const root = await writeTree(join(await temporaryFolder(t), "root"), [["a/0/caf\u00e9.png", Buffer.from("good")]]);
  await writeFile(Buffer.concat([Buffer.from(`${root}/a/0/`), LATIN1]), "bad");
  await mkdir(Buffer.concat([Buffer.from(`${root}/it's `), Buffer.of(0xff, 0x5c)]));
  const source = await openSource(root);
  assert.deepEqual(source.paths, ["a/0/caf\u00e9.png"]);
  assert.deepEqual(source.leftOut.map(({ path, kind, reason }) => [path, kind, reason]).sort(), [
    ["a/0/b'caf\\xe9.png'", "name", "its name is not UTF-8: rename it"],
    ["b'it\\'s \\xff\\\\'", "name", "its name is not UTF-8: rename it"],
  ]);
});

for (const utf8 of [true, false]) {
  test(`names of an archive that ${utf8 ? "says" : "does not say"} that they are UTF-8`, async (t) => {
    const bad = Buffer.concat([Buffer.from("a/0/"), LATIN1]);
    const files = [["a/0/caf\u00e9.png", Buffer.from("good")] as const, [bad, Buffer.from("bad")] as const];
    const source = await openSource(await saved(t, zipOf(files, { flags: utf8 ? 0x800 : 0 })));
    t.after(() => source.close());
    assert.deepEqual(source.paths, ["a/0/caf\u00e9.png"]);
    assert.equal(Buffer.from(readPlace(source.locate("a/0/caf\u00e9.png"))).toString(), "good");
    const reason = "its name is not UTF-8: pack the archive again with UTF-8 names";
    assert.deepEqual(source.leftOut, [{ path: "b'a/0/caf\\xe9.png'", kind: "name", reason, files: 1 }]);
  });
}

test("a link in an archive is left out", async (t) => {
  const link = zipOf([["a/0/one.png", Buffer.from("../../etc/passwd")]], { mode: 0o120777 });
  const source = await openSource(await saved(t, link));
  t.after(() => source.close());
  assert.deepEqual([source.paths, source.leftOut.map(({ kind }) => kind)], [[], ["link"]]);
});

test("a folder that cannot be listed is an error, because its patches would be lost without a word", async (t) => {
  const root = await temporaryFolder(t);
  await mkdir(join(root, "locked"));
  await chmod(join(root, "locked"), 0o000);
  const isRoot = process.getuid?.() === 0;
  if (isRoot || process.platform === "win32") return t.skip("this user may list every folder");
  await assert.rejects(openSource(root), refused("permission-denied", "locked"));
});

test("a source that does not exist is refused", async () => {
  await assert.rejects(openSource("/no/such/archive.zip"), refused("source-missing"));
});

test("what is no sound zip archive is refused with the reason", async (t) => {
  const whole = zipOf(FILES);
  await assertRefused(t, Buffer.from("plain text"), refused("archive-invalid"));
  await assertRefused(t, Buffer.alloc(0), refused("archive-invalid"));
  await assertRefused(t, whole.subarray(0, whole.length - 40), refused("archive-damaged"));
  await assertRefused(t, whole.subarray(0, 200), refused("archive-damaged"));
  await assertRefused(t, whole.subarray(100), refused("archive-invalid"));
  await assertRefused(t, zipOf([]), refused("archive-empty"));
  await assertRefused(t, zipOf([["folder/", Buffer.alloc(0)]]), refused("archive-empty"));
  await assertRefused(t, zipOf(FILES, { flags: 1, method: 99 }), refused("archive-encrypted"));
  await assertRefused(t, zipOf(FILES, { flags: 0x40 }), refused("archive-encrypted"));
  await assertRefused(t, zipOf(FILES, { deflate: true, method: 12 }), refused("archive-unsupported", "method 12"));
  await assertRefused(t, zipOf([["../up.png", Buffer.from("x")]]), refused("archive-damaged", "invalid relative path"));
});

test("an archive that declares fewer files than it holds is refused", async (t) => {
  await assertRefused(
    t,
    zipOf(FILES, {}, { declared: 3 }),
    refused("archive-damaged", "holds more files than it declares"),
  );
  await assertRefused(t, zipOf(FILES, {}, { declared: 9 }), refused("archive-damaged"));
});

test("a damaged file in an archive is told apart from its neighbours", async (t) => {
  for (const deflate of [false, true]) {
    const bytes = zipOf(FILES, { deflate });
    bytes[30 + "b/1/two.png".length + 2]! ^= 4;
    const source = await openSource(await saved(t, bytes));
    t.after(() => source.close());
    await assert.rejects(
      async () => readPlace(source.locate("b/1/two.png")),
      refused("archive-damaged", "b/1/two.png"),
    );
    assert.equal(Buffer.from(readPlace(source.locate("a/0/one.png"))).toString(), "one");
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
  assert.equal(Buffer.from(readPlace(source.locate("a/0/one.png"))).toString(), "first");
});
