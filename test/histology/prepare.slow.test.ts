import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import test, { type TestContext } from "node:test";
import { openDataset } from "../../src/histology/dataset/dataset.ts";
import { decodeImage } from "../../src/histology/image/decode.ts";
import { RandomStream } from "../../src/system/random.ts";
import { fromCsv } from "../../src/util/csv.ts";
import { silent } from "../../src/util/reporter.ts";
import { prepare } from "../../src/workflows/prepare.ts";
import { cohort, kagglePath, prepareQuietly, randomPng } from "../support/cohort.ts";
import { type Files, readTree, temporaryFolder, writeTree } from "../support/folder.ts";
import { rgbPng } from "../support/png.ts";
import { refused } from "../support/refused.ts";
import { zipOf } from "../support/zip.ts";

/** A folder with the files below "source", and the way to the output beside it. */
async function workplace(t: TestContext, files: Files): Promise<{ folder: string; source: string; out: string }> {
  const folder = await temporaryFolder(t);
  return { folder, source: await writeTree(join(folder, "source"), files), out: join(folder, "out") };
}

async function writeZip(path: string, files: Files, options?: Parameters<typeof zipOf>[1]): Promise<string> {
  const order = new RandomStream(3, "zip").shuffle([...files]);
  await writeFile(path, zipOf(order, options));
  return path;
}

async function rejectedOf(out: string): Promise<Record<string, string>> {
  const rows = fromCsv(await readFile(join(out, "rejected.csv"), "utf8"), ["path", "reason"], "rejected.csv");
  return Object.fromEntries(rows.map(({ path, reason }) => [path, reason]));
}

test("folder and archive, in any order, give the same bytes; another seed gives another split", async (t) => {
  const files = cohort(6, 8);
  files.set("900/0/900_idx5_x901_y901_class0.png", Buffer.from("damaged"));
  const { folder, source, out } = await workplace(t, files);
  await prepareQuietly({ source, out });
  const expected = await readTree(out);
  assert.deepEqual(
    [...expected.keys()],
    [
      "dataset.json",
      "manifest.csv",
      "patches.bin",
      "rejected.csv",
      ...["test", "train", "val"].map((s) => `splits/cases_${s}.txt`),
    ],
  );
  for (const deflate of [false, true]) {
    const zip = await writeZip(join(folder, `${deflate}.zip`), files, { deflate });
    await prepareQuietly({ source: zip, out: join(folder, `from ${deflate}`) });
    assert.deepEqual(await readTree(join(folder, `from ${deflate}`)), expected);
  }
  const splits = new Set<string>();
  for (const seed of [42, 1, 2, 3]) {
    const other = join(folder, `seed ${seed}`);
    await prepareQuietly({ source, out: other, seed });
    splits.add((await readFile(join(other, "manifest.csv"))).toString());
    assert.deepEqual((await readTree(other)).get("patches.bin"), expected.get("patches.bin"));
  }
  assert.ok(splits.size > 1);
});

test("the counts, hashes and table are those of the files, and no case is in two splits", async (t) => {
  const { source, out } = await workplace(t, cohort(8, 9));
  const { description, lines, warnings } = await prepareQuietly({ source, out });
  const dataset = await openDataset(out);
  t.after(() => dataset.close());
  assert.deepEqual(dataset.description, description);
  assert.deepEqual(description.split, { method: "case", seed: 42 });
  const splitsOfCase = Map.groupBy(dataset.rows, ({ caseId }) => caseId);
  assert.equal(splitsOfCase.size, 8);
  for (const rows of splitsOfCase.values()) assert.equal(new Set(rows.map(({ split }) => split)).size, 1);
  const sha = async (name: string): Promise<string> =>
    createHash("sha256")
      .update(await readFile(join(out, name)))
      .digest("hex");
  assert.deepEqual(description.sha256, { manifest: await sha("manifest.csv"), patches: await sha("patches.bin") });
  const { train, val, test: held } = description.counts;
  assert.deepEqual(
    [train.cases + val.cases + held.cases, train.patches + val.patches + held.patches, train.idc + val.idc + held.idc],
    [8, 72, 24],
  );
  assert.deepEqual(lines.slice(0, 2), [
    "split  cases  patches     IDC  of all cases  of all patches  wanted",
    "-----  -----  -------  ------  ------------  --------------  ------",
  ]);
  const share = (part: number, all: number) => `${((100 * part) / all).toFixed(1)} %`;
  assert.deepEqual(lines[2]!.split(/ {2,}/), [
    "train",
    ...[train.cases, train.patches].map(String),
    "33.3 %",
    share(train.cases, 8),
    share(train.patches, dataset.rows.length),
    "72.0 %",
  ]);
  assert.deepEqual(warnings, []);
});

