/** Hostile configuration files: damaged JSON and YAML, much of it, names that are traps, wrong values, files that are none. */
import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync } from "node:fs";
import { damagedJson } from "./json.ts";
import type { Expectation, HostileInput } from "./judge.ts";
import { BOM } from "./manifests.ts";

const NAME = "cancernet.config";
const WHOLE = `{
  "train": {
    "epochs": 3,
    "seed": 7
  }
}
`;

export function configInputs(): HostileInput[] {
  return [...jsonFiles(), ...yamlFiles(), ...values(), ...programs(), ...noFiles()];
}

/** A file that --config names, and a command line that trains nothing. */
function input(
  name: string,
  expect: Expectation,
  file: string,
  content: string | Buffer,
  more: Partial<HostileInput> = {},
): HostileInput {
  return {
    name: `${file}: ${name}`,
    expect,
    files: () => ({ [file]: content }),
    args: ({ at }) => ["train", "--summary", "--config", at(file)],
    ...more,
  };
}

function jsonFiles(): HostileInput[] {
  const json = (name: string, expect: Expectation, content: string | Buffer, more: Partial<HostileInput> = {}) =>
    input(name, expect, `${NAME}.json`, content, more);
  return [
    ...Object.entries(damagedJson(WHOLE)).map(([what, content]) =>
      json(what, "refused", content, { sentence: /cancernet\.config\.json/, sample: what === "100,000 brackets" }),
    ),
    json("sound", "result", WHOLE, { sample: true }),
    json("tabs", "result", WHOLE.replaceAll("  ", "\t")),
    json("a byte-order mark", "result", BOM + WHOLE),
    json("CRLF", "result", WHOLE.replaceAll("\n", "\r\n")),
    json("CR alone", "result", WHOLE.replaceAll("\n", "\r")),
    json("on one line", "result", JSON.stringify(JSON.parse(WHOLE))),
    json("10,000 brackets, closed", "refused", `${"[".repeat(10_000)}${"]".repeat(10_000)}`),
    json("10,000 objects, closed", "refused", `${'{"train":'.repeat(7000)}1${"}".repeat(7000)}`),
    json("a value of 5,000 brackets", "refused", `{"train": {"epochs": ${"[".repeat(5000)}${"]".repeat(5000)}}}`),
    json("10 MB", "refused", `{"train": {"out": "${"x".repeat(10_000_000)}"}}`, { sentence: /65536 are the most/ }),
    json("a text of 60,000 letters", "refused", `{"train": {"epochs": "${"x".repeat(60_000)}"}}`),
    json("5,000 options", "refused", `{"train": {${Array.from({ length: 5000 }, (_, i) => `"o${i}": 1`).join()}}}`),
    json("5,000 verbs", "refused", `{${Array.from({ length: 5000 }, (_, i) => `"v${i}": {}`).join()}}`),
    json("5,000 images", "refused", `{"train": {"epochs": [${"1,".repeat(5000)}1]}}`),
    json("a key twice", "refused", WHOLE.replace('"seed"', '"epochs"'), { sentence: /appears twice/, sample: true }),
    json("a verb twice", "refused", '{"train": {}, "train": {}}', { sentence: /appears twice/ }),
    json("a key twice, once escaped", "refused", '{"train": {"epochs": 3, "\\u0065pochs": 4}}', { sentence: /twice/ }),
    ...[
      "__proto__",
      "constructor",
      "toString",
      "hasOwnProperty",
      "",
      " ",
      "epochs ",
      "EPOCHS",
      "\\u001b[2J",
      "\\u0000",
    ].flatMap((name) => [
      json(`"${name}" as an option`, "refused", `{"train": {"${name}": 3}}`, { sentence: /not an option of train/ }),
      json(`"${name}" as a verb`, "refused", `{"${name}": {"epochs": 3}}`, { sentence: /is not a command/ }),
      json(`"${name}" as a shared option`, "refused", `{"shared": {"${name}": 3}}`, { sentence: /any verb/ }),
    ]),
    json("__proto__ twice", "refused", '{"train": {"__proto__": {}, "__proto__": {}}}'),
    json("binary", "refused", Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13])),
  ];
}

/** Each level names the one before nine times: a billion words, were they written out. */
const LAUGHS = [
  "a0: &a0 lol",
  ...Array.from({ length: 9 }, (_, i) => `a${i + 1}: &a${i + 1} [${new Array(9).fill(`*a${i}`).join(", ")}]`),
].join("\n");

