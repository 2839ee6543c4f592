/** The verb correct with patches of slides: their pixels, their split, and what does not belong. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { before, test } from "node:test";
import type { CorrectionLabel, LabelledSlide } from "../../../src/artifacts/corrections/entries.ts";
import { openDataset } from "../../../src/histology/dataset/dataset.ts";
import { decodeImage, encodePng } from "../../../src/histology/image/decode.ts";
import type { RgbImage } from "../../../src/histology/image/rgb.ts";
import { gridOf } from "../../../src/histology/slide/grid.ts";
import { openSlide } from "../../../src/histology/slide/open.ts";
import { readBlock } from "../../../src/histology/slide/patches.ts";
import { cells, set, undo } from "../../artifacts/corrections/support.ts";
import { cut } from "../../histology/slide/support/pictures.ts";
import { drawDataset } from "../../support/cohort.ts";
import { readTree, useFolder } from "../../support/folder.ts";
import { slidePng } from "../../support/inputs.ts";
import { closedDataset, journalOf } from "../../support/journal.ts";
import { refused } from "../../support/refused.ts";
import { corrected } from "./support.ts";

const at = useFolder("corrected slides");
let slide: LabelledSlide;
let picture: RgbImage;
const caseOf = { train: "", val: "", test: "" };

before(async () => {
  await drawDataset(at);
  mkdirSync(at("slides"));
  const png = await slidePng();
  writeFileSync(at("slides", "one.png"), png);
  picture = await decodeImage(png, "one.png");
  const sha256 = createHash("sha256").update(png).digest("hex");
  slide = { file: "../slides/one.png", sha256, case: "new", scale: 1, side: 50 };
  for (const row of (await closedDataset(at("dataset"))).rows) caseOf[row.split] = row.caseId;
});

const make = (name: string, drafts: Parameters<typeof journalOf>[2], dataset = "dataset") =>
  journalOf(at("corrections", `${name}.jsonl`), at(dataset), drafts);
const label = (
  number: number,
  corners: [number, number][],
  how: CorrectionLabel | null,
  own: Partial<LabelledSlide> = {},
) => cells(number, corners, how, { ...slide, ...own });

/** The records of a dataset by id. */
async function recordsOf(folder: string) {
  const dataset = await openDataset(folder);
  const found = dataset.rows.map((row, index) => {
    const record = new Uint8Array(dataset.recordBytes);
    dataset.read(index, record, 0);
    return [row.id, { ...row, record }] as const;
  });
  dataset.close();
  return new Map(found);
}

test("cells become patches with the pixels of the slide, the label, and the split of their case", async () => {
  const journal = await make("cells", [
    label(
      1,
      [
        [0, 0],
        [30, 70],
      ],
      "positive",
    ),
    label(
      2,
      [
        [100, 100],
        [150, 100],
      ],
      "negative",
      { case: caseOf.val },
    ),
    label(3, [[150, 100]], "unsure", { case: caseOf.val }),
    label(4, [[200, 0]], "positive"),
    label(5, [[200, 0]], null),
    label(6, [[250, 150]], "positive", { case: caseOf.test }),
  ]);
  const { description, ignored, warnings } = await corrected({ dataset: at("dataset"), journal, out: at("out") });
  assert.deepEqual(description.corrections!.patches!.added, { train: 2, val: 1, test: 0 });
  assert.deepEqual(ignored, { patches: 1, cases: 1 });
  assert.match(warnings.join(), /^Corrections of 1 test patch of 1 case were ignored/);
  assert.deepEqual(description.corrections!.cases, { train: ["new"], val: [caseOf.val], test: [] });
  const records = await recordsOf(at("out"));
  const before = await recordsOf(at("dataset"));
  assert.equal(records.size, before.size + 3);
  for (const [id, patch] of before) assert.deepEqual(records.get(id), patch);
  const short = slide.sha256.slice(0, 12);
  for (const [id, x, y, own, split] of [
    [`new/slide_${short}_s1_x0_y0`, 0, 0, 1, "train"],
    [`new/slide_${short}_s1_x30_y70`, 30, 70, 1, "train"],
    [`${caseOf.val}/slide_${short}_s1_x100_y100`, 100, 100, 0, "val"],
  ] as const) {
    const { record, ...row } = records.get(id)!;
    assert.deepEqual(Buffer.from(record), Buffer.from(cut(picture, { x, y, width: 50, height: 50 }).data), id);
    assert.deepEqual([row.label, row.split, row.x, row.y, row.source], [own, split, undefined, undefined, slide.file]);
  }
  const order = [...records.values()].map(({ caseId }) => caseId);
  assert.deepEqual(order, order.toSorted());
  assert.ok(readFileSync(at("out", "splits", "cases_train.txt"), "utf8").includes("new\n"));
});