test("what is left out is listed with its reason and counted", async (t) => {
  const files = cohort(3, 6);
  const copies = [...files].map(([path, bytes]) => [`IDC_regular_ps50_idx5/${path}`, bytes] as const);
  const good = kagglePath("900", 1, 0);
  const add = (path: string, bytes: Buffer = randomPng(path)): unknown => files.set(path, bytes);
  add("900/0/900_idx5_x1_y901_class0.png", randomPng("cut").subarray(0, 3000));
  add("900/0/900_idx5_x1_y951_class1.png");
  add("901/0/900_idx5_x51_y951_class0.png");
  add(`again/${good}`);
  add("900/0/a copy.png", files.get(good)!);
  add(
    "900/0/white.png",
    rgbPng(50, 50, () => 255),
  );
  add(
    "900/0/white too.png",
    rgbPng(50, 50, () => 255),
  );
  add("900/readme.txt", Buffer.from("x"));
  add(".DS_Store", Buffer.from("x"));
  const { source, out } = await workplace(t, new Map([...files, ...copies]));
  const { description, lines } = await prepareQuietly({ source, out });
  const rejected = await rejectedOf(out);
  assert.match(
    rejected["900/0/900_idx5_x1_y901_class0.png"]!,
    /^900\/0\/900_idx5_x1_y901_class0\.png is not a readable/,
  );
  delete rejected["900/0/900_idx5_x1_y901_class0.png"];
  assert.deepEqual(rejected, {
    "900/0/900_idx5_x1_y951_class1.png": "its name says class 1, its folder class 0",
    "901/0/900_idx5_x51_y951_class0.png": "its name says case 900, its folder case 901",
    "900/0/a copy.png": `the same picture as ${good}`,
    "900/readme.txt": "it is no PNG, JPEG, TIFF or WebP file",
    "IDC_regular_ps50_idx5/": "second copies of patches outside this folder: 18 files",
    [`again/${good}`]: `the same patch as ${good}`,
  });
  assert.deepEqual(description.rejected, {
    notAPatch: 1,
    classMismatch: 1,
    caseMismatch: 1,
    nestedCopy: 18,
    secondCopy: 2,
    damaged: 1,
  });
  assert.ok(lines.includes("  18  copies in the nested tree"), lines.join("\n"));
  const dataset = await openDataset(out);
  t.after(() => dataset.close());
  assert.equal(dataset.rows.length, 18 + 2);
  // The records behind a gap have closed up with their rows.
  const record = new Uint8Array(7500);
  const last = dataset.rows.length - 1;
  dataset.read(last, record, 0);
  const noise = new RandomStream(1, dataset.rows[last]!.source).bytes(7500);
  assert.deepEqual(record, new Uint8Array(noise));
});

