/** Reads the table of a sweep: settings by name, one row each, and optionally the seeds. */
import { extname } from "node:path";
import { complaint, shown } from "../options/checked_options.ts";
import { optionEntries } from "../options/option_entries.ts";
import { type RowSettings, rowSettings, SET_FOR_ALL } from "../options/sweep.ts";
import { readDescriptionText } from "../system/files.ts";
import { type Placed, placedValues } from "../system/placed_values.ts";
import { fromCsv } from "../util/csv.ts";
import { csvLine } from "../util/csv_text.ts";
import { UserError } from "../util/errors.ts";
import { counted, whole } from "../util/numbers.ts";

/** One row: a name, and options of a training. */
export interface SweepSetting {
  readonly name: string;
  readonly options: RowSettings;
}

export interface SweepTable {
  readonly settings: readonly SweepSetting[];
  /** Undefined if the table names none. */
  readonly seeds: readonly number[] | undefined;
}

export const MOST_ROWS = 2000;

/** A name is a part of the names of folders. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._+-]{0,79}$/;

export const MOST_SEEDS = 100;

const ENTRIES = new Map(optionEntries(rowSettings).map((entry) => [entry.property, entry]));

/** A row before it is checked: the cells by column, and its position. */
interface RawRow {
  readonly place: string;
  readonly cells: ReadonlyMap<string, unknown>;
}

/**
 * Reads a table. A list of rows, or an object with `settings` (the rows) and `seeds`; in CSV a header and one line per
 * row, where an empty cell is an option that is not given.
 * @throws UserError that names the row and the column of the first mistake.
 */
export async function readSweepTable(path: string): Promise<SweepTable> {
  const text = await readDescriptionText(path, "the table of settings");
  const { rows, seeds } = isCsv(path) ? { rows: csvRowsOf(text, path), seeds: undefined } : rowsOfText(text, path);
  if (rows.length === 0) throw new UserError("table-damaged", `${path} has no rows: give each setting a row.`);
  if (rows.length > MOST_ROWS) {
    throw new UserError(
      "sweep-table-invalid",
      `${path} has ${counted(rows.length, "row")}, and ${whole(MOST_ROWS)} are the most: divide it into several sweeps.`,
    );
  }
  const settings = rows.map(settingOf);
  requireDistinct(settings, rows);
  return { settings, seeds };
}

/** @throws UserError if the table has another ending. */
function isCsv(path: string): boolean {
  const ending = extname(path).toLowerCase();
  if ([".csv", ".yaml", ".yml", ".json"].includes(ending)) return ending === ".csv";
  throw new UserError(
    "sweep-table-invalid",
    `${path} ends in "${ending}": name the table of settings so that it ends in .yaml, .json or .csv.`,
  );
}

function csvRowsOf(text: string, path: string): RawRow[] {
  const rows = fromCsv(text, ["name"], path);
  const [first] = rows;
  const columns = first ? Object.keys(first) : [];
  const header = text.split(/\r?\n/).find((line) => line.trim() !== "") ?? "";
  // A column that appears twice would silently replace the first one.
  if (first && csvLine(columns).length < header.replaceAll('"', "").length)
    throw new UserError("table-column-repeated", `${path} has a column twice: leave one of the two out.`);
  return rows.map((row, index) => ({
    place: `${path}, row ${index + 1}`,
    cells: new Map(
      Object.entries(row)
        .filter(([, cell]) => cell !== "")
        .map(([column, cell]): [string, unknown] => {
          const entry = ENTRIES.get(column);
          if (entry?.isSwitch && (cell === "true" || cell === "false")) return [column, cell === "true"];
          const isNumber = entry?.numeric && cell.trim() !== "" && Number.isFinite(Number(cell));
          return [column, isNumber ? Number(cell) : cell];
        }),
    ),
  }));
}

const KEYS = ["settings", "seeds"];

