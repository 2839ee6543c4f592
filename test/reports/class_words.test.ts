/** The words for classes: those of the published patches as they always were, and for other names not a word of IDC. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ClassNames } from "../../src/histology/dataset/class_names.ts";
import { chooseThreshold } from "../../src/metrics/operating_point.ts";
import { computeMetrics, METRIC_NAMES, METRICS, metricTitle } from "../../src/metrics/table.ts";
import { tallyOf } from "../../src/metrics/tally.ts";
import { type ClassWords, classWords } from "../../src/reports/class_words.ts";
import { cardSection } from "../../src/reports/evaluation/section_card.ts";
import { evaluationLines } from "../../src/reports/evaluation/text.ts";
import { probabilityLegend } from "../../src/reports/slide/legend.ts";
import { visible } from "../../src/util/terminal_text.ts";
import { reportOf } from "../../src/workflows/evaluation/numbers.ts";
import { captionsOf } from "../../src/workflows/explain.ts";
import { requireBothClasses } from "../../src/workflows/training/both_classes.ts";
import { refused } from "../support/refused.ts";
import { CARD, datasetOf, evaluatedOf, PATCHES } from "./small_dataset.ts";

const PUBLISHED: ClassNames = ["no IDC", "IDC"];
const OTHER: ClassNames = ["benign", "malignant"];
const cardFor = (class_names: ClassNames) => ({ ...CARD, class_names: [...class_names] as [string, string] });

test("the words for the published patches are those that were always printed", () => {
  assert.deepEqual(classWords(PUBLISHED), {
    negative: "no IDC",
    positive: "IDC",
    published: true,
    probabilityOf: "probability of IDC",
    shortProbability: "P(IDC)",
    withPositive: "with IDC",
    withoutPositive: "without IDC",
    without: "without",
    pair: "a patch with and a patch without IDC",
    havePositive: "have IDC",
    hasPositive: "has IDC",
    share: "share of IDC",
    shares: "shares of IDC",
    ofBoth: "with and without IDC",
    rarer: "if IDC is rarer, cases often differ in more than its share",
    outOfScope: "other cancers than IDC",
  } satisfies ClassWords);
});

test("the words for other classes hold their names, and IDC nowhere", () => {
  const words = classWords(OTHER);
  assert.deepEqual(words, {
    negative: "benign",
    positive: "malignant",
    published: false,
    probabilityOf: "probability of malignant",
    shortProbability: "P(malignant)",
    withPositive: "labelled malignant",
    withoutPositive: "labelled benign",
    without: "labelled benign",
    pair: "a patch labelled malignant and a patch labelled benign",
    havePositive: "are labelled malignant",
    hasPositive: "is labelled malignant",
    share: "share labelled malignant",
    shares: "shares labelled malignant",
    ofBoth: "of both classes",
    rarer: "if such patches are rarer, cases often differ in more than their share",
    outOfScope: "classes other than benign and malignant",
  } satisfies ClassWords);
  for (const names of [
    ["IDC", "no IDC"],
    ["no IDC", "tumour"],
    ["normal", "IDC"],
  ] as const) {
    assert.equal(classWords(names).published, false, String(names));
  }
});

test("a name is written as its place asks for, which does not make it another name", () => {
  const { positive, withPositive, published } = classWords(["no IDC", "IDC\u202e"], visible);
  assert.deepEqual([positive, withPositive, published], ["IDC\\u202e", "labelled IDC\\u202e", false]);
  assert.equal(classWords(PUBLISHED, () => "x").published, true);
});

test("metrics: a title names the class that it is given, errors too", () => {
  for (const name of METRIC_NAMES) assert.equal(metricTitle(name, "IDC"), METRICS[name].title);
  assert.deepEqual(
    METRIC_NAMES.map((name) => metricTitle(name, "malignant")).filter((title) => /IDC|malignant/.test(title)),
    ["F1 (malignant class)"],
  );
  assert.throws(
    () => tallyOf([0, 2], [0.1, 0.2], OTHER),
    refused("label-invalid", "Label 2 of 2 is 2: use 1 for malignant and 0 for benign."),
  );
  assert.throws(
    () => computeMetrics([0, 1], [0.1, Number.NaN], 0.5, OTHER),
    refused(
      "probability-invalid",
      "Probability 2 of 2 is NaN: give the probability of malignant as a number from 0 to 1.",
    ),
  );
  assert.throws(
    () => tallyOf([0, 2], [0.1, 0.2]),
    refused("label-invalid", "Label 2 of 2 is 2: use 1 for IDC and 0 for no IDC."),
  );
  assert.throws(
    () => chooseThreshold([0, 0], [0.1, 0.9], { kind: "youden" }, classWords(OTHER)),
    refused("class-missing", /patches of both classes, but 0 labelled malignant and 2 labelled benign were given:/),
  );
  assert.throws(
    () => chooseThreshold([0, 1], [1, 1], { kind: "specificity", value: 1 }, classWords(OTHER)),
    refused("threshold-unreachable", /as some labelled benign have probability 1:/),
  );
  assert.throws(
    () => chooseThreshold([0, 1], [1, 1], { kind: "specificity", value: 1 }),
    refused("threshold-unreachable", /as some without IDC have probability 1:/),
  );
});

test("the lines of a report and its model card: the names of the model's classes, and what is known of their labels", () => {
  const [published, other] = [PUBLISHED, OTHER].map((names) => {
    const report = reportOf(evaluatedOf(PATCHES, { card: cardFor(names) }));
    return {
      lines: evaluationLines({ folder: null, page: null, report }).join("\n"),
      card: String(cardSection(report).content),
    };
  }) as [{ lines: string; card: string }, { lines: string; card: string }];
  assert.match(published.lines, / IDC is positive from probability 0\.450 \(youden\)\./);
  assert.match(published.lines, /F1 \(IDC class\)/);
  assert.match(published.card, /in the public IDC patches it comes from outlines that a pathologist drew\./);
  assert.match(published.card, /For the public IDC\s+patches see Cruz-Roa et al\. 2014/);
  assert.match(other.lines, / malignant is positive from probability 0\.450 \(youden\)\./);
  assert.match(other.lines, /F1 \(malignant class\)/);
  assert.match(other.card, /The label of a patch: malignant or benign\. Who set it, and how, is not recorded\.</);
  assert.match(other.card, /grade, and classes other than benign and malignant\./);
  assert.doesNotMatch(other.lines + other.card, /IDC|outlines|Cruz-Roa/);
});

test("pictures: the legend of a slide, the captions of an explanation", () => {
  const texts = (names: ClassNames) => {
    const model = {
      ...{ name: "run", sha256: "", architecture: "", views: 1, uses_neighbours: false },
      threshold: 0.5,
    };
    const settings = {
      ...{ input_pixels: 48, layer: "conv5", square_pixels: 8, stride_pixels: 4, agreement_limit: 0.3 },
    };
    const captions = captionsOf({
      model: { ...model, class_names: names, calibration: { scale: 1, offset: 0 } },
      settings: { ...settings, square_edges: [], filled_with: "" },
    });
    return JSON.stringify([probabilityLegend(0.5, classWords(names)), captions]);
  };
  for (const text of [
    '"probability of IDC"',
    '"IDC from 0.50"',
    '"P(IDC)"',
    "Evidence for IDC (red)",
    "log odds of IDC",
  ]) {
    assert.ok(texts(PUBLISHED).includes(text), text);
    assert.ok(texts(OTHER).includes(text.replace("IDC", "malignant")), text);
  }
  assert.doesNotMatch(texts(OTHER), /IDC/);
  assert.ok(texts(["normal", "a class with a long name"]).includes('"P(a class with a …)"'));
});

test("a training refuses a split of one class by the names of the dataset", () => {
  const train = PATCHES.map((patch): typeof patch => ({ ...patch, label: 0, split: "train" }));
  const dataset = datasetOf(train);
  assert.throws(
    () => requireBothClasses(dataset, "training"),
    refused(
      "class-missing",
      /^The train split of the <dataset> has 150 patches without and 0 with IDC: training needs both/,
    ),
  );
  assert.throws(
    () => requireBothClasses({ ...dataset, classNames: OTHER }, "training"),
    refused(
      "class-missing",
      /^The train split of the <dataset> has 150 patches labelled benign and 0 labelled malignant: training needs/,
    ),
  );
});