test("split lists decide, and the lists that are written give the same split again", async (t) => {
  const { folder, source, out } = await workplace(t, cohort(6, 4));
  const lists = { train: "900\n901\n", val: "902\n", test: "903\n904\n777\n" };
  const files = Object.entries(lists).map(([split, text]) => [`cases_${split}.txt`, Buffer.from(text)] as const);
  const splitLists = await writeTree(join(folder, "lists"), files);
  const { description, warnings } = await prepareQuietly({ source, out, splitLists });
  assert.deepEqual(warnings, [
    "1 case is in no split list and left out: 905.",
    "1 case is in the split lists but not in the source: 777.",
  ]);
  assert.deepEqual(
    Object.values(description.counts).map(({ cases, patches }) => [cases, patches]),
    [
      [2, 8],
      [1, 4],
      [2, 8],
    ],
  );
  assert.deepEqual(description.split, { method: "lists", seed: null });
  assert.deepEqual(Object.values(await rejectedOf(out)), [
    "case 905 is in no split list: it is left out, with 4 patches",
  ]);
  const again = join(folder, "again");
  await prepareQuietly({ source, out: again, splitLists: join(out, "splits"), seed: 7 });
  assert.deepEqual(await readTree(again), await readTree(out));
  const wrong = await writeTree(
    join(folder, "wrong"),
    files.map(([name]) => [name, Buffer.from(`x${name}\n`)] as const),
  );
  await assert.rejects(
    prepareQuietly({ source, out: join(folder, "no"), splitLists: wrong }),
    refused("split-lists-mismatch", "source: 900, 901, 902, 903, 904 and 1 more"),
  );
  await assert.rejects(
    prepareQuietly({ source, out: join(folder, "no"), splitLists: wrong, split: "patch" }),
    refused("options-conflict", "--split patch"),
  );
});

test("shares are taken, recorded and opened again; the default ones give the default's bytes", async (t) => {
  const { folder, source, out } = await workplace(t, cohort(8, 10));
  await prepareQuietly({ source, out });
  await prepareQuietly({ source, out: join(folder, "named"), trainShare: 0.8, validationShare: 0.1 });
  assert.deepEqual(await readTree(join(folder, "named")), await readTree(out));
  const half = join(folder, "half");
  const { lines } = await prepareQuietly({ source, out: half, trainShare: 0.5, validationShare: 0.5 });
  assert.match(lines[4]!, /^test +4 +40 .*50\.0 % +50\.0 % +50\.0 %$/);
  const { description, close } = await openDataset(half);
  close();
  assert.deepEqual(description.split, { method: "case", seed: 42, shares: { train: 0.5, validation: 0.5 } });
  assert.deepEqual(
    Object.values(description.counts).map(({ cases }) => cases),
    [2, 2, 4],
  );
  const patches = { source, out: join(folder, "patches"), split: "patch", trainShare: 0.7 } as const;
  const byPatch = (await prepareQuietly(patches)).description;
  assert.deepEqual(
    Object.values(byPatch.counts).map(({ patches }) => patches),
    [51, 5, 24], // 56 of 80, of which int(5.6) = 5 for val
  );
});

test("shares that leave a part empty, and shares beside lists, are refused", async (t) => {
  const { folder, source, out } = await workplace(t, cohort(2, 6));
  await assert.rejects(
    prepareQuietly({ source, out, trainShare: 0.5 }),
    refused("split-empty", /^--train-share 0\.5 and --validation-share 0\.1 .* (val|test) .* 12 patches/),
  );
  await assert.rejects(
    prepareQuietly({ source, out, split: "patch", validationShare: 0.01 }),
    refused("split-empty", / val .* 12 patches/),
  );
  await assert.rejects(
    prepareQuietly({ source, out, splitLists: folder, validationShare: 0.2 }),
    refused("options-conflict", "--split-lists"),
  );
  assert.deepEqual(await readdir(folder), ["source"]);
});

test("without cases only the patch split is possible, which warns and writes no lists", async (t) => {
  const files: Files = new Map();
  for (let i = 0; i < 20; i++) files.set(`${i % 2}/${i}.png`, randomPng(String(i)));
  const { source, out } = await workplace(t, files);
  await assert.rejects(prepareQuietly({ source, out }), refused("case-unknown", "0/0.png"));
  const { description, warnings } = await prepareQuietly({ source, out, split: "patch" });
  assert.match(warnings[0]!, /land in several splits.*No case lists are written/);
  assert.deepEqual(
    Object.values(description.counts).map(({ cases, patches }) => [cases, patches]),
    [
      [0, 15],
      [0, 1],
      [0, 4],
    ],
  );
  assert.ok(!(await readdir(out)).includes("splits"));
});