function yamlFiles(): HostileInput[] {
  const yaml = (name: string, expect: Expectation, content: string | Buffer, more: Partial<HostileInput> = {}) =>
    input(name, expect, `${NAME}.yaml`, content, { sentence: /cancernet\.config\.yaml/, ...more });
  const sound = "train:\n  epochs: 3\n  seed: 7\n";
  return [
    yaml("sound", "result", sound, { sample: true }),
    yaml("JSON", "result", WHOLE),
    yaml("comments", "result", `# mine\n${sound.replace("3", "3 # three")}`),
    yaml("a byte-order mark", "result", BOM + sound),
    yaml("CRLF", "result", sound.replaceAll("\n", "\r\n")),
    yaml("a directive and a document's start", "result", `%YAML 1.2\n---\n${sound}`),
    yaml("empty", "refused", ""),
    yaml("blank lines", "refused", "\n\n\n"),
    yaml("a text", "refused", "train"),
    yaml("UTF-16", "refused", Buffer.from(BOM + sound, "utf16le"), { sentence: /UTF-8/ }),
    yaml("NUL bytes", "refused", `${sound}\0`),
    yaml("tabs", "refused", sound.replaceAll("  ", "\t"), { sentence: /:2 is not YAML/, sample: true }),
    yaml("two documents", "refused", `${sound}---\n${sound}`),
    yaml("a billion laughs", "refused", LAUGHS, { sample: true }),
    yaml("a billion laughs as options", "refused", `train:\n${LAUGHS.replace(/^/gm, "  ")}`),
    yaml("a billion laughs in a value", "refused", `train:\n  epochs: &a [1]\n  seed: [${"*a, ".repeat(9000)}*a]\n`),
    yaml("an alias of itself", "refused", "train: &a\n  epochs: *a\n"),
    yaml("an alias of nothing", "refused", "train:\n  epochs: *a\n"),
    yaml("a merge key", "refused", "shared: &a\n  seed: 3\ntrain:\n  <<: *a\n"),
    yaml("an anchor alone", "refused", "train:\n  epochs: &a 3\n"),
    yaml("a tag of JavaScript", "refused", 'train:\n  epochs: !!js/function "function () { return 3 }"\n'),
    yaml("a tag of Python", "refused", "train: !!python/object/apply:os.system [ls]\n"),
    yaml("a binary tag", "refused", "train:\n  epochs: !!binary aGVsbG8=\n"),
    yaml("a date", "refused", "train:\n  epochs: 2026-01-01\n"),
    yaml("yes as a switch", "refused", "train:\n  summary: yes\n"),
    yaml("nothing as a value", "refused", "train:\n  epochs:\n"),
    yaml("nothing as a verb's options", "refused", "train:\n"),
    yaml("a number as a key", "refused", "5:\n  epochs: 3\n"),
    yaml("a list as a key", "refused", "? [a, b]\n: 3\n"),
    yaml("null as a key", "refused", "~: {}\n"),
    yaml("a number as an option", "refused", "train:\n  5: 3\n"),
    yaml("a key twice", "refused", `${sound}  seed: 8\n`, { sentence: /:4.*|appears twice/ }),
    yaml("1,000 levels", "refused", Array.from({ length: 340 }, (_, i) => `${" ".repeat(i)}a:`).join("\n")),
    yaml("30,000 dashes", "refused", "- ".repeat(30_000)),
    yaml("30,000 question marks", "refused", "? ".repeat(30_000)),
    yaml("60,000 colons", "refused", ":".repeat(60_000)),
    yaml("60,000 quotes", "refused", '"'.repeat(60_000)),
    yaml("30,000 empty maps", "refused", "{}".repeat(30_000)),
    yaml("7,000 keys", "refused", Array.from({ length: 7000 }, (_, i) => `k${i}: 1`).join("\n")),
    yaml("30,000 comments", "refused", "#\n".repeat(30_000)),
    yaml("1 MB of brackets", "refused", "[".repeat(1_000_000), { sentence: /65536 are the most/, sample: true }),
    yaml("terminal codes", "refused", 'train:\n  "\\e[2J": 3\n'),
  ];
}

/** What stands where a whole number belongs. */
function values(): HostileInput[] {
  const wrong = [".nan", ".inf", "-.inf", "0", "-1", "1.5", "1e400", "0x", "1_000", "true", "[]", "{}", "text", "~"];
  const unsafe = ["9007199254740993", "1e20", "-0.5"];
  const good = ["0x10", "1e1", "3.0", "+3", "0o17"];
  const epochs = (value: string, expect: Expectation, sentence?: RegExp) =>
    input(`epochs: ${value}`, expect, `${NAME}.yml`, `train:\n  epochs: ${value}\n`, sentence ? { sentence } : {});
  return [
    ...[...wrong, ...unsafe].map((value) => epochs(value, "refused", /"epochs" in .*:2 must be a whole number/)),
    ...good.map((value) => epochs(value, "result")),
  ];
}

