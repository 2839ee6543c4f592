/** Makes what the measured commands read, once: an archive, a folder of images, a journal of corrections and a slide. */
import {
  closeSync,
  existsSync,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { closedDataset, journalOf } from "../../test/support/journal.ts";
import { endOf, entryBytes, zip64Extra } from "../../test/support/zip.ts";
import { writeWideSlide } from "../large_slide.ts";
import { Pictures, SIDE } from "./pictures.ts";

/** Cases of the Kaggle archive have about this many patches. Smaller datasets have the fewest cases. */
const PATCHES_PER_CASE = 1000;
const FEWEST_CASES = 20;
/** The columns of a case whose patches have IDC, as in the Kaggle archive. */
const IDC_SHARE = 0.3;
/** Different images in a folder; the other names are links to them. A file has at most 65,000 names on ext4. */
const DIFFERENT_IMAGES = 1000;
const IMAGES_PER_FOLDER = 1000;
/** One of so many patches is corrected, and so many in an entry of the journal. */
const CORRECTED = 100;
const PATCHES_PER_ENTRY = 100;
const FLUSH_BYTES = 1 << 22;
const LARGEST_U32 = 0xffffffff;

let drawn: Pictures | undefined;
const pictures = (): Pictures => (drawn ??= new Pictures());

/** Makes a file or folder unless it is there. It appears under its name only when it is complete. */
async function once(path: string, make: (path: string) => unknown): Promise<void> {
  if (existsSync(path)) return;
  const part = `${path}.part`;
  rmSync(part, { recursive: true, force: true });
  mkdirSync(dirname(path), { recursive: true });
  await make(part);
  renameSync(part, path);
}

/** A zip archive of this many patches, stored without compression and named as in the Kaggle archive. */
export const makeArchive = (path: string, patches: number): Promise<void> =>
  once(path, (part) => writeArchive(part, patches));

function writeArchive(path: string, patches: number): void {
  const file = openSync(path, "w");
  const directory: Buffer[] = [];
  let [waiting, waitingBytes, offset]: [Buffer[], number, number] = [[], 0, 0];
  const put = (parts: readonly Buffer[]) => {
    for (const part of parts) {
      waiting.push(part);
      waitingBytes += part.length;
    }
    if (waitingBytes < FLUSH_BYTES) return;
    writeSync(file, Buffer.concat(waiting));
    [waiting, waitingBytes] = [[], 0];
  };
  for (let number = 0; number < patches; number++) {
    const { name, label } = patchOf(number, patches);
    const far = offset >= LARGEST_U32 ? { offset: LARGEST_U32, extra: zip64Extra(offset) } : {};
    const { local, central } = entryBytes({ name, bytes: pictures().png(label, number), ...far }, offset);
    put([local]);
    // A copy of its own: a small buffer keeps the block alive that it shares with pictures.
    const row = Buffer.allocUnsafeSlow(central.length);
    central.copy(row);
    directory.push(row);
    offset += local.length;
  }
  const bytes = directory.reduce((sum, { length }) => sum + length, 0);
  put([...directory, ...endOf(patches, offset, bytes, { zip64: {} })]);
  writeSync(file, Buffer.concat(waiting));
  closeSync(file);
}

/** The path and class of a patch. The patches of a case lie side by side in a square; those with IDC on the left. */
function patchOf(number: number, patches: number): { name: string; label: 0 | 1 } {
  const cases = Math.max(FEWEST_CASES, Math.round(patches / PATCHES_PER_CASE));
  const perCase = Math.ceil(patches / cases);
  const columns = Math.ceil(Math.sqrt(perCase));
  const caseId = 10_000 + Math.floor(number / perCase);
  const [column, row] = [(number % perCase) % columns, Math.floor((number % perCase) / columns)];
  const label = column < IDC_SHARE * columns ? 1 : 0;
  const place = `x${column * SIDE + 1}_y${row * SIDE + 1}`;
  return { name: `${caseId}/${label}/${caseId}_idx5_${place}_class${label}.png`, label };
}

/** A folder of this many images, in folders of a thousand. */
export const makeImages = (path: string, images: number): Promise<void> =>
  once(path, (part) => {
    for (let number = 0; number < images; number++) {
      const folder = join(part, String(Math.floor(number / IMAGES_PER_FOLDER)));
      if (number % IMAGES_PER_FOLDER === 0) mkdirSync(folder, { recursive: true });
      const image = join(folder, `${number}.png`);
      if (number < DIFFERENT_IMAGES) writeFileSync(image, pictures().png(number % 2 === 0 ? 0 : 1, number));
      else linkSync(join(part, "0", `${number % DIFFERENT_IMAGES}.png`), image);
    }
  });

/** A journal that gives one of a hundred patches of the dataset the other label. */
export const makeJournal = (path: string, dataset: string): Promise<void> =>
  once(path, async (part) => {
    const { rows } = await closedDataset(dataset);
    const wrong = rows.filter(({ split }, index) => split === "train" && index % CORRECTED === 0);
    const byLabel = Map.groupBy(wrong, ({ label }) => (label === 1 ? ("negative" as const) : ("positive" as const)));
    const drafts = [...byLabel].flatMap(([label, all]) =>
      Array.from({ length: Math.ceil(all.length / PATCHES_PER_ENTRY) }, (_, entry) => ({
        kind: "set" as const,
        id: crypto.randomUUID(),
        author: "a reader",
        patches: all.slice(entry * PATCHES_PER_ENTRY, (entry + 1) * PATCHES_PER_ENTRY).map(({ id }) => id),
        label,
      })),
    );
    await journalOf(part, dataset, drafts);
  });

/** A slide whose grid has about this many patches of 50 x 50 pixels. */
export const makeSlide = (path: string, patches: number): Promise<void> =>
  once(path, (part) => writeWideSlide(part, Math.round(Math.sqrt(patches)) * SIDE));
