import assert from "node:assert/strict";
import test from "node:test";
import { type ClassChoice, findClassFolders } from "../../src/histology/dataset/class_folders.ts";
import { parsePath } from "../../src/histology/dataset/parse_path.ts";
import { atOnce } from "../../src/util/turns.ts";
import { refused } from "../support/refused.ts";

const CASES = ["a", "b", "7"];

/** The paths of one picture per case and class: "C/K" puts the class below the case. */
function tree(layout: string, classes: readonly string[], cases: readonly string[] = CASES): string[] {
  const path = (caseId: string, one: string) =>
    layout
      .split("/")
      .map((part) => (part === "C" ? caseId : part === "K" ? one : part))
      .join("/");
  return cases.flatMap((caseId) => classes.map((one) => `${path(caseId, one)}/p.png`));
}

/** What the paths say: the classes, and the case, class and part of each picture. */
function read(paths: readonly string[], choice: ClassChoice = {}) {
  const reading = atOnce(findClassFolders(paths, choice));
  const says = paths.map((path) => {
    const parsed = parsePath(path, reading);
    return "reason" in parsed ? parsed.kind : `${parsed.caseId} ${parsed.label}${parsed.part ? ` ${parsed.part}` : ""}`;
  });
  return { classes: reading.classNames.join(" | "), says };
}

const EXPECTED = CASES.flatMap((caseId) => [`${caseId} 0`, `${caseId} 1`]);

test("class folders whose names say it are found above and below the cases", () => {
  const pairs: [string[], string][] = [
    [["0", "1"], "no IDC | IDC"],
    [["non_idc", "idc"], "no IDC | IDC"],
    [["IDC-", "IDC+"], "no IDC | IDC"],
    [["IDC negative", "IDC positive"], "no IDC | IDC"],
    [["class0", "class1"], "no IDC | IDC"],
    [["benign", "malignant"], "benign | malignant"],
    [["Benign", "Malignant"], "Benign | Malignant"],
    [["normal", "tumor"], "normal | tumor"],
    [["non-cancer", "cancer"], "non-cancer | cancer"],
    [["benign", "cancer"], "benign | cancer"],
    [["negative", "positive"], "negative | positive"],
  ];
  for (const [folders, classes] of pairs) {
    for (const layout of ["C/K", "K/C", "wrapper/C/K", "wrapper/K/C"]) {
      assert.deepEqual(read(tree(layout, folders)), { classes, says: EXPECTED }, `${layout} ${folders}`);
    }
  }
});

test("cases called 0 and 1 are no classes if other cases say on which level the classes are", () => {
  const cases = ["0", "1", "2", "3"];
  const expected = cases.flatMap((caseId) => [`${caseId} 0`, `${caseId} 1`]);
  for (const layout of ["C/K", "K/C"]) {
    assert.deepEqual(read(tree(layout, ["0", "1"], cases)).says, expected, layout);
  }
  assert.throws(() => read(tree("C/K", ["0", "1"], ["0", "1"])), refused("source-classes-unclear", "--positive NAME"));
});

test("other names are classes if the user says which is positive", () => {
  for (const layout of ["C/K", "K/C"]) {
    const paths = tree(layout, ["gut", "böse"]);
    assert.throws(() => read(paths), refused("source-classes-unclear"));
    assert.deepEqual(read(paths, { positive: "böse" }), { classes: "gut | böse", says: EXPECTED });
    assert.deepEqual(read(paths, { positive: "BÖSE".normalize("NFD") }).says, EXPECTED);
    assert.deepEqual(read(paths, { positive: "gut", negative: "böse" }).says[0], "a 1");
    assert.throws(() => read(paths, { positive: "schlecht" }), refused("class-folder-missing", "--positive schlecht"));
  }
});

test("known names can be turned round", () => {
  const { classes, says } = read(tree("C/K", ["0", "1"]), { positive: "0" });
  assert.equal(classes, "1 | 0");
  assert.deepEqual(says.slice(0, 2), ["a 1", "a 0"]);
});

test("more than two classes are refused, or left out if both are named", () => {
  for (const folders of [
    ["Benign", "InSitu", "Invasive", "Normal"],
    ["0", "1", "2"],
    ["benign", "malignant", "unclear"],
  ]) {
    for (const layout of ["K", "C/K"]) {
      const paths = tree(layout, folders);
      assert.throws(() => read(paths), refused("source-classes-unclear", `${folders.length} class folders`));
      assert.throws(() => read(paths, { positive: folders[1] }), refused("source-classes-unclear", "class folders"));
      const { says } = read(paths, { positive: folders[1]!, negative: folders[0]! });
      assert.deepEqual(new Set(says.map((one) => one.split(" ").at(-1))), new Set(["0", "1", "notAPatch"]));
    }
  }
});

test("folders that are no classes are left out beside 0 and 1", () => {
  const paths = [...tree("C/K", ["0", "1"]), "a/masks/p.png", "p.png"];
  assert.deepEqual(read(paths).says.slice(-2), ["notAPatch", "notAPatch"]);
});

test("a case above and a case below the class cannot both hold", () => {
  assert.throws(
    () => read([...tree("s1/K/C", ["benign", "malignant"]), ...tree("s2/K/C", ["benign", "malignant"])]),
    refused("source-cases-unclear"),
  );
});

test("classes that lie further up are named with the layout that is read", () => {
  const paths = tree("K/type/C/zoom", ["benign", "malignant"]);
  assert.throws(() => read(paths), refused("source-classes-unclear", "benign and malignant"));
});

test("parts of a split name no case, wherever their folder stands", () => {
  const parts = {
    train: "train",
    training: "train",
    val: "val",
    valid: "val",
    Validation: "val",
    TEST: "test",
    testing: "test",
  };
  for (const [folder, part] of Object.entries(parts)) {
    for (const layout of [`${folder}/C/K`, `C/${folder}/K`, `${folder}/K/C`, `K/${folder}/C`, `data/${folder}/K/C`]) {
      assert.deepEqual(
        read(tree(layout, ["benign", "malignant"])).says,
        EXPECTED.map((one) => `${one} ${part}`),
        layout,
      );
    }
    assert.deepEqual(read(tree(`${folder}/K`, ["0", "1"], ["a"])).says, [` 0 ${part}`, ` 1 ${part}`]);
  }
  assert.equal(read(["train/test/0/p.png"]).says[0], "notAPatch");
});

test("a choice that cannot be is refused", () => {
  const paths = tree("C/K", ["0", "1"]);
  assert.throws(() => read(paths, { negative: "0" }), refused("options-conflict", "--negative 0"));
  assert.throws(() => read(paths, { positive: "a,b" }), refused("class-name-invalid", "a,b"));
  assert.throws(() => read(paths, { positive: "1", negative: "1" }), refused("options-conflict", "both 1"));
  assert.throws(() => read(tree("C/K", ["x"]), { positive: "x" }), refused("source-classes-unclear", "folder x"));
});
