import { crc32, deflateRawSync } from "node:zlib";
import { END, header, packedRows, pngFile } from "../support/png.ts";
import { type Entry, extraField, zip64Extra, zipFile } from "../support/zip.ts";
import { noise } from "./chunks.ts";
import type { Expectation, HostileInput } from "./judge.ts";
import { archiveInput, COHORT, NEW, NEW_PATH, PATCHES, PICTURES, pathOf, withEntry } from "./zip_support.ts";

export function entryInputs(): HostileInput[] {
  return [...names(), ...wrongEntries(), ...bombs(), ...many()];
}

/** Names that must lead nowhere: either the archive is refused, or the dataset holds only what has a place in it. */
function names(): HostileInput[] {
  const list: Readonly<Record<string, string | Buffer>> = {
    "a path upwards": "../900/0/900_idx5_x1_y1_class0.png",
    "a path upwards inside": "100/0/../../../up.png",
    "an absolute path": "/absolute/900/0/x.png",
    "a Windows drive": "C:\\900\\0\\x.png",
    "a Windows drive with slashes": "C:/900/0/x.png",
    "a Windows share": "\\\\host\\share\\0\\x.png",
    backslashes: "900\\0\\900_idx5_x1_y1_class0.png",
    "backslashes upwards": "..\\..\\0\\up.png",
    "a NUL in the name": "900/0/x\0.png",
    "a line end in the name": "900/0/x\ny.png",
    "terminal codes in the name": "900/0/\u001b[2J\u001b]0;owned\u0007.png",
    "no name": "",
    "a slash alone": "/",
    "a dot": ".",
    "two dots": "..",
    "a name of 60,000 letters": `900/0/${"x".repeat(60_000)}.png`,
    "a path of 5,000 folders": `${"d/".repeat(5000)}0/x.png`,
    "bytes that are no UTF-8": Buffer.from([0x39, 0x2f, 0x30, 0x2f, 0xff, 0xfe, 0xc3, 0x28, 0x2e, 0x70, 0x6e, 0x67]),
    "a name reserved by Windows": "900/0/NUL.png",
    "a name that ends in a dot": "900/0/x.png.",
    "a name of a file and of a folder": "100/0",
    __proto__: "__proto__/0/__proto__.png",
    constructor: "constructor/0/constructor.png",
    "right-to-left letters": "900/0/\u202egnp.exe.png",
    "a surrogate alone": Buffer.from([0x39, 0x2f, 0x30, 0x2f, 0xed, 0xa0, 0x80, 0x2e, 0x70, 0x6e, 0x67]),
  };
  return Object.entries(list).flatMap(([what, name]) => [
    archiveInput(`${what}`, "either", withEntry({ name }), { sample: what === "a path upwards" }),
    archiveInput(`${what}, alone`, "either", () => zipFile([{ name, bytes: NEW }])),
    archiveInput(`${what}, with --folders`, "either", withEntry({ name }), { flags: ["--folders", "OUT/folders"] }),
  ]);
}

/** One entry is wrong: the archive is refused, or that file is left out and the others stay. */
function wrongEntries(): HostileInput[] {
  const left = { patches: PATCHES };
  const link = { name: NEW_PATH, bytes: Buffer.from("/etc/hostname"), mode: 0o120777 };
  const list: readonly (readonly [string, Expectation, Partial<Entry>])[] = [
    ["a wrong CRC", "result", { crc: 1 }],
    ["a wrong CRC, packed", "result", { crc: 1, deflate: true }],
    ["a size of one more", "either", { size: NEW.length + 1 }],
    ["a size of one less", "either", { size: NEW.length - 1 }],
    ["a size of one less, packed", "result", { size: NEW.length - 1, deflate: true }],
    ["a size of one more, packed", "result", { size: NEW.length + 1, deflate: true }],
    ["a size of 0, packed", "result", { size: 0, deflate: true }],
    ["a size of 4 GB, packed", "either", { size: 0xfffffff0, deflate: true }],
    ["a packed size of 0", "either", { packedSize: 0, deflate: true }],
    ["a packed size of one less", "either", { packedSize: deflateRawSync(NEW).length - 1, deflate: true }],
    ["a packed size of 4 GB", "either", { packedSize: 0xfffffff0, deflate: true }],
    ["garbage as packed content", "result", { packed: noise(5, 5), deflate: true }],
    ["a damaged local header", "result", { localSignature: "PK\x03\x05" }],
    ["a local name of 65,535 bytes", "result", { localNameLength: 65535 }],
    ["a place beyond the end", "refused", { offset: 0x7fffffff }],
    ["a place inside another entry", "result", { offset: 17 }],
    ["a symbolic link", "result", link],
    ["a device's mode", "either", { mode: 0o020666 }],
    ["a method of 99 (AES)", "refused", { method: 99, flags: 1 }],
    ["the encryption flag", "refused", { flags: 1 }],
    ["the strong encryption flag", "refused", { flags: 0x41 }],
    ["an encrypted directory's flag", "either", { flags: 0x2001 }],
    ["method 1 (shrunk)", "refused", { method: 1 }],
    ["method 12 (bzip2)", "refused", { method: 12 }],
    ["method 14 (LZMA)", "refused", { method: 14 }],
    ["method 93 (Zstandard)", "refused", { method: 93 }],
    [
      "zip64 sizes of 2^63",
      "either",
      { size: 0xffffffff, packedSize: 0xffffffff, extra: zip64Extra(1n << 63n, 1n << 63n) },
    ],
    [
      "zip64 sizes of 2^53",
      "either",
      { size: 0xffffffff, packedSize: 0xffffffff, extra: zip64Extra(1n << 53n, 1n << 53n) },
    ],
    [
      "a zip64 field that is too short",
      "refused",
      { size: 0xffffffff, packedSize: 0xffffffff, extra: extraField(1, Buffer.alloc(4)) },
    ],
    ["no zip64 field where one is needed", "either", { size: 0xffffffff, packedSize: 0xffffffff }],
    ["a zip64 offset of 2^62", "refused", { offset: 0xffffffff, extra: zip64Extra(1n << 62n) }],
    ["an extra field longer than its room", "refused", { extra: extraField(0x5455, Buffer.alloc(2), 900) }],
    ["half an extra field", "either", { extra: Buffer.from([1, 2, 3]) }],
    ["no picture", "result", { bytes: Buffer.from("text") }],
    ["an empty file", "result", { bytes: Buffer.alloc(0) }],
  ];
  return list.map(([what, expect, entry]) =>
    archiveInput(`an entry with ${what}`, expect, withEntry(entry), {
      ...(expect === "result" ? left : {}),
      sample: what === "a wrong CRC" || what === "the encryption flag",
    }),
  );
}

