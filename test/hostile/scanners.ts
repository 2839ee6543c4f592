/** Hostile slides of scanners' formats and of DICOM: cut off, changed byte by byte, with sizes, lengths and depths without bounds. */
import { deflateSync } from "node:zlib";
import { readGolden } from "../golden/reference.ts";
import { smoothPicture, tilesOf } from "../histology/slide/support/pictures.ts";
import { type Tag, text, tiffFile, tiledPicture } from "../histology/slide/support/tiff_file.ts";
import type { Expectation, HostileInput } from "./judge.ts";
import { type More, slide as slideInput } from "./slide_input.ts";

interface Scanned {
  readonly slides: readonly { readonly name: string; readonly file: string }[];
}
interface Dicom {
  readonly slides: readonly { readonly name: string; readonly files: readonly string[] }[];
}

const scanned = readGolden<Scanned>("scanners").slides.filter(({ name }) => !name.includes("with overlaps"));
const dicom = readGolden<Dicom>("dicom").slides.filter(({ name }) => !name.includes("two files"));
/** A sound file of each layout. */
const SOUND: readonly { name: string; bytes: Buffer }[] = [
  ...scanned.map(({ name, file }) => ({ name, bytes: Buffer.from(file, "base64") })),
  ...dicom.map(({ name, files }) => ({ name: `DICOM ${name}`, bytes: Buffer.from(files[0]!, "base64") })),
];
const soundOf = (name: string): Buffer => Buffer.from(SOUND.find((sound) => sound.name === name)!.bytes);

export function scannerInputs(): HostileInput[] {
  return [...soundFiles(), ...cutFiles(), ...changedFiles(), ...wrongDicom(), ...wrongDescriptions(), ...containers()];
}

const slide = (name: string, expect: Expectation, bytes: Buffer | (() => Buffer), more: More = {}): HostileInput =>
  slideInput(name, expect, bytes, { file: "slide", ...more });

function soundFiles(): HostileInput[] {
  return SOUND.map(({ name, bytes }) => slide(`${name}, sound`, "result", bytes));
}

function cutFiles(): HostileInput[] {
  return SOUND.flatMap(({ name, bytes }) =>
    [0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.98].map((share) =>
      slide(`${name}, cut at ${share}`, "refused", bytes.subarray(0, Math.floor(share * bytes.length)), {
        sample: share === 0.9 && name === "Hamamatsu NDPI 4:2:2",
      }),
    ),
  );
}

/** Bytes at places all over the file, so that tags, tables, texts and packed pixels are among them. */
function changedFiles(): HostileInput[] {
  return SOUND.flatMap(({ name, bytes }) =>
    Array.from({ length: 16 }, (_, i) => {
      const changed = Buffer.from(bytes);
      const place = Math.floor(((i + 0.37) * bytes.length) / 16);
      changed[place]! ^= [0xff, 0x80, 0x01][i % 3]!;
      return slide(`${name}, byte ${place} changed`, "either", changed);
    }),
  );
}

/** An element of a DICOM file that states kinds. */
function element(tag: number, kind: string, value: Buffer, length = value.length): Buffer {
  const long = ["OB", "OV", "SQ", "UN"].includes(kind);
  const header = Buffer.alloc(long ? 12 : 8);
  header.writeUInt16LE(tag >>> 16, 0);
  header.writeUInt16LE(tag & 0xffff, 2);
  header.write(kind, 4, "latin1");
  if (long) header.writeUInt32LE(length, 8);
  else header.writeUInt16LE(length, 6);
  return Buffer.concat([header, value]);
}

/** The place of an element of a file, by its tag. */
function placeOf(file: Buffer, tag: number): number {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt16LE(tag >>> 16, 0);
  bytes.writeUInt16LE(tag & 0xffff, 2);
  return file.indexOf(bytes, 132);
}

const ROWS = 0x00280010;
const TOTAL_COLUMNS = 0x00480006;
const PIXELS = 0x7fe00010;

