/** The commands whose growth is measured: what each one reads and writes, and which others must run before it. */
import { join } from "node:path";
import { makeArchive, makeImages, makeJournal, makeSlide } from "./material.ts";

/** The files of one size. */
export interface Places {
  readonly patches: number;
  /** The path of a file or folder. */
  at(name: string): string;
}

export const placesIn = (work: string, patches: number): Places => ({
  patches,
  at: (name) => join(work, String(patches), name),
});

export interface Verb {
  /** In the table, and for --verbs. */
  readonly name: string;
  /** What is measured. */
  readonly what: string;
  /** The rows whose results it reads. */
  readonly after?: readonly string[];
  /** Makes what it reads. Its time does not count. */
  readonly make?: (places: Places) => Promise<void>;
  readonly args: (places: Places) => string[];
  /** Whether the command has the option --threads. */
  readonly hasThreads: boolean;
  /** The name of what it writes. */
  readonly out?: string;
  /** Whether no other row reads what it writes, so that it can be removed at once. */
  readonly isLast?: boolean;
}

const ONE_EPOCH = ["--model", "slim", "--epochs", "1"];

export const VERBS: readonly Verb[] = [
  {
    name: "prepare",
    what: "an archive of PNG files, stored, as the Kaggle archive has them",
    make: ({ at, patches }) => makeArchive(at("archive.zip"), patches),
    args: ({ at }) => ["prepare", at("archive.zip"), "--out", at("dataset")],
    hasThreads: false,
    out: "dataset",
  },
  {
    name: "train",
    what: "one epoch of `--model slim` with the default recipe, on 72 % of the dataset's patches, with validation on 8 %",
    after: ["prepare"],
    args: ({ at }) => ["train", at("dataset"), "--out", at("run"), ...ONE_EPOCH],
    hasThreads: true,
    out: "run",
  },
  {
    name: "evaluate",
    what: "the run of `train`, on the test split: 20 % of the dataset's patches",
    after: ["train"],
    args: ({ at }) => ["evaluate", at("run"), "--out", at("evaluation")],
    hasThreads: true,
    out: "evaluation",
  },
  {
    name: "calibrate",
    what: "the same run, on the validation split: 8 %",
    after: ["train"],
    args: ({ at }) => ["calibrate", at("run"), "--out", at("calibrated.onnx")],
    hasThreads: true,
    out: "calibrated.onnx",
    isLast: true,
  },
  {
    name: "add-context",
    what: "the same run, on the train and validation splits: 80 %, with 3 x 3 patches",
    after: ["train"],
    args: ({ at }) => ["add-context", at("run"), "--reach", "1", "--out", at("context.onnx")],
    hasThreads: true,
    out: "context.onnx",
  },
  {
    name: "evaluate with context",
    what: "the model of `add-context`, on the test split",
    after: ["add-context"],
    args: ({ at }) => ["evaluate", at("context.onnx"), "--dataset", at("dataset"), "--out", at("evaluation-context")],
    hasThreads: true,
    out: "evaluation-context",
  },
  {
    name: "compare",
    what: "the two evaluations above",
    after: ["evaluate", "evaluate with context"],
    args: ({ at }) => ["compare", at("evaluation"), at("evaluation-context"), "--json"],
    hasThreads: false,
  },
  {
    name: "predict",
    what: "the same run on a folder with so many images, which are links to 1,000 different files",
    after: ["train"],
    make: ({ at, patches }) => makeImages(at("images"), patches),
    args: ({ at }) => ["predict", at("run"), at("images"), "--csv"],
    hasThreads: true,
  },
  {
    name: "correct",
    what: "the dataset and a journal that gives 1 % of its training patches the other label",
    after: ["prepare"],
    make: ({ at }) => makeJournal(at("journal.jsonl"), at("dataset")),
    args: ({ at }) => ["correct", at("dataset"), at("journal.jsonl"), "--out", at("corrected")],
    hasThreads: false,
    out: "corrected",
    isLast: true,
  },
  {
    name: "crossvalidate",
    what: "three folds of the dataset, one epoch each, trained and evaluated as above",
    after: ["prepare"],
    args: ({ at }) => ["crossvalidate", at("dataset"), "--out", at("folds"), "--folds", "3", ...ONE_EPOCH],
    hasThreads: true,
    out: "folds",
    isLast: true,
  },
  {
    name: "slide",
    what:
      "`idc` on a slide with so many patches, all of which are scored (`--min-tissue 0`); its file is small, because it repeats " +
      "64 tiles (JPEG, 256 x 256 pixels)",
    make: ({ at, patches }) => makeSlide(at("slide.tif"), patches),
    args: ({ at }) => ["slide", "idc", at("slide.tif"), "--scale", "1", "--min-tissue", "0", "--out", at("slide")],
    hasThreads: true,
    out: "slide",
    isLast: true,
  },
];