test("the tutorial's tree holds every accepted file as it was, under its own name where that is unique", async (t) => {
  const files = cohort(3, 6);
  files.set("900/0/same.png", randomPng("one")).set("901/0/same.png", randomPng("two"));
  const { folder, source, out } = await workplace(t, files);
  const folders = join(folder, "idc");
  await prepareQuietly({ source, out, folders, split: "patch" });
  const dataset = await openDataset(out);
  t.after(() => dataset.close());
  const tree = await readTree(folders);
  assert.equal(tree.size, 20);
  const part = { train: "training", val: "validation", test: "testing" };
  for (const { split, label, source: path } of dataset.rows) {
    const inClass = `${part[split]}/${label}`;
    const bytes = tree.get(`${inClass}/${basename(path)}`) ?? tree.get(`${inClass}/${path.replaceAll("/", "_")}`);
    assert.deepEqual(bytes, files.get(path), path);
  }
  const back = await prepareQuietly({ source: folders, out: join(folder, "back"), split: "patch" });
  assert.equal(back.description.counts.train.patches, 16 - 1);
  await assert.rejects(
    prepareQuietly({ source, out: join(folder, "x"), folders: join(folder, "x", "y") }),
    refused("output-overlaps", "--folders"),
  );
});

test("a prepare that is stopped or fails leaves nothing behind, and throws the reason", async (t) => {
  const { folder, source } = await workplace(t, cohort(3, 40));
  const before = await readdir(folder);
  const reason = new Error("stopped by the user");
  for (const after of [1, 60, 119, 120, 150, 239]) {
    const controller = new AbortController();
    let calls = 0;
    const progress = (): void => {
      if (++calls === after) controller.abort(reason);
    };
    const reporter = { ...silent, progress };
    const options = { source, out: join(folder, "deep", "out"), folders: join(folder, "deep", "er", "tree") };
    await assert.rejects(
      prepare({ ...options, split: "case", seed: 42 }, { reporter, signal: controller.signal }),
      (error) => error === reason,
    );
    assert.deepEqual(await readdir(folder), before);
  }
  await writeFile(join(folder, "none.zip"), zipOf([["a.txt", Buffer.from("x")]]));
  await assert.rejects(
    prepareQuietly({ source: join(folder, "none.zip"), out: join(folder, "deep", "out") }),
    refused("source-empty", /1 file .*a\.txt: it is no PNG/),
  );
  const damaged: Files = new Map([["1/0/a.png", Buffer.from("x")]]);
  await writeFile(join(folder, "none.zip"), zipOf(damaged));
  await assert.rejects(
    prepareQuietly({ source: join(folder, "none.zip"), out: join(folder, "deep", "out") }),
    refused("source-empty", "1/0/a.png"),
  );
  assert.deepEqual(await readdir(folder), [...before, "none.zip"].sort());
});

test("the output folder must be new or empty, and gets the usual permissions", async (t) => {
  const { folder, source, out } = await workplace(t, cohort(3, 2));
  await mkdir(out);
  await prepareQuietly({ source, out });
  assert.equal((await stat(out)).mode, (await stat(source)).mode);
  const again = prepareQuietly({ source, out });
  await assert.rejects(again, refused("output-exists", "--out"));
  await assert.rejects(prepareQuietly({ source, out: join(out, "dataset.json") }), refused("path-is-file"));
  await assert.rejects(
    prepareQuietly({ source, out: join(folder, "new"), folders: out }),
    refused("output-exists", "--folders"),
  );
  assert.deepEqual(await readdir(folder), ["out", "source"]);
});

test("fewer than three cases leave a split empty, which is said", async (t) => {
  const { source, out } = await workplace(t, cohort(2, 3));
  const { description, warnings } = await prepareQuietly({ source, out });
  assert.deepEqual(
    Object.values(description.counts).map(({ cases }) => cases),
    [1, 0, 1],
  );
  assert.match(warnings[0]!, /^No patch is in val/);
});

