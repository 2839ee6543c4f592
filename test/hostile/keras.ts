/** Hostile files of Keras: damaged HDF5, archives that hold something else, numbers that are none, structures without an end. */
import type { File, Group } from "h5wasm";
import { MODELS } from "../../src/engine/models/table.ts";
import { RandomStream } from "../../src/system/random.ts";
import { archive, hdf5Bytes, newWeights, oldFile } from "../engine/keras/files.ts";
import { type KerasLayer, kerasNetwork } from "../engine/keras/network.ts";
import { type Entry, zipFile } from "../support/zip.ts";
import { noise } from "./chunks.ts";
import type { Expectation, HostileInput } from "./judge.ts";
import { PICTURE } from "./models.ts";

const SEED = 20260301;
const FLIPS = 16;

function kerasInput(
  name: string,
  expect: Expectation,
  bytes: Uint8Array | string,
  more: Partial<HostileInput> = {},
): HostileInput {
  return {
    name,
    expect,
    files: () => ({ weights: bytes, "outside.bin": Buffer.alloc(1 << 16) }),
    args: ({ at, out }) => ["import", at("weights"), "--out", out],
    ...more,
  };
}

export async function kerasInputs(): Promise<HostileInput[]> {
  const { layers } = await kerasNetwork(MODELS.cancernet, 1);
  const [old, saved, weights, whole] = [
    await oldFile(layers),
    await oldFile(layers, { model: true }),
    await newWeights(layers),
    await archive(layers, { deflate: true }),
  ];
  return [
    kerasInput("sound: save_weights of Keras 2", "result", old, { sample: true }),
    kerasInput("sound: save of Keras 2", "result", saved),
    kerasInput("sound: .weights.h5", "result", weights),
    kerasInput("sound: .keras", "result", whole, { sample: true }),
    ...foreignFiles(weights),
    ...flipped({ saved, weights, whole }),
    ...archives(weights),
    ...(await numbers(layers)),
    ...(await structures()),
  ];
}

function foreignFiles(weights: Uint8Array): HostileInput[] {
  const contents: Readonly<Record<string, Uint8Array | string>> = {
    "zero bytes": "",
    "one byte": "\x89",
    "a text": "not weights",
    "a picture": PICTURE,
    noise: noise(200, 100),
    "a signature alone": Buffer.from("\x89HDF\r\n\x1a\n", "latin1"),
    "noise behind the signature": Buffer.concat([weights.subarray(0, 8), noise(300, 100)]),
    "noise behind the first header": Buffer.concat([weights.subarray(0, 96), noise(300, 100)]),
    "a Git LFS pointer": "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n",
  };
  const cuts = [9, 100, 1000, 10_000, 0.3, 0.6, 0.9, 0.9999].map((cut) =>
    Math.floor(cut < 1 ? cut * weights.length : cut),
  );
  return [
    ...Object.entries(contents).map(([name, bytes]) =>
      kerasInput(name, "refused", bytes, { sentence: /weights is (neither|damaged)/ }),
    ),
    ...cuts.map((length) =>
      kerasInput(`cut to ${length} bytes`, "refused", weights.subarray(0, length), { sample: length === 1000 }),
    ),
    kerasInput("a folder", "refused", "", {
      files: () => ({ "weights/saved_model.pb": "x" }),
      sentence: /is a folder/,
    }),
    kerasInput("nothing", "refused", "", { files: () => ({}), sentence: /There is no file/ }),
  ];
}

/** Random bytes changed in each layout, most of them where a file's structure is. */
function flipped(files: Readonly<Record<string, Uint8Array>>): HostileInput[] {
  return Object.entries(files).flatMap(([name, bytes]) => {
    const random = new RandomStream(SEED, name);
    return Array.from({ length: FLIPS }, (_, i) => {
      const copy = Buffer.from(bytes);
      const place = i % 4 === 3 ? random.integer(bytes.length) : random.integer(20_000);
      copy[place]! ^= 1 + random.integer(255);
      return kerasInput(`${name}: a random byte at ${place} (${i})`, "either", copy);
    });
  });
}

