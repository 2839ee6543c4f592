/** Hostile command lines: numbers that are none, paths that lead astray, unknown names, flags twice or without a value. */
import { execFileSync } from "node:child_process";
import { symlinkSync } from "node:fs";
import type { Expectation, HostileInput, Place } from "./judge.ts";
import { COHORT } from "./zip_support.ts";

type Args = (place: Place) => string[];

function line(name: string, expect: Expectation, args: Args, more: Partial<HostileInput> = {}): HostileInput {
  return { name, expect, args, ...more };
}

export function optionInputs(): HostileInput[] {
  return [...numbers(), ...names(), ...flags(), ...paths(), ...goodPaths()];
}

const archive = ({ at }: Place): string => at("..", "archive.zip");
const dataset = ({ at }: Place): string => at("..", "dataset");
const model = ({ at }: Place): string => at("..", "model.onnx");

/** The commands with the arguments that they need; each must be refused for what is put behind these. */
const COMMANDS: Readonly<Record<string, Args>> = {
  prepare: (place) => ["prepare", archive(place), "--out", place.out],
  train: (place) => ["train", dataset(place), "--out", place.out],
  evaluate: (place) => ["evaluate", model(place), "--dataset", dataset(place), "--out", place.out],
  predict: (place) => ["predict", model(place), archive(place)],
  slide: (place) => ["slide", model(place), archive(place), "--out", place.out],
  demo: (place) => ["demo", "--out", place.out],
};

const NO_NUMBERS = [
  "NaN",
  "Infinity",
  "-Infinity",
  "1e309",
  "",
  " ",
  "abc",
  "0x",
  "1_000",
  "1,5",
  "\u0661\u0662",
  "5 6",
  "1e",
  "null",
  "-1",
];
const NO_WHOLE_NUMBERS = [...NO_NUMBERS, "1.5", "1e-3", "9007199254740993", "1e20"];

const NUMBER_FLAGS: Readonly<Record<string, readonly (readonly [flag: string, values: readonly string[]])[]>> = {
  prepare: [
    ["--seed", NO_WHOLE_NUMBERS],
    ["--train-share", [...NO_NUMBERS, "0", "1", "80"]],
    ["--validation-share", [...NO_NUMBERS, "0", "1"]],
  ],
  train: [
    ["--epochs", [...NO_WHOLE_NUMBERS, "0", "-0", "100001"]],
    ["--batch-size", [...NO_WHOLE_NUMBERS, "0", "1", "4097"]],
    ["--learning-rate", [...NO_NUMBERS, "0", "-0", "101", "1e-400"]],
    ["--weight-decay", [...NO_NUMBERS, "1.01", "2"]],
    ["--rotation", [...NO_NUMBERS, "181"]],
    ["--width-shift", [...NO_NUMBERS, "1.01"]],
    ["--shear", [...NO_NUMBERS, "61"]],
    ["--zoom", [...NO_NUMBERS, "1"]],
    ["--fill-value", [...NO_NUMBERS, "256"]],
    ["--stain-jitter", [...NO_NUMBERS, "1.01"]],
    ["--seed", NO_WHOLE_NUMBERS],
    ["--threads", [...NO_WHOLE_NUMBERS, "0", "33"]],
  ],
  evaluate: [["--threads", [...NO_WHOLE_NUMBERS, "0"]]],
  predict: [["--threads", [...NO_WHOLE_NUMBERS, "0"]]],
  slide: [
    ["--stride", [...NO_WHOLE_NUMBERS, "0", "501"]],
    ["--scale", [...NO_NUMBERS, "0", "0.09", "1001"]],
    ["--patch-size-um", [...NO_NUMBERS, "0", "100001"]],
    ["--mpp", [...NO_NUMBERS, "0", "101"]],
    ["--objective", [...NO_NUMBERS, "201x", "20y"]],
    ["--min-tissue", [...NO_NUMBERS, "1.01"]],
    ["--threads", [...NO_WHOLE_NUMBERS, "0"]],
  ],
  demo: [
    ["--cases", [...NO_WHOLE_NUMBERS, "5", "101"]],
    ["--epochs", [...NO_WHOLE_NUMBERS, "0", "101"]],
    ["--seed", NO_WHOLE_NUMBERS],
  ],
};

