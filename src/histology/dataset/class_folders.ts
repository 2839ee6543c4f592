/**
 * Finds which folders of a source hold which class, and whether the case folders are above or below the class folders.
 * Reads only paths and opens no file.
 */
import { UserError } from "../../util/errors.ts";
import { counted } from "../../util/numbers.ts";
import { isImageName } from "../image/extensions.ts";
import { CLASS_NAMES, type ClassNames, isClassName, MOST_CLASS_NAME_LENGTH } from "./class_names.ts";
import { isKaggleName } from "./kaggle_name.ts";
import { KNOWN_PAIRS, type KnownPair, NUMBERED, plainName } from "./known_classes.ts";
import { treePath } from "./tree_path.ts";

/** How to read class and case from the paths of a source. */
export interface TreeReading {
  readonly classNames: ClassNames;
  /** The names of the class folders in the source, for messages: "folder 0 or 1". */
  readonly place: string;
  /**
   * "inner": the class is the name of the file's folder, and the case is the folder above it. "outer": the case is the
   * name of the file's folder, and the class is the folder above it.
   */
  readonly level: Level;
  /** Returns the class of a class folder by its name, or undefined for other folders. */
  labelOf(folder: string): 0 | 1 | undefined;
}

export type Level = "inner" | "outer";

/** The user's names for the class folders. */
export interface ClassChoice {
  readonly positive?: string | undefined;
  readonly negative?: string | undefined;
}

const PATHS_A_STEP = 4096;

function readingOf(level: Level, classNames: ClassNames, folders: readonly (readonly string[])[]): TreeReading {
  const labels = new Map(folders.flatMap((names, label) => names.map((name) => [name, label as 0 | 1] as const)));
  return {
    classNames,
    place: `folder ${folders.map((names) => names[0]).join(" or ")}`,
    level,
    labelOf: (folder) => labels.get(folder),
  };
}

/** The reading of the Kaggle release, and of any tree with folders 0 and 1 below the case folders. */
export const NUMBERED_FOLDERS: TreeReading = readingOf("inner", CLASS_NAMES, [["0"], ["1"]]);

/**
 * Folder names by level: folders that contain pictures (inner), folders one level above (outer), and all higher folders
 * (upper).
 */
type FolderNames = Record<Level | "upper", Set<string>>;

/**
 * Determines how to read the paths of a source, as a generator with a batch of paths per step. Pictures with names of
 * the Kaggle release are skipped, because their names contain class and case.
 * @throws UserError if the source has more than two classes, if two readings are possible, or if the classes are
 * unknown.
 */
export function* findClassFolders(paths: readonly string[], choice: ClassChoice): Generator<void, TreeReading> {
  requireChoice(choice);
  const names: FolderNames = { inner: new Set(), outer: new Set(), upper: new Set() };
  const roots = new Map<string, Set<string>>();
  let named = 0;
  for (const [index, path] of paths.entries()) {
    if (index % PATHS_A_STEP === 0) yield;
    if (!isImageName(path)) continue;
    const { fileName, folders } = treePath(path);
    if (isKaggleName(fileName)) {
      named++;
      continue;
    }
    const [outer, inner] = [folders.at(-2), folders.at(-1)];
    const upper = folders.slice(0, -2);
    if (inner !== undefined) names.inner.add(inner);
    for (const name of upper) names.upper.add(name);
    if (outer === undefined) continue;
    names.outer.add(outer);
    if (!roots.has(outer)) roots.set(outer, new Set());
    roots.get(outer)!.add(upper.join("/"));
  }
  const reading = choice.positive === undefined ? knownReading(names, named) : chosenReading(names, choice);
  if (reading.level === "outer") requireOneRoot(reading, roots);
  return reading;
}

function requireChoice({ positive, negative }: ClassChoice): void {
  if (negative !== undefined && positive === undefined) {
    throw new UserError(
      "options-conflict",
      `--negative ${negative} needs --positive: give the name of the positive class's folder too.`,
    );
  }
  for (const [flag, name] of [["--positive", positive] as const, ["--negative", negative] as const]) {
    if (name === undefined || isClassName(name)) continue;
    throw new UserError(
      "class-name-invalid",
      `${flag} ${JSON.stringify(name)} cannot name a class: use up to ${MOST_CLASS_NAME_LENGTH} characters without commas.`,
    );
  }
  if (positive !== undefined && positive === negative) {
    throw new UserError(
      "options-conflict",
      `--positive and --negative are both ${positive}: give the two folders of the two classes.`,
    );
  }
}

/** The reading that follows from the user's names. */
function chosenReading(names: FolderNames, { positive, negative }: ClassChoice): TreeReading {
  const level = (["inner", "outer"] as const).find((one) => spelled(names[one], positive!) !== undefined);
  if (level === undefined) throw noSuchFolder("--positive", positive!, names);
  const found = spelled(names[level], positive!)!;
  if (negative !== undefined) {
    const other = spelled(names[level], negative);
    if (other === undefined) throw noSuchFolder("--negative", negative, names);
    return readingOf(level, [negative, positive!], [[other], [found]]);
  }
  const others = [...names[level]].filter((name) => name !== found);
  if (others.length > 1) throw moreThanTwo([found, ...others]);
  if (others.length === 0) {
    throw new UserError(
      "source-classes-unclear",
      `The source has the class folder ${found} alone: give --negative with the other class's name.`,
    );
  }
  const [other] = others as [string];
  if (isClassName(other)) return readingOf(level, [other, positive!], [[other], [found]]);
  throw new UserError(
    "class-name-invalid",
    `The folder ${JSON.stringify(other)} cannot name a class: rename it, without commas and shorter.`,
  );
}

