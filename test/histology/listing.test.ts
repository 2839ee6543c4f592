import assert from "node:assert/strict";
import test from "node:test";
import { findCopies } from "../../src/histology/dataset/duplicates.ts";
import { type Candidate, parsePath } from "../../src/histology/dataset/parse_path.ts";
import { planDataset } from "../../src/histology/dataset/plan.ts";
import { RandomStream } from "../../src/system/random.ts";

const KAGGLE = "10253/1/10253_idx5_x1351_y1101_class1.png";

/** What a path says, in one line, or why it is left out. */
function read(path: string): string {
  const parsed = parsePath(path);
  if ("reason" in parsed) return `${parsed.kind}: ${parsed.reason}`;
  const { id, caseId, x, y, label, nested } = parsed;
  return `${id} | ${caseId} | ${x},${y} | ${label}${nested ? " | nested" : ""}`;
}

test("a path tells id, case, place and class", () => {
  const expected: Record<string, string> = {
    [KAGGLE]: "10253_idx5_x1351_y1101_class1 | 10253 | 1351,1101 | 1",
    [`deep/er/${KAGGLE}`]: "10253_idx5_x1351_y1101_class1 | 10253 | 1351,1101 | 1",
    [`IDC_regular_ps50_idx5/${KAGGLE}`]: "10253_idx5_x1351_y1101_class1 | 10253 | 1351,1101 | 1 | nested",
    "training/0/8_idx5_x1_y51_class0.png": "8_idx5_x1_y51_class0 | 8 | 1,51 | 0",
    "8_idx5_x1_y51_class0.png": "8_idx5_x1_y51_class0 | 8 | 1,51 | 0",
    "0/8_idx5_x1_y51_class0.png": "8_idx5_x1_y51_class0 | 8 | 1,51 | 0",
    "A/0/one.JPEG": "A/0/one | A | undefined,undefined | 0",
    "more/A/1/one.two.tif": "more/A/1/one.two | A | undefined,undefined | 1",
    "1/one.png": "1/one |  | undefined,undefined | 1",
    "validation/1/one.png": "validation/1/one |  | undefined,undefined | 1",
    "1/0/one.png": "1/0/one | 1 | undefined,undefined | 0",
    "IDC_regular_ps50_idx5/0/one.png": "0/one |  | undefined,undefined | 0 | nested",
    "10253/0/10253_idx5_x1_y1_class1.png": "classMismatch: its name says class 1, its folder class 0",
    "10254/1/10253_idx5_x1_y1_class1.png": "caseMismatch: its name says case 10253, its folder case 10254",
    "A/2/one.png": "notAPatch: it lies in no folder 0 or 1, which is its class",
    "one.png": "notAPatch: it lies in no folder 0 or 1, which is its class",
    "A/0/notes.txt": "notAPatch: it is no PNG, JPEG, TIFF or WebP file",
    "A/0/line\nend.png": "notAPatch: its name holds a control character",
  };
  for (const [path, line] of Object.entries(expected)) assert.equal(read(path), line, path);
});

test("the plan is in the order of case, y, x and id, whatever the order of the listing", () => {
  const sorted = [
    "10/0/10_idx5_x1_y1_class0.png",
    "10/1/10_idx5_x51_y1_class1.png",
    "10/1/10_idx5_x101_y1_class1.png",
    "10/0/10_idx5_x1_y101_class0.png",
    "9/0/a.png",
    "9/1/b.png",
    "9/0/9_idx5_x1_y1_class0.png",
    "\u00e9/0/a.png",
  ];
  for (let seed = 0; seed < 20; seed++) {
    const { candidates, rejections } = planDataset(new RandomStream(seed, "listing").shuffle([...sorted]));
    assert.deepEqual(
      candidates.map(({ path }) => path),
      sorted,
    );
    assert.deepEqual(rejections, []);
  }
});

test("the nested tree's copies are counted in one line, and what only it holds is used", () => {
  const root = ["A/0/A_idx5_x1_y1_class0.png", "A/1/A_idx5_x51_y1_class1.png", "A/0/other.png"];
  const nested = root.map((path) => `IDC_regular_ps50_idx5/${path}`);
  const only = "IDC_regular_ps50_idx5/B/0/B_idx5_x1_y1_class0.png";
  const both = planDataset([...nested, ...root, only]);
  const paths = both.candidates.map(({ path }) => path);
  assert.deepEqual(paths, [root[2], root[0], root[1], only]);
  assert.deepEqual(both.rejections, [
    {
      path: "IDC_regular_ps50_idx5/",
      kind: "nestedCopy",
      reason: "second copies of patches outside this folder: 3 files",
      files: 3,
    },
  ]);
  const alone = planDataset(nested);
  assert.deepEqual([alone.candidates.length, alone.rejections.length], [3, 0]);
  assert.deepEqual(
    alone.candidates.map(({ id }) => id),
    planDataset(root).candidates.map(({ id }) => id),
  );
});

test("a second file of a patch is left out, and both classes at one place are", () => {
  const { candidates, rejections } = planDataset([
    "b/A/0/A_idx5_x1_y1_class0.png",
    "a/A/0/A_idx5_x1_y1_class0.png",
    "A/0/one.png",
    "A/0/one.jpg",
    "A/0/A_idx5_x51_y1_class0.png",
    "A/1/A_idx5_x51_y1_class1.png",
  ]);
  assert.deepEqual(
    candidates.map(({ path }) => path),
    ["A/0/one.jpg", "a/A/0/A_idx5_x1_y1_class0.png"],
  );
  assert.deepEqual(
    rejections.map(({ path, kind, reason }) => [path, kind, reason]),
    [
      ["A/0/one.png", "secondCopy", "the same patch as A/0/one.jpg"],
      ["b/A/0/A_idx5_x1_y1_class0.png", "secondCopy", "the same patch as a/A/0/A_idx5_x1_y1_class0.png"],
      [
        "A/0/A_idx5_x51_y1_class0.png",
        "contradiction",
        "the same place has both classes: A_idx5_x51_y1_class0 and A_idx5_x51_y1_class1",
      ],
      [
        "A/1/A_idx5_x51_y1_class1.png",
        "contradiction",
        "the same place has both classes: A_idx5_x51_y1_class1 and A_idx5_x51_y1_class0",
      ],
    ],
  );
});

test("equal pictures of one case: stated places are kept, other names are not, both classes are not", () => {
  const paths = ["A/0/A_idx5_x1_y1_class0.png", "A/0/A_idx5_x51_y1_class0.png", "A/0/a.png", "A/0/b.png", "B/0/a.png"];
  const candidates = [...paths, "B/1/c.png"].map((path) => parsePath(path) as Candidate);
  const copiesOf = (digests: string): string[] =>
    findCopies(candidates, [...digests].map((digest, index) => ({ index, digest })).reverse()).map(
      ({ index, kind, reason }) => `${index} ${kind}: ${reason}`,
    );
  assert.deepEqual(copiesOf("xxyzxw"), []);
  assert.deepEqual(copiesOf("xyyyxz"), [
    "2 secondCopy: the same picture as A/0/A_idx5_x51_y1_class0.png",
    "3 secondCopy: the same picture as A/0/A_idx5_x51_y1_class0.png",
  ]);
  assert.deepEqual(copiesOf("uvwwxx"), [
    "3 secondCopy: the same picture as A/0/a.png",
    "4 contradiction: the same picture has both classes: class 1 as B/1/c.png",
    "5 contradiction: the same picture has both classes: class 0 as B/0/a.png",
  ]);
});
