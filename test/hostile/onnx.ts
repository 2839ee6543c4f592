import { sealOnnx } from "../../src/artifacts/model_file.ts";
import { RandomStream } from "../../src/system/random.ts";
import { noise } from "./chunks.ts";
import type { Fixtures } from "./corpus.ts";
import type { HostileInput } from "./judge.ts";
import { brightness, CARD, metadata, modelInput, PICTURE, sealedInput, varint } from "./models.ts";
import { graphs, merged } from "./onnx_graphs.ts";

const SEED = 20260101;
const FLIPS = 24;

export function onnxInputs({ model }: Fixtures): HostileInput[] {
  return [...foreignBytes(model), ...merged(), ...graphs(), ...cards(), modelInput("sound", "result", model, true)];
}

function foreignBytes(model: Uint8Array): HostileInput[] {
  const bytes = Buffer.from(model);
  const random = new RandomStream(SEED, "flips");
  const flips = Array.from({ length: FLIPS }, (_, i) => {
    const copy = Buffer.from(bytes);
    // The graph's structure is at the start, the card at the end; between them are the weights.
    const place = i % 2 === 0 ? random.integer(6000) : bytes.length - 1 - random.integer(2000);
    copy[place]! ^= 1 + random.integer(255);
    return modelInput(`a random byte at ${place} (${i})`, "refused", copy);
  });
  const contents: Readonly<Record<string, Uint8Array | string>> = {
    "zero bytes": "",
    "one byte": "\x08",
    "a text": "not a model",
    "a picture": PICTURE,
    "a zip head": Buffer.from("PK\x03\x04 and more of it"),
    "a megabyte of zeros": Buffer.alloc(1 << 20),
    noise: noise(100, 100),
    "noise behind a sound head": Buffer.concat([bytes.subarray(0, 200), noise(500, 10)]),
    "a Git LFS pointer": "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n",
    "a length of 2^60 bytes": Buffer.from([0x3a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f]),
    "an unending number": Buffer.alloc(100, 0xff),
    "groups in groups": Buffer.alloc(200_000, 0x0b),
    "messages in messages": nested(20_000),
    "a JSON text": JSON.stringify(CARD),
    "no graph": Buffer.concat(Object.entries(CARD).map(([key, value]) => metadata(`cancernet.${key}`, value))),
  };
  const cuts = [10, 100, 1000, 5000, 0.3, 0.6, 0.9, 0.9999].map((where) =>
    Math.floor(where < 1 ? where * bytes.length : where),
  );
  return [
    ...Object.entries(contents).map(([name, content]) => modelInput(name, "refused", content, name === "zero bytes")),
    ...[...cuts, bytes.length - 1].map((length, i) =>
      modelInput(`cut to ${length} bytes`, "refused", bytes.subarray(0, length), i === 4),
    ),
    ...flips,
  ];
}

/** A graph in an attribute of a node of a graph, and so on. */
function nested(depth: number): Buffer {
  const parts: Buffer[] = [];
  let length = 0;
  for (let i = 0; i < depth; i++) {
    // Built from the inside out, as each field's length comes before it.
    const tag = [7, 1, 5, 6][i === depth - 1 ? 0 : 1 + (i % 3)]!;
    const head = Buffer.concat([varint(BigInt((tag << 3) | 2)), varint(BigInt(length))]);
    parts.push(head);
    length += head.length;
  }
  return Buffer.concat(parts.reverse());
}

function cards(): HostileInput[] {
  const wrong: readonly (readonly [string, string])[] = [
    ...["NaN", "", "2", "-0.1", "abc", "Infinity", "1e999", "0x1", "[]"].map((value) => ["threshold", value] as const),
    ...["0", "1", "3", "", "2.0", "abc"].map((value) => ["format", value] as const),
    ...["NaN", "", "0", "-1", "abc", "1e999"].map((value) => ["temperature", value] as const),
    ...["", "-1", "1.5", "abc"].map((value) => ["views", value] as const),
    ...["", "IDC", "a,b,c", ",", "IDC,IDC"].map((value) => ["class_names", value] as const),
    ...["abc", "", "-1", "1.5", "1e999"].map((value) => ["epoch", value] as const),
    ...["abc", "", "1e999"].map((value) => ["seed", value] as const),
  ];
  const either = new Set(["class_names = IDC,IDC"]);
  return [
    ...Object.keys(CARD).map((key) => {
      const { [key]: _, ...rest } = CARD;
      return sealedInput(`card without ${key}`, "refused", brightness(undefined, rest));
    }),
    ...wrong.map(([key, value]) => {
      const what = `${key} = ${value}`;
      return sealedInput(
        `card: ${what}`,
        either.has(what) ? "either" : "refused",
        brightness(undefined, { ...CARD, [key]: value }),
      );
    }),
    sealedInput(
      "card: terminal codes as a class name",
      "result",
      brightness(undefined, { ...CARD, class_names: "no\u001b[2J,IDC" }),
    ),
    sealedInput(
      "card: a recipe of 10 MB",
      "result",
      brightness(undefined, { ...CARD, recipe: "x".repeat(10_000_000) }),
    ),
    sealedInput(
      "card: __proto__ as a key",
      "result",
      Buffer.concat([brightness(), metadata("cancernet.__proto__", "1"), metadata("__proto__", "1")]),
    ),
    sealedInput("card: a key twice", "result", Buffer.concat([brightness(), metadata("cancernet.epoch", "3")])),
    sealedInput("card: keys of other tools", "result", Buffer.concat([brightness(), metadata("author", "somebody")])),
    modelInput("card: no seal", "refused", brightness()),
    modelInput("card: a key behind the seal", "refused", Buffer.concat([sealOnnx(brightness()), metadata("a", "b")])),
    modelInput("card: sealed twice", "result", sealOnnx(sealOnnx(brightness()))),
  ];
}