function archives(weights: Uint8Array): HostileInput[] {
  const file = (name: string, bytes: Uint8Array | string, more: Partial<Entry> = {}): Entry => ({
    name,
    bytes: Buffer.from(bytes as string),
    ...more,
  });
  const zipped = (name: string, files: Entry[], sentence: RegExp) =>
    kerasInput(name, "refused", zipFile(files), { sentence });
  const deep = "[".repeat(200_000);
  const bomb = { bytes: Buffer.alloc(130 * 1024 * 1024), deflate: true };
  return [
    zipped("a zip of something else", [file("a.txt", "a")], /has no model\.weights\.h5/),
    zipped("no description", [file("model.weights.h5", weights)], /has no config\.json/),
    zipped("weights that are a text", [file("model.weights.h5", "text"), file("config.json", "{}")], /damaged/),
    zipped("a description that is no JSON", [file("model.weights.h5", weights), file("config.json", "{")], /not JSON/),
    zipped(
      "a description of nothing",
      [file("model.weights.h5", weights), file("config.json", "null")],
      /holds no layers/,
    ),
    zipped("a deep description", [file("model.weights.h5", weights), file("config.json", deep)], /not JSON/),
    zipped("a description in UTF-16", [file("model.weights.h5", weights), file("config.json", "\xff\xfe{\0")], /UTF-8/),
    zipped("a bomb", [file("config.json", "{}"), { name: "model.weights.h5", ...bomb }], /more than 128 MB/),
    zipped(
      "a bomb that states a small size",
      [file("config.json", "{}"), { name: "model.weights.h5", ...bomb, size: 100 }],
      /damaged/,
    ),
  ];
}

async function numbers(layers: readonly KerasLayer[]): Promise<HostileInput[]> {
  const first = (data: Float32Array): KerasLayer[] =>
    layers.map((layer, i) => {
      const [weight, ...rest] = layer.weights;
      return i === 0 ? { ...layer, weights: [{ ...weight!, data }, ...rest] } : layer;
    });
  const wrong = Object.entries({ NaN: Number.NaN, infinity: Number.POSITIVE_INFINITY });
  return Promise.all(
    wrong.map(async ([name, value]) => {
      const bytes = await newWeights(first(Float32Array.from({ length: 27 }, (_, i) => (i === 5 ? value : 1))));
      return kerasInput(`weights: ${name}`, "refused", bytes, { sentence: /holds NaN or infinity/ });
    }),
  );
}

/** Files of HDF5 that are sound, but no network. */
async function structures(): Promise<HostileInput[]> {
  const of = async (name: string, write: (file: File) => void, sentence = /damaged|does not hold/) =>
    kerasInput(`structure: ${name}`, "refused", await hdf5Bytes(write), { sentence });
  const variables = (file: File): Group =>
    file.create_group("layers").create_group("separable_conv2d").create_group("vars");
  const old = (file: File, names: string[]): void => file.create_attribute("layer_names", names);
  return [
    await of("empty", () => {}, /holds no layers/),
    await of(
      "layer_names is a number",
      (file) => file.create_attribute("layer_names", Float32Array.of(1)),
      /not a list of texts/,
    ),
    await of("layer_names of nothing", (file) => old(file, ["a", "b"]), /does not name its weights/),
    await of("100,000 names", (file) =>
      file.create_attribute("layer_names", Array(100_000).fill("a"), [100_000], "S1"),
    ),
    await of("a layer that leads to the root", (file) => {
      file.create_group("layers").create_soft_link("/", "dense");
      file.create_soft_link("/", "vars");
    }),
    await of("groups in a circle", (file) => {
      file.create_group("layers");
      file.create_hard_link("/layers", "/layers/dense");
      file.create_hard_link("/layers", "/layers/vars");
    }),
    await of("an array in another file", (file) => void variables(file).create_external_link("outside.bin", "/x", "0")),
    await of("a link that leads nowhere", (file) => void variables(file).create_soft_link("/nowhere", "0")),
    await of("an array that is a group", (file) => void variables(file).create_group("0")),
    await of("names with terminal codes", (file) => {
      variables(file);
      const own = (file.get("layers") as Group).create_group("dense\u001b[2J\n").create_group("vars");
      own.create_dataset({ name: "0", data: Float32Array.of(1), shape: [1] });
    }),
    await of("an array of 10^12 numbers", (file) => {
      const shape = [1_000_000, 1_000_000];
      const empty = { data: new Float32Array(0), maxshape: [null, null], chunks: [1000, 1000] };
      const array = variables(file).create_dataset({ name: "0", shape: [0, 0], ...empty });
      array.resize(shape);
    }),
  ];
}
