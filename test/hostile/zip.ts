import { type Archive, extraField, zip64Extra, zipFile } from "../support/zip.ts";
import { noise } from "./chunks.ts";
import type { HostileInput } from "./judge.ts";
import { entryInputs } from "./zip_entries.ts";
import { archiveInput, asWhole, COHORT, NEW, NEW_PATH, PATCHES, PICTURES, withEntry } from "./zip_support.ts";

export function zipInputs(): HostileInput[] {
  return [...cut(), ...wrongEnds(), ...entryInputs(), ...foreign(), ...good()];
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
      "a name that is not UTF-8, which is left out",
      "result",
      withEntry({ name: Buffer.from("100/0/\x84.png", "latin1"), flags: 0 }),
      all,
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