function numbers(): HostileInput[] {
  const refused = Object.entries(NUMBER_FLAGS).flatMap(([command, rows]) =>
    rows.flatMap(([flag, values]) =>
      values.map((value) =>
        line(
          `${command} ${flag} ${JSON.stringify(value)}`,
          "refused",
          (place) => [...COMMANDS[command]!(place), flag, value],
          {
            sentence: new RegExp(`${flag} must be`),
            sample: flag === "--seed" && value === "1e309",
          },
        ),
      ),
    ),
  );
  const good = ["0x10", "1e2", " 7 ", "-0", "00042", "+5", "0.0", "9007199254740991"].map((value) =>
    line(`train --seed ${JSON.stringify(value)}`, "result", (place) => [
      "train",
      dataset(place),
      "--summary",
      "--seed",
      value,
    ]),
  );
  return [...refused, ...good];
}

const NO_NAMES = [
  "",
  " ",
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "DEFAULT",
  "x".repeat(100_000),
  "\u001b[2J",
];
const NAME_FLAGS: readonly (readonly [command: string, flag: string])[] = [
  ["prepare", "--split"],
  ["train", "--recipe"],
  ["train", "--model"],
  ["train", "--optimizer"],
  ["train", "--schedule"],
  ["train", "--class-weights"],
  ["train", "--augment"],
  ["train", "--fill"],
  ["train", "--engine"],
  ["evaluate", "--split"],
];

function names(): HostileInput[] {
  return NAME_FLAGS.flatMap(([command, flag]) =>
    NO_NAMES.map((value) =>
      line(
        `${command} ${flag} ${JSON.stringify(value).slice(0, 40)}`,
        "refused",
        (place) => [...COMMANDS[command]!(place), flag, value],
        {
          sentence: new RegExp(`${flag} must be`),
        },
      ),
    ),
  );
}

function flags(): HostileInput[] {
  const refused: Readonly<Record<string, Args>> = {
    "no such command": () => ["teach"],
    "__proto__ as a command": () => ["__proto__"],
    "constructor as a command": () => ["constructor"],
    "an empty command": () => [""],
    "a command in capitals": () => ["PREPARE"],
    "terminal codes as a command": () => ["\u001b[2J\u001b]0;owned\u0007"],
    "a command of 100,000 letters": () => ["x".repeat(100_000)],
    "help for no such command": () => ["help", "nothing"],
    "an unknown flag": (place) => [...COMMANDS.train!(place), "--epoch", "3"],
    "__proto__ as a flag": (place) => [...COMMANDS.train!(place), "--__proto__", "3"],
    "an unknown letter": (place) => [...COMMANDS.train!(place), "-q"],
    "a flag without its value": (place) => [...COMMANDS.train!(place), "--epochs"],
    "a switch with a value": (place) => [...COMMANDS.predict!(place), "--json=5"],
    "a switch turned off that has no other side": (place) => [...COMMANDS.predict!(place), "--no-json"],
    "an argument too many": (place) => [...COMMANDS.train!(place), "another"],
    "10,000 arguments too many": (place) => [...COMMANDS.train!(place), ...Array<string>(10_000).fill("x")],
    "no arguments": () => ["prepare"],
    "nothing behind two dashes": (place) => ["train", "--out", place.out, "--"],
    "--json and --csv": (place) => [...COMMANDS.predict!(place), "--json", "--csv"],
    "--split patch with --split-lists": (place) => [
      ...COMMANDS.prepare!(place),
      "--split",
      "patch",
      "--split-lists",
      place.folder,
    ],
    "--folders inside --out": (place) => [...COMMANDS.prepare!(place), "--folders", `${place.out}/inside`],
    "--out inside --folders": (place) => [
      "prepare",
      archive(place),
      "--out",
      `${place.out}/inside`,
      "--folders",
      place.out,
    ],
    "--folders equal to --out": (place) => [...COMMANDS.prepare!(place), "--folders", `${place.out}/../out`],
  };
  const good: Readonly<Record<string, Args>> = {
    "a flag twice: the last counts": (place) => ["train", dataset(place), "--summary", "--seed", "1", "--seed", "2"],
    "a switch twice": (place) => ["train", dataset(place), "--summary", "--summary"],
    "a value behind =": (place) => ["train", dataset(place), "--summary", "--seed=5"],
    "help and more": () => ["train", "--help", "--nonsense"],
    "no command": () => [],
    "the version": () => ["--version"],
  };
  return [
    ...Object.entries(refused).map(([name, args]) =>
      line(name, "refused", args, { sample: name === "an unknown flag" }),
    ),
    ...Object.entries(good).map(([name, args]) => line(name, "result", args)),
  ];
}

const LONG_NAME = "n".repeat(300);
const LONG_PATH = "folder/".repeat(700);