/** The folder as spelled in the source: an exact match, or a match by `plainName`. */
function spelled(names: ReadonlySet<string>, wanted: string): string | undefined {
  if (names.has(wanted)) return wanted;
  return [...names].find((name) => plainName(name) === plainName(wanted));
}

/** Known class names found among some folder names. */
interface KnownClasses {
  readonly level: Level;
  readonly pair: KnownPair;
  /** The folders of class 0 and of class 1, spelled as in the source. */
  readonly folders: readonly [string[], string[]];
  /** Other folders at the same level that could be further classes. */
  readonly others: readonly string[];
}

/** The reading that follows from the folder names alone. */
function knownReading(names: FolderNames, named: number): TreeReading {
  const found = (["inner", "outer"] as const).flatMap((level) => knownClasses(level, [...names[level]]));
  const whole = found.filter(({ folders, others }) => folders.every(({ length }) => length > 0) && others.length === 0);
  if (whole.length > 1 && whole.some(({ level }) => level !== whole[0]!.level)) throw twoReadings(whole);
  const best = whole[0] ?? found.toSorted((a, b) => rank(b) - rank(a))[0];
  if (best === undefined) {
    if (named > 0 || names.inner.size === 0) return NUMBERED_FOLDERS;
    throw unknownClasses(names);
  }
  if (best.others.length > 0) throw moreThanTwo([...best.folders.flat(), ...best.others]);
  return readingOf(best.level, namesOf(best), filled(best));
}

/** Ranks candidates: both classes present first, then no other folders, then the inner level. */
const rank = ({ folders, others, level }: KnownClasses): number =>
  4 * folders.filter(({ length }) => length > 0).length - (others.length > 0 ? 2 : 0) + (level === "inner" ? 1 : 0);

function knownClasses(level: Level, folders: readonly string[]): KnownClasses[] {
  const pairs = KNOWN_PAIRS.map((pair): KnownClasses => {
    const of = (words: readonly string[]) => folders.filter((name) => words.includes(plainName(name)));
    const own: [string[], string[]] = [of(pair.negative), of(pair.positive)];
    // Folders next to 0 and 1 are ignored, as in earlier versions, unless their names are numbers too.
    const others = folders.filter((name) => !own.flat().includes(name) && (pair !== NUMBERED || /^\d+$/.test(name)));
    return { level, pair, folders: own, others };
  });
  return pairs.filter(({ folders: [negative, positive] }) => negative.length + positive.length > 0);
}

function namesOf({ pair, folders }: KnownClasses): ClassNames {
  if (pair.names) return pair.names;
  const [negative, positive] = [folders[0][0] ?? pair.negative[0]!, folders[1][0] ?? pair.positive[0]!];
  return [negative, positive].every(isClassName) ? [negative, positive] : [pair.negative[0]!, pair.positive[0]!];
}

/** The folders of both classes. A class without folders gets its usual name. */
const filled = ({ pair, folders: [negative, positive] }: KnownClasses) => [
  negative.length > 0 ? negative : [pair.negative[0]!],
  positive.length > 0 ? positive : [pair.positive[0]!],
];

function requireOneRoot({ labelOf }: TreeReading, roots: ReadonlyMap<string, ReadonlySet<string>>): void {
  const above = new Set([...roots].flatMap(([name, own]) => (labelOf(name) === undefined ? [] : [...own])));
  if (above.size <= 1) return;
  const [first, second] = [...above].sort();
  throw new UserError(
    "source-cases-unclear",
    `The source has folders above its classes (${first || "its root"}, ${second}) and below them, and either could be the cases: ` +
      "keep one of the two, <case>/<class> or <class>/<case>.",
  );
}

function twoReadings(found: readonly KnownClasses[]): UserError {
  const [one, other] = found.map(({ folders }) => folders.flat().join(" and "));
  return new UserError(
    "source-classes-unclear",
    `Two levels of the source's folders could be the classes (${one}; ${other}): say which with --positive NAME.`,
  );
}

function moreThanTwo(folders: readonly string[]): UserError {
  return new UserError(
    "source-classes-unclear",
    `The source has ${counted(folders.length, "class folder")} (${some(folders)}), and this program supports two classes: ` +
      "give --positive NAME and --negative NAME, which leave out the others, or move the others out of the source.",
  );
}

function unknownClasses({ inner, upper }: FolderNames): UserError {
  const folders = [...inner];
  const known = knownClasses("outer", [...upper]).find(({ folders }) => folders.every(({ length }) => length > 0));
  if (known) {
    return new UserError(
      "source-classes-unclear",
      `The source has folders named ${known.folders.flat().join(" and ")}, but its pictures lie more than one folder below them (${some(folders)}): ` +
        "arrange them as <class>/<case>/<picture> or <case>/<class>/<picture>.",
    );
  }
  return new UserError(
    "source-classes-unclear",
    `The pictures lie in ${counted(folders.length, "folder")} (${some(folders)}), whose names say no class: ` +
      "name the positive class's folder with --positive NAME, or call the folders 0 and 1.",
  );
}

function noSuchFolder(flag: string, name: string, { inner, outer }: FolderNames): UserError {
  const folders = [...new Set([...inner, ...outer])];
  const found = folders.length === 0 ? "there is no folder with pictures" : `there are ${some(folders)}`;
  return new UserError(
    "class-folder-missing",
    `${flag} ${name} is no folder of the source's pictures (${found}): give the name of a class folder.`,
  );
}

/** The first six names in sorted order, and the number of the others. */
function some(names: readonly string[]): string {
  const sorted = [...names].sort();
  return sorted.length <= 6 ? sorted.join(", ") : `${sorted.slice(0, 6).join(", ")} and ${sorted.length - 6} more`;
}