function rowsOfText(text: string, path: string): { rows: RawRow[]; seeds: readonly number[] | undefined } {
  const language = path.toLowerCase().endsWith(".json") ? "JSON" : "YAML";
  const { value } = placedValues(text, { file: path, language, code: "sweep-table-invalid", keys: "an option" });
  if (Array.isArray(value)) return { rows: rawRows(value), seeds: undefined };
  const example = "such as [{ name: low, learningRate: 0.001 }]";
  if (!(value instanceof Map)) {
    if (value === null) return { rows: [], seeds: undefined };
    throw new UserError("sweep-table-invalid", `${path} must be a list of settings, ${example}.`);
  }
  const members = value as Map<string, Placed>;
  for (const [key, { place }] of members) {
    if (KEYS.includes(key)) continue;
    throw new UserError("sweep-table-invalid", `${place} has "${key}": expected ${KEYS.join(" and ")}.`);
  }
  const settings = members.get("settings");
  if (!Array.isArray(settings?.value))
    throw new UserError("sweep-table-invalid", `${path} needs "settings", a list of settings, ${example}.`);
  const seeds = members.get("seeds");
  return { rows: rawRows(settings.value), seeds: seeds && seedsOf(seeds) };
}

function seedsOf({ value, place }: Placed): readonly number[] {
  const isSeed = (one: unknown): one is number => Number.isSafeInteger(one) && (one as number) >= 0;
  const seeds: readonly unknown[] = Array.isArray(value) ? value.map((one: Placed) => one.value) : [];
  if (seeds.length === 0 || seeds.length > MOST_SEEDS || !seeds.every(isSeed)) {
    throw new UserError(
      "sweep-table-invalid",
      `"seeds" in ${place} must be a list of whole numbers of at least 0, such as [1, 2, 3], and at most ${MOST_SEEDS}.`,
    );
  }
  return seeds;
}

const rawRows = (rows: readonly Placed[]): RawRow[] =>
  rows.map(({ value, place }, index) => {
    const at = `${place}, row ${index + 1}`;
    if (!(value instanceof Map)) {
      throw new UserError(
        "sweep-table-invalid",
        `${at} must hold a name and options, such as { name: low, epochs: 5 }.`,
      );
    }
    const cells = [...(value as Map<string, Placed>)].map(([column, cell]) => [column, plain(cell.value)] as const);
    return { place: at, cells: new Map(cells) };
  });

const plain = (value: unknown): unknown => (typeof value === "object" && value !== null ? {} : value);

/** Checks a row with the schema of a training's options. */
function settingOf({ place, cells }: RawRow): SweepSetting {
  const wrong = (column: string, what: string) =>
    new UserError("sweep-table-invalid", `${place}, column ${column}: ${what.replace(/[.]?$/, ".")}`);
  const given = cells.get("name");
  const name = typeof given === "number" ? String(given) : given;
  if (typeof name !== "string" || !NAME.test(name)) {
    const is = given === undefined ? "it is missing" : `it is ${shown(given)}`;
    throw wrong(
      "name",
      `each setting needs a name of letters, digits and . _ + - that starts with a letter or digit, at most 80, but ${is}`,
    );
  }
  const options: Record<string, unknown> = {};
  for (const [column, value] of cells) {
    if (column === "name") continue;
    const entry = ENTRIES.get(column);
    const forAll = Object.hasOwn(SET_FOR_ALL, column) ? SET_FOR_ALL[column] : undefined;
    if (forAll !== undefined) throw wrong(column, `no row sets this by itself: give ${forAll} for all`);
    if (entry === undefined)
      throw wrong(
        column,
        `there is no such option of a training: expected ${Object.keys(rowSettings.shape).join(", ")}`,
      );
    const found = rowSettings.shape[column as keyof RowSettings].safeParse(value, {
      error: ({ path, input }) => complaint(entry, { input, isWhole: (path?.length ?? 0) === 0 }),
    });
    if (!found.success) throw wrong(column, `it ${found.error.issues[0]!.message}`);
    options[column] = found.data;
  }
  return { name, options };
}

/** Names that differ only in the case of letters would share a folder on some systems. */
function requireDistinct(settings: readonly SweepSetting[], rows: readonly RawRow[]): void {
  const seen = new Map<string, number>();
  for (const [index, { name }] of settings.entries()) {
    const before = seen.get(name.toLowerCase());
    if (before !== undefined) {
      throw new UserError(
        "sweep-table-invalid",
        `${rows[index]!.place}, column name: "${name}" is also the name of row ${before + 1}: give each setting another name.`,
      );
    }
    seen.set(name.toLowerCase(), index);
  }
}