/** Paths that no command can use, for each place of a path on the command line. */
function paths(): HostileInput[] {
  const places: Readonly<Record<string, (place: Place, path: string) => string[]>> = {
    "prepare's source": ({ out }, path) => ["prepare", path, "--out", out],
    "prepare --out": (place, path) => ["prepare", archive(place), "--out", path],
    "prepare --folders": (place, path) => [...COMMANDS.prepare!(place), "--folders", path],
    "prepare --split-lists": (place, path) => [...COMMANDS.prepare!(place), "--split-lists", path],
    "train's dataset": ({ out }, path) => ["train", path, "--out", out],
    "train --out": (place, path) => ["train", dataset(place), "--out", path],
    "train --plot": (place, path) => [...COMMANDS.train!(place), "--epochs", "1", "--plot", path],
    "evaluate's model": (place, path) => ["evaluate", path, "--dataset", dataset(place)],
    "evaluate --dataset": (place, path) => ["evaluate", model(place), "--dataset", path],
    "evaluate --out": (place, path) => ["evaluate", model(place), "--dataset", dataset(place), "--out", path],
    "predict's model": (place, path) => ["predict", path, archive(place)],
    "predict's image": (place, path) => ["predict", model(place), path],
    "demo --out": (_, path) => ["demo", "--out", path],
  };
  const bad: Readonly<Record<string, Args>> = {
    "an empty path": () => [""],
    "a NUL character": ({ at }) => [at("a\0b")],
    "a name of 300 letters": ({ at }) => [at(LONG_NAME)],
    "a path of 4,900 letters": ({ at }) => [at(LONG_PATH)],
    "something below a file": ({ at }) => [at("file.txt", "below")],
    "a circle of links": ({ at }) => [at("circle")],
    "below a circle of links": ({ at }) => [at("circle", "below")],
    "a pipe": ({ at }) => [at("pipe")],
    "an endless device": () => ["/dev/zero"],
    "the root folder": () => ["/"],
    "a folder that is in use": ({ at }) => [at("full")],
  };
  /** What is an ordinary case there, or would read the whole disk. */
  const left = new Set(["predict's image: the root folder", "prepare's source: the root folder"]);
  return Object.entries(places).flatMap(([where, args]) =>
    Object.entries(bad)
      .filter(([what]) => !left.has(`${where}: ${what}`))
      .map(([what, path]) =>
        line(`${where}: ${what}`, "refused", (place) => args(place, path(place)[0]!), {
          files: () => ({ "file.txt": "text", "full/keep.txt": "mine" }),
          setUp({ at }) {
            symlinkSync(at("circle"), at("circle"));
            execFileSync("mkfifo", [at("pipe")]);
          },
          sample: what === "a pipe" && where === "predict's image",
        }),
      ),
  );
}

function goodPaths(): HostileInput[] {
  const tree = Object.fromEntries(COHORT.map(({ name, bytes }) => [`a source \u00e9/${name}`, bytes]));
  const files = () => tree;
  const folders = [
    "out with spaces",
    "\u65e5\u672c",
    "a'b\"c",
    "$HOME",
    "-",
    "d/".repeat(100),
    "n".repeat(200),
    "e\u0301",
    "out/",
  ];
  return [
    ...folders.map((name) =>
      line(
        `prepare into ${JSON.stringify(name).slice(0, 30)}`,
        "result",
        ({ at, out }) => ["prepare", at("a source \u00e9"), "--out", `${out}/${name}`],
        { files },
      ),
    ),
    line("prepare a folder through a link", "result", ({ at, out }) => ["prepare", at("link"), "--out", out], {
      files,
      setUp: ({ at }) => symlinkSync(at("a source \u00e9"), at("link")),
      sample: true,
    }),
    line("train with a plot elsewhere", "result", (place) => [
      "train",
      dataset(place),
      "--out",
      `${place.out}/run`,
      "--epochs",
      "1",
      "--plot",
      `${place.out}/plots/my plot.png`,
    ]),
    line(
      "a run whose evaluation is a file",
      "refused",
      ({ at }) => ["evaluate", at("run"), "--dataset", at("..", "dataset")],
      {
        files: () => ({
          "run/run.json": '{"format":1,"dataset":{"folder":"x","sha256":{"manifest":"","patches":""}}}',
          "run/evaluation-test": "",
        }),
        setUp: ({ at }) => symlinkSync(at("..", "model.onnx"), at("run", "model.onnx")),
      },
    ),
  ];
}
