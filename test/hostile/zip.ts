/** Hostile archives for prepare: cut, contradicting, bombs, names that point elsewhere, and the good oddities. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { crc32, deflateRawSync } from "node:zlib";
import { type Archive, type Entry, extraField, zip64Extra, zipFile } from "./archives.ts";
import { END, header, noise, packedRows, pngFile } from "./chunks.ts";
import type { Expectation, HostileInput } from "./judge.ts";

const CASES = 4;
const PATCHES_PER_CASE = 3;
const PATCHES = CASES * PATCHES_PER_CASE;

/** Small pictures, all different. */
const PICTURES = Array.from({ length: PATCHES + 4 }, (_, i) => {
  const [width, height] = [8 + i, 6];
  const idat = { type: "IDAT", data: packedRows(noise(width, height), 3 * width) };
  return pngFile([header(width, height, 8, 2, 0, 0, 0), idat, END]);
});

const pathOf = (caseId: number, i: number): string =>
  `${caseId}/${i % 2}/${caseId}_idx5_x${50 * i + 1}_y1_class${i % 2}.png`;

/** A sound cohort. */
export const COHORT: readonly Entry[] = Array.from({ length: PATCHES }, (_, i) => ({
  name: pathOf(100 + Math.floor(i / PATCHES_PER_CASE), i % PATCHES_PER_CASE),
  bytes: PICTURES[i]!,
  deflate: i % 2 === 0,
}));
const NEW = PICTURES[PATCHES]!;
const NEW_PATH = pathOf(100, 7);

interface More {
  readonly sample?: boolean;
  /** The number of patches that the dataset must have. */
  readonly patches?: number;
  readonly sentence?: RegExp;
  readonly flags?: readonly string[];
  readonly file?: string;
}

function archiveInput(name: string, expect: Expectation, make: () => Buffer, more: More = {}): HostileInput {
  const { sample = false, patches, sentence, flags = [], file = "archive.zip" } = more;
  return {
    name,
    expect,
    sample,
    ...(sentence ? { sentence } : {}),
    files: () => ({ [file]: make() }),
    args: ({ at, out }) => [
      "prepare",
      at(file),
      "--out",
      join(out, "dataset"),
      ...flags.map((flag) => flag.replace("OUT", out)),
    ],
    check(_, { out }) {
      const { counts } = JSON.parse(readFileSync(join(out, "dataset", "dataset.json"), "utf8"));
      const found = counts.train.patches + counts.val.patches + counts.test.patches;
      if (patches !== undefined) assert.equal(found, patches, "patches in the dataset");
      else assert.ok(found <= PATCHES + 1, `${found} patches`);
      if (flags.includes("--folders")) assertCopied(join(out, "folders"), found);
    },
  };
}

/** The tutorial's tree holds every patch, and no two files that are one for Windows or macOS. */
function assertCopied(folder: string, patches: number): void {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const keys = files.map(({ parentPath, name }) => join(parentPath, name).normalize("NFC").toLowerCase());
  assert.equal(new Set(keys).size, patches, "files in the tutorial's tree");
}

/** The cohort and one more entry. */
const withEntry = (entry: Partial<Entry>, archive?: Archive) => () =>
  zipFile([...COHORT, { name: NEW_PATH, bytes: NEW, ...entry }], archive);
const asWhole = (archive: Archive) => () => zipFile(COHORT, archive);

export function zipInputs(): HostileInput[] {
  return [...cut(), ...wrongEnds(), ...names(), ...wrongEntries(), ...bombs(), ...many(), ...foreign(), ...good()];
}

function cut(): HostileInput[] {
  const file = zipFile(COHORT);
  const directory = file.indexOf("PK\x01\x02");
  const end = file.indexOf("PK\x05\x06");
  const places = [1, 3, 29, 40, directory >> 1, directory, directory + 10, (directory + end) >> 1, end - 1];
  const inEnd = Array.from({ length: 22 }, (_, i) => end + i);
  return [...places, ...inEnd].map((length) =>
    archiveInput(`cut to ${length} bytes`, "refused", () => file.subarray(0, length), {
      sample: length === directory,
      sentence: /archive\.zip/,
    }),
  );
}

function wrongEnds(): HostileInput[] {
  const size = zipFile(COHORT).length;
  const refused: Readonly<Record<string, Archive>> = {
    "one entry fewer declared": { declared: PATCHES - 1 },
    "one entry more declared": { declared: PATCHES + 1 },
    "65,535 entries declared": { declared: 65535 },
    "the directory one byte later": { directoryOffset: zipFile(COHORT).indexOf("PK\x01\x02") + 1 },
    "the directory far beyond the end": { directoryOffset: 0x7fffffff },
    "the directory at the start": { directoryOffset: 0 },
    "the fifth disk of several": { disk: 5 },
    "a comment longer than the file": { commentLength: 500 },
    "zip64, its end beyond the file": { zip64: { locatorOffset: size * 2 } },
    "zip64, its end in the middle": { zip64: { locatorOffset: 10 } },
    "zip64, 2^63 entries": { zip64: { declared: 1n << 63n } },
    "zip64, a directory at 2^63": { zip64: { directoryOffset: 1n << 63n } },
    "zip64, a directory at 2^40": { zip64: { directoryOffset: 1n << 40n } },
  };
  return Object.entries(refused).map(([name, archive]) =>
    archiveInput(name, "refused", asWhole(archive), { sentence: /archive\.zip/ }),
  );
}

