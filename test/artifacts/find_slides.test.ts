/** Which slides folders and lists name, in the forms that other programs write, and what is said of the files passed over. */

import assert from "node:assert/strict";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { relative } from "node:path";
import { before, test } from "node:test";
import { listSlides } from "../../src/artifacts/find_slides.ts";
import { SLIDE_EXTENSIONS } from "../../src/histology/slide/open.ts";
import { context, recorder } from "../support/cohort.ts";
import { useFolder } from "../support/folder.ts";
import { type Refusal, refused } from "../support/refused.ts";

const at = useFolder("slides");
before(() => {
  mkdirSync(at("all", "more", "deep"), { recursive: true });
  mkdirSync(at("outside"));
  mkdirSync(at("none"));
  for (const name of [
    "a.svs",
    "B.NDPI",
    "c.mrxs",
    "d.webp",
    "._a.svs",
    ".DS_Store",
    "notes.txt",
    "c.dat",
    "more/e.scn",
    "more/deep/f.bif",
  ]) {
    writeFileSync(at("all", name), "");
  }
  writeFileSync(at("outside", "g.tiff"), "");
  writeFileSync(at("none", "Slide.xml"), "");
  symlinkSync(at("outside", "g.tiff"), at("all", "g.tiff"));
  symlinkSync(at("outside"), at("all", "outside"));
  symlinkSync(at("all", "a.svs"), at("all", "i.svs"));
  symlinkSync(at("gone.svs"), at("all", "h.svs"));
});

async function list(...given: string[]) {
  const { reporter, warnings } = recorder();
  const { paths, single, leftOut } = await listSlides(given, { ...context, reporter });
  return { names: paths.map((path) => relative(at(), path)), single, leftOut, warnings };
}

test("every ending of a format that is read or refused by name counts, in subfolders too; the rest is named", async () => {
  for (const extension of [
    ".svs",
    ".tif",
    ".tiff",
    ".ndpi",
    ".mrxs",
    ".scn",
    ".bif",
    ".webp",
    ".dcm",
    ".png",
    ".jpg",
  ]) {
    assert.ok(SLIDE_EXTENSIONS.includes(extension), extension);
  }
  const { names, single, leftOut, warnings } = await list(at("all"));
  assert.deepEqual(
    names,
    ["B.NDPI", "a.svs", "c.mrxs", "d.webp", "i.svs", "more/deep/f.bif", "more/e.scn"].map((name) => `all/${name}`),
  );
  assert.equal(single, false);
  assert.equal(leftOut, 3);
  assert.equal(warnings.length, 4);
  for (const part of [
    /all\/g\.tiff is left out: it is a link that leads out of the folder\./,
    /all\/outside is left out: it is a link that leads out of the folder\./,
    /all\/h\.svs is left out: it is a link that leads to nothing\./,
    /^Ignored in .*all: 2 files hidden \(such as \.DS_Store\), 2 files not named as slides are \(\.dat, \.txt\)\.$/m,
  ])
    assert.match(warnings.join("\n"), part);
  await assert.rejects(
    list(at("none")),
    refused("folder-empty", /\.mrxs.*, only 1 file not named as slides are \(\.xml\)/),
  );
});

const LISTS: Readonly<Record<string, readonly [name: string, text: string]>> = {
  "one path per line, some in quotes": ["list.txt", `# slides\n"all/a.svs"\n'all/d.webp'\r\n\nall/B.NDPI\n`],
  "slides.csv": ["slides.csv", "slide,folder,patches\nall/a.svs,out/a,5\nall/d.webp,out/d,\nall/B.NDPI,out/b,3\n"],
  "CLAM's process list": [
    "process_list_autogen.csv",
    "slide_id,process,status,seg_level\nall/a.svs,1,processed,2\nall/d.webp,1,tbp,2\nall/B.NDPI,1,tbp,2\nall/c.mrxs,0,tbp,2\n",
  ],
  "CLAM's table of cases, without extensions": [
    "cases.csv",
    "case_id,slide_id,label\np1,all/a,tumor\np2,all/d,normal\np3,all/B.NDPI,normal\n",
  ],
  "semicolons, and another name of the column": ["excel.csv", 'Path;x\n"all/a.svs";1\nall/d.webp;2\nall/B.NDPI;3\n'],
};

for (const [kind, [name, text]] of Object.entries(LISTS)) {
  test(`a list of slides: ${kind}`, async () => {
    writeFileSync(at(name), text);
    const { names, single, warnings } = await list(at(name));
    assert.deepEqual(names, ["all/a.svs", "all/d.webp", "all/B.NDPI"]);
    assert.equal(single, false);
    assert.deepEqual(
      warnings.map((sentence) => /marked as not to be processed \(such as all\/c\.mrxs\)/.test(sentence)),
      name.startsWith("process") ? [true] : [],
    );
  });
}

test("lists that name nothing, or what is not there, are refused", async () => {
  const refuses = async (name: string, text: string, refusal: Refusal) => {
    writeFileSync(at(name), text);
    await assert.rejects(list(at(name)), refusal);
  };
  await refuses("empty.txt", "# none\n", refused("slide-list-empty"));
  await refuses("empty.csv", "slide,process\na.svs,0\n", refused("slide-list-empty"));
  await refuses("gone.txt", "all/gone.svs\n", refused("slide-missing", "all/gone.svs"));
  await refuses("columns.csv", "a,b\n1,2\n", refused("table-column-missing", "slide or slide_id or path"));
});

test("a slide that is named is opened whatever its name, and has no folder of its own", async () => {
  const { names, single } = await list(at("all", "notes.txt").replace("notes.txt", "c.dat"));
  assert.deepEqual([names, single], [["all/c.dat"], true]);
});