function programs(): HostileInput[] {
  const program = (name: string, expect: Expectation, code: string, more: Partial<HostileInput> = {}) =>
    input(name, expect, `${name.replaceAll(/\W+/g, "-")}.mjs`, code, more);
  return [
    program("sound program", "result", "export default { train: { epochs: 3 } };"),
    program("no default", "refused", "export const train = { epochs: 3 };"),
    program("a syntax error", "refused", "export default {", { sentence: /failed/ }),
    program("it throws", "refused", "throw new Error('a\\u001b[2Jb\\nc');", { sentence: /failed/, sample: true }),
    program("it throws null", "refused", "throw null;"),
    program("it imports nothing that exists", "refused", 'import "./nothing.mjs";'),
    program("a function", "refused", "export default () => ({ train: {} });"),
    program("a function as a value", "refused", "export default { train: { epochs: () => 3 } };"),
    program("a circle", "refused", "const a = { train: {} }; a.train.epochs = a; export default a;"),
    program(
      "a list in itself",
      "refused",
      "const a = []; a.push(a); export default { predict: {}, train: { epochs: a } };",
    ),
    program("a big integer", "refused", "export default { train: { epochs: 3n } };"),
    program("a symbol", "refused", "export default { train: { epochs: Symbol() } };"),
    program("NaN", "refused", "export default { train: { epochs: NaN } };"),
    program("a map", "refused", "export default new Map([['train', { epochs: 3 }]]);", {
      sentence: /must hold a section/,
    }),
    program("a getter that throws", "refused", "export default { get train() { throw new Error('no'); } };"),
    program("undefined", "result", "export default { train: { epochs: undefined } };"),
  ];
}

/** What a search meets, and paths that lead to no file. */
function noFiles(): HostileInput[] {
  const found = (name: string, expect: Expectation, more: Partial<HostileInput>): HostileInput => ({
    name: `search: ${name}`,
    expect,
    args: () => ["train", "--summary"],
    ...more,
  });
  const named = (
    name: string,
    path: (at: (...names: string[]) => string) => string,
    more: Partial<HostileInput> = {},
  ) => ({
    name: `--config: ${name}`,
    expect: "refused" as const,
    args: ({ at }: Parameters<HostileInput["args"]>[0]) => ["train", "--summary", "--config", path(at)],
    ...more,
  });
  return [
    found("a sound file", "result", { files: () => ({ [`${NAME}.json`]: WHOLE }), sample: true }),
    found("a folder", "refused", { files: () => ({ [`${NAME}.json`]: null }), sentence: /a folder/ }),
    found("a link", "refused", {
      files: () => ({ "other.json": WHOLE }),
      setUp: ({ at }) => symlinkSync(at("other.json"), at(`${NAME}.json`)),
      sentence: /a link/,
    }),
    found("a link to nothing", "refused", { setUp: ({ at }) => symlinkSync(at("no"), at(`${NAME}.yaml`)) }),
    found("a circle of links", "refused", { setUp: ({ at }) => symlinkSync(at(`${NAME}.yml`), at(`${NAME}.yml`)) }),
    found("a pipe", "refused", {
      setUp: ({ at }) => void execFileSync("mkfifo", [at(`${NAME}.json`)]),
      sentence: /pipe/,
      sample: true,
    }),
    found("two files", "refused", { files: () => ({ [`${NAME}.json`]: WHOLE, [`${NAME}.yml`]: "" }) }),
    found("two files, and --no-config", "result", {
      files: () => ({ [`${NAME}.json`]: "[", [`${NAME}.yml`]: "[" }),
      args: () => ["train", "--summary", "--no-config"],
    }),
    found("a damaged file, and --no-config", "result", {
      files: () => ({ [`${NAME}.json`]: "[" }),
      args: () => ["train", "--summary", "--no-config"],
    }),
    found("a program, which is not run", "result", {
      files: () => ({ [`${NAME}.mjs`]: 'import { writeFileSync } from "node:fs"; writeFileSync("mark", "");' }),
    }),
    named("the empty text", () => ""),
    named("a NUL character", (at) => at("a\0.json")),
    named("a name of 300 letters", (at) => at(`${"n".repeat(300)}.json`)),
    named("nothing there", (at) => at("no.json")),
    named("below a file", (at) => at("file.txt", "a.json"), { files: () => ({ "file.txt": "text" }) }),
    named("another ending", (at) => at("a.toml"), { files: () => ({ "a.toml": "" }) }),
    named("no ending", (at) => at("a"), { files: () => ({ a: WHOLE }) }),
    named("a folder", (at) => at("a.json"), { setUp: ({ at }) => void mkdirSync(at("a.json")) }),
    named("a device", () => "/dev/zero"),
    named("with --resume", (at) => at("a.json"), {
      files: () => ({ "a.json": WHOLE }),
      args: ({ at }) => ["train", "--resume", at("run"), "--config", at("a.json")],
    }),
  ];
}