function wrongDicom(): HostileInput[] {
  const plain = "DICOM uncompressed";
  const packed = "DICOM JPEG 2000, lossy";
  const written = (name: string, tag: number, change: (file: Buffer, place: number) => void) => {
    const file = soundOf(name);
    change(file, placeOf(file, tag));
    return file;
  };
  const before = (name: string, tag: number, more: Buffer) => {
    const file = soundOf(name);
    const place = placeOf(file, tag);
    return Buffer.concat([file.subarray(0, place), more, file.subarray(place)]);
  };
  const item = Buffer.from([0xfe, 0xff, 0x00, 0xe0, 0xff, 0xff, 0xff, 0xff]);
  const unknown = element(0x00271010, "SQ", Buffer.alloc(0), 0xffffffff);
  return [
    ...[0, 1, 2 ** 26, 2 ** 31, 2 ** 32 - 1].map((value) =>
      slide(
        `DICOM, ${value} columns in all`,
        "refused",
        written(plain, TOTAL_COLUMNS, (file, at) => file.writeUInt32LE(value, at + 8)),
      ),
    ),
    ...[0, 1, 65_535].map((value) =>
      slide(
        `DICOM, ${value} rows of a frame`,
        "refused",
        written(plain, ROWS, (file, at) => file.writeUInt16LE(value, at + 8)),
      ),
    ),
    slide(
      "DICOM, a value longer than the file",
      "refused",
      written(plain, ROWS, (file, at) => file.writeUInt16LE(65_535, at + 6)),
    ),
    slide(
      "DICOM, pixels of 4 GB",
      "refused",
      written(plain, PIXELS, (file, at) => file.writeUInt32LE(2 ** 32 - 2, at + 8)),
    ),
    slide(
      "DICOM, sequences 20,000 deep",
      "refused",
      () => before(plain, ROWS, Buffer.concat(Array.from({ length: 20_000 }, () => Buffer.concat([unknown, item])))),
      { sentence: /too deep|too soon|damaged/, sample: true },
    ),
    slide("DICOM, a million empty elements", "result", () =>
      before(
        plain,
        ROWS,
        Buffer.concat(Array.from({ length: 1_000_000 }, () => element(0x00271010, "LO", Buffer.alloc(0)))),
      ),
    ),
    slide(
      "DICOM, a table of frames that goes back",
      "refused",
      written(packed, PIXELS, (file, at) => file.writeUInt32LE(7, at + 20 + 4)),
    ),
    slide(
      "DICOM, a table of frames beyond the end",
      "either",
      written(packed, PIXELS, (file, at) => file.writeUInt32LE(2 ** 31, at + 20 + 44)),
    ),
    slide("DICOM, nothing but its mark", "refused", Buffer.concat([Buffer.alloc(128), Buffer.from("DICM")])),
    slide("DICOM, and zeros", "refused", Buffer.concat([Buffer.alloc(128), Buffer.from("DICM"), Buffer.alloc(5000)])),
  ];
}

function wrongDescriptions(): HostileInput[] {
  const picture = smoothPicture(64, 64);
  const tiles = tilesOf(picture, 64).map((tile) => deflateSync(tile));
  const plan = { width: 64, height: 64, tile: 64, tiles, compression: 8 };
  const leica = (body: string) =>
    tiffFile([
      tiledPicture({
        ...plan,
        description: `<scn xmlns="http://www.leica-microsystems.com/scn/2010/10/01"><collection sizeX="64000" sizeY="64000">${body}</collection></scn>`,
      }),
    ]);
  const area = (more: string) =>
    `<image><pixels><dimension sizeX="64" sizeY="64" ifd="0"/></pixels><view sizeX="32000" sizeY="32000" ${more}/><scanSettings>
     <objectiveSettings><objective>20</objective></objectiveSettings><illuminationSettings><illuminationSource>brightfield</illuminationSource>
     </illuminationSettings></scanSettings></image>`;
  const philips = (xml: string) =>
    tiffFile([tiledPicture({ ...plan, description: `<DataObject>${xml}`, more: [text(305, "Philips")] })]);
  const trestle = (overlaps: string, size = 64) =>
    tiffFile([
      tiledPicture({
        ...plan,
        width: size,
        height: size,
        tiles: Array(Math.ceil(size / 64) ** 2).fill(tiles[0]),
        description: `OverlapsXY= ${overlaps}`,
        more: [text(305, "MedScan")],
      }),
    ]);
  const scan: Tag = { tag: 700, type: "byte", values: Buffer.from(`<iScan>${"<a>".repeat(100_000)}`) };
  return [
    slide("SCN, sound", "result", leica(area('offsetX="1000" offsetY="2000"'))),
    slide("SCN, far away", "either", leica(area('offsetX="1e300" offsetY="-1e300"'))),
    slide("SCN, no places", "refused", leica(area('offsetX="x" offsetY=""'))),
    slide("SCN, 50,000 areas", "refused", () => leica(area('offsetX="1000" offsetY="0"').repeat(50_000)), {
      sample: true,
    }),
    slide("SCN, a million elements", "refused", () => leica("<a/>".repeat(1_000_000))),
    slide("SCN, of no size", "refused", leica(area('offsetX="0" offsetY="0"').replace('sizeX="32000"', 'sizeX="0"'))),
    slide("Philips, a label of 5 MB", "refused", () =>
      philips(`<Attribute Name="PIM_DP_IMAGE_DATA">${"A".repeat(5_000_000)}</Attribute></DataObject>`),
    ),
    slide("Philips, 100,000 deep", "refused", () => philips("<DataObject>".repeat(100_000))),
    slide("Philips, entities", "refused", philips("&a;&b;</DataObject>")),
    ...["63 63", "64 64", "1e9 0", "-5 0", "x 1", "0.5 0.5"].map((overlaps) =>
      slide(`Trestle, overlaps ${overlaps}`, "refused", trestle(overlaps)),
    ),
    slide("Trestle, many tiles that overlap by half", "result", () => trestle("32 32", 6400)),
    slide("Ventana, elements without end", "refused", tiffFile([tiledPicture({ ...plan, more: [scan] })])),
  ];
}

function containers(): HostileInput[] {
  const jpeg = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0]);
  return [
    slide("a MIRAX thumbnail", "refused", jpeg, {
      file: "slide.mrxs",
      sentence: /MIRAX slide whose folder/,
      sample: true,
    }),
    slide("a VMS list", "refused", Buffer.from("[Virtual Microscope Specimen]\nNoLayers=1\n"), {
      sentence: /Hamamatsu VMS/,
    }),
    slide("a CZI file", "refused", Buffer.from(`ZISRAWFILE${"\0".repeat(100)}`), { sentence: /Zeiss CZI/ }),
  ];
}