test("classes with other names, of another side, above their cases: folder and archive give the same dataset", async (t) => {
  const files: Files = new Map();
  for (const name of ["benign", "malignant"]) {
    for (let i = 0; i < 24; i++) files.set(`scans/${name}/case ${i % 6}/${i}.png`, randomPng(`${name} ${i}`, 96, 96));
  }
  const { folder, source, out } = await workplace(t, files);
  const { description, lines } = await prepareQuietly({ source, out, side: 96 });
  assert.deepEqual(description.classes, ["benign", "malignant"]);
  assert.deepEqual(description.record, { height: 96, width: 96, channels: 3, type: "uint8" });
  assert.match(
    lines.join("\n"),
    /malignant .*of all cases[\s\S]*Class 0 is benign, class 1, the positive one, is malignant\./,
  );
  const dataset = await openDataset(out);
  t.after(() => dataset.close());
  assert.deepEqual([dataset.side, dataset.recordBytes, dataset.classNames], [96, 96 * 96 * 3, ["benign", "malignant"]]);
  assert.deepEqual(new Set(dataset.rows.map(({ caseId }) => caseId)).size, 6);
  for (const [index, { source: path, label }] of dataset.rows.entries()) {
    assert.equal(label, path.startsWith("scans/malignant/") ? 1 : 0);
    const pixels = new Uint8Array(dataset.recordBytes);
    dataset.read(index, pixels, 0);
    assert.deepEqual(pixels, Uint8Array.from((await decodeImage(files.get(path)!, path)).data));
  }
  await prepareQuietly({
    source: await writeZip(join(folder, "scans.zip"), files),
    out: join(folder, "from zip"),
    side: 96,
  });
  assert.deepEqual(await readTree(join(folder, "from zip")), await readTree(out));

  const small = await prepareQuietly({ source, out: join(folder, "small") });
  assert.match(
    small.warnings.join(),
    /Most of the 48 pictures are 96 x 96 pixels .* 50 x 50: --side 96 keeps their pixels/,
  );
});

test("a tree that is split already keeps its split, and the tutorial's own tree is refused until an option decides", async (t) => {
  const { folder, source, out } = await workplace(t, cohort(9, 8));
  const tree = join(folder, "tree");
  await prepareQuietly({ source, out, folders: tree });
  const again = await prepareQuietly({ source: tree, out: join(folder, "again") });
  assert.deepEqual(again.description.split, { method: "folders", seed: null });
  assert.match(again.lines.join("\n"), /The split is that of the source's folders\. --split case draws another\./);
  const splitsOf = async (at: string) => {
    const dataset = await openDataset(at);
    t.after(() => dataset.close());
    return Object.fromEntries(dataset.rows.map(({ id, split }) => [id, split]));
  };
  assert.deepEqual(await splitsOf(join(folder, "again")), await splitsOf(out));
  assert.deepEqual(
    (await readTree(join(folder, "again"))).get("patches.bin"),
    (await readTree(out)).get("patches.bin"),
  );

  const leaking = join(folder, "leaking tree");
  await prepareQuietly({ source, out: join(folder, "leaking"), folders: leaking, split: "patch" });
  await assert.rejects(prepareQuietly({ source: leaking, out: join(folder, "no") }), refused("case-in-two-splits"));
  const kept = await prepareQuietly({ source: leaking, out: join(folder, "kept"), split: "folders" });
  assert.match(kept.warnings.join(), /scores are too good/);
  assert.deepEqual(await splitsOf(join(folder, "kept")), await splitsOf(join(folder, "leaking")));
  assert.ok(!(await readdir(join(folder, "kept"))).includes("splits"));
  const drawn = await prepareQuietly({ source: leaking, out: join(folder, "drawn"), split: "case" });
  assert.deepEqual(
    (await readTree(join(folder, "drawn")))
      .get("manifest.csv")!
      .toString()
      .replaceAll(/[^,\n]*$/gm, ""),
    (await readTree(out))
      .get("manifest.csv")!
      .toString()
      .replaceAll(/[^,\n]*$/gm, ""),
  );
  assert.equal(drawn.description.split.method, "case");
});