function zeros(megabytes: number): Pick<Entry, "bytes" | "deflate"> {
  return { bytes: Buffer.alloc(megabytes << 20), deflate: true };
}

function bombs(): HostileInput[] {
  const left = { patches: PATCHES };
  const large = zeros(40);
  const medium = zeros(7);
  const packed = deflateRawSync(medium.bytes);
  const crc = crc32(medium.bytes);
  const cases = (count: number, entry: Partial<Entry>): Entry[] =>
    Array.from({ length: count }, (_, i) => ({
      name: pathOf(900 + i, 1),
      bytes: medium.bytes,
      packed,
      crc,
      deflate: true,
      ...entry,
    }));
  const quoted = (): Buffer => zipFile([{ name: NEW_PATH, bytes: Buffer.alloc(1), offset: 0 }, ...COHORT]);
  const picture = pngFile([
    header(5000, 5000, 8, 2, 0, 0, 0),
    { type: "IDAT", data: packedRows(Buffer.alloc(3 * 25_000_000), 15_000) },
    END,
  ]);
  return [
    archiveInput("a patch of 40 MB of zeros", "result", withEntry(large), { ...left, sample: true }),
    archiveInput("70 patches of 7 MB of zeros", "result", () => zipFile([...COHORT, ...cases(70, {})]), {
      ...left,
      sample: true,
    }),
    archiveInput(
      "20,000 patches that share 7 MB of zeros",
      "refused",
      () =>
        zipFile([
          ...COHORT,
          ...cases(1, {}),
          ...cases(20_000, {
            packed: Buffer.alloc(0),
            packedSize: packed.length,
            offset: zipFile(COHORT).indexOf("PK\x01\x02"),
          }).map((entry, i) => ({ ...entry, name: pathOf(2000 + i, 1) })),
        ]),
      { sample: true },
    ),
    archiveInput("entries that overlap", "either", quoted),
    archiveInput(
      "16 patches of 5,000 x 5,000 pixels",
      "result",
      () =>
        zipFile([...COHORT, ...Array.from({ length: 16 }, (_, i) => ({ name: pathOf(900 + i, 1), bytes: picture }))]),
      { sample: true, patches: PATCHES + 16 },
    ),
  ];
}

function many(): HostileInput[] {
  const count = 100_000;
  const texts = () => Array.from({ length: count }, (_, i) => ({ name: `notes/${i}.txt`, bytes: Buffer.alloc(0) }));
  const twice = [...COHORT, ...COHORT.map((entry) => ({ ...entry, bytes: NEW }))];
  const lower = { name: "100/0/A.png", bytes: NEW };
  const upper = { name: "100/0/a.png", bytes: PICTURES[PATCHES + 1]! };
  const folders = ["--folders", "OUT/folders"];
  const colliding = PICTURES.slice(PATCHES).flatMap((bytes, i) =>
    [`a_b/0/x${i}.png`, `a/b/0/X${i}.png`, `a/b_0/0/x${i}.png`, `a_b_0/0/x${i}.png`].map((name) => ({ name, bytes })),
  );
  return [
    archiveInput("100,000 more entries, zip64", "result", () => zipFile([...COHORT, ...texts()], { zip64: {} }), {
      patches: PATCHES,
      sample: true,
    }),
    archiveInput("100,000 more entries, the count overflown", "refused", () => zipFile([...COHORT, ...texts()])),
    archiveInput("1,000 entries, none a patch", "refused", () => zipFile(texts().slice(0, 1000))),
    archiveInput("every name twice", "result", () => zipFile(twice), { patches: PATCHES }),
    archiveInput(
      "one name 1,000 times",
      "result",
      () => zipFile([...COHORT, ...Array.from({ length: 1000 }, () => ({ name: NEW_PATH, bytes: NEW }))]),
      { patches: PATCHES + 1 },
    ),
    archiveInput("names that differ only in case", "result", () => zipFile([...COHORT, lower, upper]), {
      patches: PATCHES + 2,
    }),
    archiveInput("names that differ only in case, with --folders", "result", () => zipFile([...COHORT, lower, upper]), {
      patches: PATCHES + 2,
      flags: folders,
    }),
    archiveInput(
      "names that are one in Unicode's other form, with --folders",
      "result",
      () => zipFile([...COHORT, { ...lower, name: "100/0/\u00e4.png" }, { ...upper, name: "100/0/a\u0308.png" }]),
      { patches: PATCHES + 2, flags: folders },
    ),
    archiveInput("names that become one with --folders", "result", () => zipFile([...COHORT, ...colliding]), {
      patches: PATCHES + colliding.length,
      flags: ["--folders", "OUT/folders", "--split", "patch"],
    }),
  ];
}