test("at another scale a patch has the pixels that the command slide scores", async () => {
  const scale = 1.7;
  const journal = await make("scaled", [
    label(
      1,
      [
        [50, 50],
        [100, 0],
      ],
      "positive",
      { scale },
    ),
  ]);
  await corrected({ dataset: at("dataset"), journal, out: at("scaled") });
  const records = await recordsOf(at("scaled"));
  const open = await openSlide(at("slides", "one.png"));
  const grid = gridOf(open, { scale, side: 50, stride: 50 });
  const block = await readBlock(open, grid, Uint32Array.of(grid.columns + 1, 2));
  for (const [place, name] of ["x50_y50", "x100_y0"].entries()) {
    const expected = new Uint8Array(7500);
    block.copy(place, expected, 0);
    const { record } = records.get(`new/slide_${slide.sha256.slice(0, 12)}_s1.7_${name}`)!;
    assert.deepEqual(Buffer.from(record), Buffer.from(expected), name);
  }
  await open.close();
});

test("with correctTest cells of a test case are added, and the same journal gives the same bytes", async () => {
  const drafts = [label(1, [[250, 150]], "positive", { case: caseOf.test }), label(2, [[0, 0]], "negative")];
  const journal = await make("test", [...drafts, label(3, [[50, 0]], "positive"), undo(4, 3)]);
  for (const out of ["first", "second"]) {
    const { description } = await corrected({ dataset: at("dataset"), journal, out: at(out), correctTest: true });
    assert.deepEqual(description.corrections!.cases.test, [caseOf.test]);
    assert.deepEqual(description.corrections!.patches!.added, { train: 1, val: 0, test: 1 });
  }
  assert.deepEqual(await readTree(at("first")), await readTree(at("second")));
});

test("a cell that an earlier correction added is relabelled or left out the next time", async () => {
  const journal = await make("base", [
    label(
      1,
      [
        [0, 0],
        [50, 0],
        [100, 0],
      ],
      "positive",
    ),
  ]);
  await corrected({ dataset: at("dataset"), journal, out: at("base") });
  const id = `new/slide_${slide.sha256.slice(0, 12)}_s1_x100_y0`;
  const next = [
    label(1, [[0, 0]], "negative"),
    label(2, [[50, 0]], "exclude"),
    label(3, [[100, 0]], "negative"),
    set(4, [id], "positive"),
  ];
  const { description } = await corrected({
    dataset: at("base"),
    journal: await make("next", next, "base"),
    out: at("next"),
  });
  const { relabelled, excluded, added } = description.corrections!.patches!;
  assert.deepEqual([relabelled.train, excluded.train, added.train], [1, 1, 0]);
  assert.equal((await recordsOf(at("next"))).get(id)!.label, 1, "the later entry decides");
});

test("a picture that the dataset has already is not added, whatever its case is named", async () => {
  const { rows, read, recordBytes, close } = await openDataset(at("dataset"));
  const record = new Uint8Array(recordBytes);
  read(rows.length - 1, record, 0);
  close();
  const png = await encodePng({ width: 50, height: 50, data: record });
  writeFileSync(at("slides", "known.png"), png);
  const known = { file: "../slides/known.png", sha256: createHash("sha256").update(png).digest("hex"), case: "other" };
  const drafts = [label(1, [[0, 0]], "positive", known), label(2, [[0, 0]], "positive")];
  const { description, warnings } = await corrected({
    dataset: at("dataset"),
    journal: await make("known", drafts),
    out: at("known"),
  });
  assert.equal(description.corrections!.patches!.added.train, 1);
  assert.equal(description.rejected.secondCopy, 1);
  assert.match(warnings.join(), /1 patch of slides/);
  assert.match(
    readFileSync(at("known", "rejected.csv"), "utf8"),
    new RegExp(`is the same picture as ${rows.at(-1)!.id}`),
  );
});

test("a slide that is missing, changed, too small or of other patches is refused by name", async () => {
  writeFileSync(at("slides", "text.txt"), "no slide");
  const text = createHash("sha256").update("no slide").digest("hex");
  const one = (number: number, own: Partial<LabelledSlide>, corner: [number, number] = [0, 0]) => [
    label(number, [corner], "positive", own),
  ];
  const cases: [string, ReturnType<typeof one>, Parameters<typeof refused>][] = [
    ["missing", one(1, { file: "../slides/gone.png" }), ["slide-missing", "gone.png"]],
    ["changed", one(1, { sha256: "0".repeat(64) }), ["slide-damaged", "one.png"]],
    ["outside", one(1, {}, [5000, 0]), ["journal-mismatch", "5000, 0"]],
    ["side", one(1, { side: 64 }), ["journal-mismatch", "64 x 64"]],
    ["text", one(1, { file: "../slides/text.txt", sha256: text }), ["slide-unsupported", "text.txt"]],
  ];
  for (const [name, drafts, refusal] of cases) {
    const journal = await make(name, drafts);
    await assert.rejects(corrected({ dataset: at("dataset"), journal, out: at("refused") }), refused(...refusal));
  }
  const journal = await make("moved", one(1, {}));
  renameSync(at("slides", "one.png"), at("slides", "away.png"));
  await assert.rejects(corrected({ dataset: at("dataset"), journal, out: at("refused") }), refused("slide-missing"));
  renameSync(at("slides", "away.png"), at("slides", "one.png"));
});