/** Names that must lead nowhere: either the archive is refused, or the dataset holds only what has a place in it. */
function names(): HostileInput[] {
  const list: Readonly<Record<string, string | Buffer>> = {
    "a path upwards": "../900/0/900_idx5_x1_y1_class0.png",
    "a path upwards inside": "100/0/../../../up.png",
    "an absolute path": "/tmp/cancernet-hostile/0/x.png",
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
  const medium = zeros(15);
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
    archiveInput("40 patches of 15 MB of zeros", "result", () => zipFile([...COHORT, ...cases(40, {})]), {
      ...left,
      sample: true,
    }),
    archiveInput(
      "20,000 patches that share 15 MB of zeros",
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
    archiveInput("100,000 entries, none a patch", "refused", () => zipFile(texts(), { zip64: {} })),
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

function foreign(): HostileInput[] {
  const contents: Readonly<Record<string, Buffer>> = {
    "zero bytes": Buffer.alloc(0),
    "one byte": Buffer.from("P"),
    "a text": Buffer.from("not an archive"),
    "a picture": NEW,
    "a gzip file": Buffer.from("1f8b0800000000000003", "hex"),
    "a 7z head": Buffer.from("377abcaf271c0004", "hex"),
    "a RAR head": Buffer.from("526172211a0701008d", "hex"),
    "a tar file's zeros": Buffer.alloc(10240),
    "a web page instead of a download": Buffer.from("<!doctype html><html><body>Sign in</body></html>"),
    "an empty archive": zipFile([]),
    "folders alone": zipFile([
      { name: "100/", bytes: Buffer.alloc(0) },
      { name: "100/0/", bytes: Buffer.alloc(0) },
    ]),
    "hidden files alone": zipFile([
      { name: ".DS_Store", bytes: NEW },
      { name: "__MACOSX/100/0/._x.png", bytes: NEW },
    ]),
    "an archive in an archive": zipFile([{ name: "inner.zip", bytes: zipFile(COHORT) }]),
    "an archive named as a picture": zipFile([{ name: NEW_PATH, bytes: zipFile(COHORT) }]),
    "pictures in no class folder": zipFile(PICTURES.map((bytes, i) => ({ name: `${i}.png`, bytes }))),
    "a directory without files": zipFile(COHORT).subarray(zipFile(COHORT).indexOf("PK\x01\x02")),
    "random bytes behind a head": Buffer.concat([Buffer.from("PK\x03\x04", "latin1"), noise(100, 10)]),
    "random bytes between head and end": Buffer.concat([
      zipFile(COHORT).subarray(0, 30),
      noise(200, 10),
      zipFile(COHORT).subarray(-22),
    ]),
  };
  return Object.entries(contents).map(([name, bytes]) =>
    archiveInput(name, "refused", () => bytes, { sentence: /archive\.zip/, sample: name === "zero bytes" }),
  );
}

function good(): HostileInput[] {
  const all = { patches: PATCHES };
  const plus = { patches: PATCHES + 1 };
  return [
    archiveInput("a sound archive", "result", asWhole({}), { ...all, sample: true }),
    archiveInput(
      "zip64 throughout",
      "result",
      withEntry(
        {
          size: 0xffffffff,
          packedSize: 0xffffffff,
          offset: 0xffffffff,
          extra: zip64Extra(NEW.length, NEW.length, zipFile(COHORT).indexOf("PK\x01\x02")),
        },
        { zip64: {} },
      ),
      { ...plus, sample: true },
    ),
    archiveInput("a comment", "result", asWhole({ comment: Buffer.from("a comment") }), all),
    archiveInput("a comment of 65,535 bytes", "result", asWhole({ comment: Buffer.alloc(65535, 65) }), all),
    archiveInput(
      "a comment that holds an end of directory",
      "either",
      asWhole({ comment: Buffer.from("PK\x05\x06 and more of it, as bait", "latin1") }),
    ),
    archiveInput(
      "bytes in front, as of a self-extracting program",
      "either",
      asWhole({ prefix: Buffer.from("MZ".repeat(100)) }),
    ),
    archiveInput("bytes behind the end", "either", asWhole({ suffix: Buffer.from("\r\n\r\n") })),
    archiveInput(
      "extra fields and comments of entries",
      "result",
      withEntry({
        extra: extraField(0x5455, Buffer.alloc(5)),
        localExtra: extraField(0x7875, Buffer.alloc(11)),
        comment: "note",
      }),
      plus,
    ),
    archiveInput("sizes behind the content", "result", withEntry({ descriptor: true, deflate: true }), plus),
    archiveInput("sizes behind the content, stored", "result", withEntry({ descriptor: true }), plus),
    archiveInput(
      "names of code page 437",
      "result",
      withEntry({ name: Buffer.from("100/0/\x84.png", "latin1"), flags: 0 }),
      plus,
    ),
    archiveInput("names with spaces and other letters", "result", withEntry({ name: "100/0/\u65e5 \u672c.png" }), plus),
    archiveInput(
      "what macOS adds",
      "result",
      () => zipFile([...COHORT, { name: "__MACOSX/100/0/._x.png", bytes: NEW }, { name: "100/.DS_Store", bytes: NEW }]),
      all,
    ),
    archiveInput("a name without .zip", "result", asWhole({}), { ...all, file: "archive download (1)" }),
  ];
}
