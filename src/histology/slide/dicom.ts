/**
 * Reads DICOM whole slide images (Supplement 145). Each level is a separate file. All files of a series must be in one
 * folder.
 */
import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { messageOf, UserError } from "../../util/errors.ts";
import { elementText } from "./dicom/elements.ts";
import { readDicom, SLIDE_CLASS } from "./dicom/header.ts";
import { damaged, describeInstance, type Instance, isTissueImage } from "./dicom/instance.ts";
import { dicomLevel } from "./dicom/level.ts";
import { TAG } from "./dicom/tags.ts";
import type { SlideFormat } from "./format.ts";
import { isDicom } from "./is_dicom.ts";
import { NodeSlideFile } from "./node/file.ts";
import { isVersionOf } from "./tiff/pyramid.ts";
import { plausibleMicrons } from "./tiff/resolution.ts";
import { type TiledLevel, tiledSlide } from "./tiled.ts";

export const dicom: SlideFormat<NodeSlideFile> = {
  name: "DICOM",
  extensions: [".dcm"],
  recognises: isDicom,

  async open(file) {
    const series = await seriesOf(file);
    const others: NodeSlideFile[] = [];
    const close = async () => {
      for (const one of [file, ...others]) await one.close();
    };
    try {
      for (const path of await pathsOfSeries(file.path, series)) others.push(await NodeSlideFile.open(path));
      const tissue = await tissueOf([file, ...others]);
      const [full, ...smaller] = await levelsOf(tissue);
      const spacing = tissue.find(({ width }) => width === full.width)?.spacing;
      return tiledSlide({
        format: dicom.name,
        levels: [full, ...smaller.filter((level) => isVersionOf(level, full))],
        micronsPerPixel: spacing && plausibleMicrons(spacing.x, spacing.y),
        close,
      });
    } catch (error) {
      // The caller closes the file that it opened.
      for (const one of others) await one.close();
      throw error;
    }
  },
};

/** Converts a read error into a UserError that names the file. */
async function understood<T>(file: NodeSlideFile, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw damaged(file, messageOf(error));
  }
}

async function seriesOf(file: NodeSlideFile): Promise<string> {
  const { storageClass, data } = await understood(file, () => readDicom(file, TAG.series));
  if (storageClass !== SLIDE_CLASS) {
    throw new UserError(
      "slide-unsupported",
      `${file.path} is a DICOM file, but no slide (whole slide microscopy image): name a slide.`,
    );
  }
  const series = elementText(data, TAG.series);
  if (series) return series;
  throw damaged(file, "it states no series");
}

/** The other files in the folder that belong to the series, whatever their names. */
async function pathsOfSeries(path: string, series: string): Promise<string[]> {
  const folder = dirname(path);
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const found: string[] = [];
  for (const { name } of entries.filter((entry) => entry.isFile())) {
    const other = join(folder, name);
    if (other !== join(path) && (await belongsTo(other, series))) found.push(other);
  }
  return found.sort();
}

/** Whether a file belongs to a DICOM slide. */
export const isDicomSlide = async (path: string): Promise<boolean> => (await dicomSeriesOf(path)) !== undefined;

async function belongsTo(path: string, series: string): Promise<boolean> {
  return (await dicomSeriesOf(path)) === series;
}

/**
 * The series of a file, if it belongs to a DICOM slide. Undefined also for files that cannot be read up to this
 * element.
 */
async function dicomSeriesOf(path: string): Promise<string | undefined> {
  const file = await NodeSlideFile.open(path).catch(() => undefined);
  if (!file) return undefined;
  try {
    if (!(await isDicom(file))) return undefined;
    const { storageClass, data } = await readDicom(file, TAG.series);
    return storageClass === SLIDE_CLASS ? elementText(data, TAG.series) : undefined;
  } catch {
    return undefined;
  } finally {
    await file.close();
  }
}

/**
 * Keeps only the first path of each DICOM series in a folder, because opening one file of a series opens all of them.
 */
export async function oneFilePerSlide(paths: readonly string[]): Promise<string[]> {
  const seen = new Set<string>();
  const found: string[] = [];
  for (const path of paths) {
    const series = await dicomSeriesOf(path);
    const key = `${dirname(path)}\n${series}`;
    if (series === undefined || !seen.has(key)) found.push(path);
    if (series !== undefined) seen.add(key);
  }
  return found;
}

/** The files with images of the tissue, without duplicates. */
async function tissueOf(files: readonly NodeSlideFile[]): Promise<Instance[]> {
  const found = new Map<string, Instance>();
  for (const file of files) {
    const header = await understood(file, () => readDicom(file));
    if (!isTissueImage(header.data)) continue;
    const instance = await understood(file, () => describeInstance(file, header));
    if (!found.has(instance.identity)) found.set(instance.identity, instance);
  }
  if (found.size > 0) return [...found.values()];
  throw new UserError(
    "slide-incomplete",
    `${files[0]!.path} shows a slide's label or the whole glass, and the files of its tissue are not in its folder: copy them there.`,
  );
}

/** The levels, largest first. */
async function levelsOf(tissue: readonly Instance[]): Promise<[TiledLevel, ...TiledLevel[]]> {
  const groups = Map.groupBy(tissue, ({ concatenation, identity }) => concatenation?.name ?? identity);
  const levels: { level: TiledLevel; file: NodeSlideFile }[] = [];
  for (const parts of groups.values()) {
    const [first] = parts as [Instance, ...Instance[]];
    const level = await understood(first.file, () => dicomLevel(parts as [Instance, ...Instance[]]));
    const twin = levels.find((other) => other.level.width === level.width && other.level.height === level.height);
    if (twin) {
      throw new UserError(
        "slide-unsupported",
        `${first.file.path} and ${twin.file.path} are two pictures of one size in one series, such as two focal planes: move one away.`,
      );
    }
    levels.push({ level, file: first.file });
  }
  return levels.map(({ level }) => level).sort((a, b) => b.width - a.width) as [TiledLevel, ...TiledLevel[]];
}
