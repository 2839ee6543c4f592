/** The values of a command's form, and the options that they give. The fields come from the schema of the flags. */

import { fallbackWords, type SettledValue } from "../../../../options/meta.ts";
import { type OptionEntry, optionEntries } from "../../../../options/option_entries.ts";
import { type GivenSettings, settledSettings, trainingSettings } from "../../../../options/training/settings.ts";
import { VERBS, type VerbRow } from "../../../api/job_verbs.ts";
import type { JobVerb } from "../../../api/jobs.ts";

/** The text of a field, a switch, or the ids of items. */
export type FieldValue = string | boolean | readonly string[];

/** By property; a field that is absent or empty gives no option. */
export type FormValues = Readonly<Record<string, FieldValue>>;

/** The commands that have a form, with their titles. */
export const FORMS = {
  train: "Train a model",
  evaluate: "Evaluate a model",
  crossvalidate: "Cross-validate",
  slide: "Score slides",
  calibrate: "Calibrate a model",
  compare: "Compare",
  demo: "Make demo data",
} as const satisfies Partial<Record<JobVerb, string>>;

export type FormVerb = keyof typeof FORMS;

export const isFormVerb = (text: string): text is FormVerb => Object.hasOwn(FORMS, text);

const rowOf = (verb: FormVerb): VerbRow => VERBS[verb]!;

/** Whether the option is a path, which the page gives as an id or as a new name. */
export const isPlace = ({ path, resumes }: OptionEntry): boolean => path !== undefined || resumes;

/** What an option that is a path may be. */
export const placeOf = (verb: FormVerb, { property }: OptionEntry) => rowOf(verb).places[property];

/** The options that a form shows, in the order of the schema: all but paths that the page cannot give. */
export function formEntries(verb: FormVerb): OptionEntry[] {
  const { options, places } = rowOf(verb);
  return optionEntries(options).filter((entry) => !isPlace(entry) || entry.property in places);
}

/** Options that share a heading, as in --help. */
export interface FormGroup {
  readonly title: string;
  readonly entries: readonly OptionEntry[];
  /** Whether the group is closed at first. */
  readonly isExtra: boolean;
}

export function formGroups(verb: FormVerb): FormGroup[] {
  const entries = formEntries(verb);
  const plain = entries.filter(({ group }) => group === undefined);
  const named = Map.groupBy(
    entries.filter(({ group }) => group !== undefined),
    ({ group }) => group!,
  );
  return [
    { title: "Input and output", entries: plain.filter(isPlace), isExtra: false },
    { title: "Options", entries: plain.filter((entry) => !isPlace(entry)), isExtra: false },
    ...[...named].map(([title, own]) => ({ title: title.replace(/:$/, ""), entries: own, isExtra: true })),
  ].filter((group) => group.entries.length > 0);
}

/** The body's options of POST /api/jobs. An option that is not given is absent. */
export function optionsOf(verb: FormVerb, values: FormValues): Record<string, unknown> {
  const entries = formEntries(verb);
  const isResumed = entries.some(({ resumes, property }) => resumes && isGiven(values[property]));
  const given = entries.flatMap((entry): [string, unknown][] => {
    const value = values[entry.property];
    // The work that is resumed has its own dataset and output.
    if (!isGiven(value) || (isResumed && isPlace(entry) && !entry.resumes)) return [];
    return [[entry.property, optionOf(entry, value)]];
  });
  return Object.fromEntries(given);
}

const isGiven = (value: FieldValue | undefined): value is FieldValue =>
  typeof value === "string" ? value.trim() !== "" : Array.isArray(value) ? value.length > 0 : value !== undefined;

function optionOf(entry: OptionEntry, value: FieldValue): unknown {
  if (typeof value !== "string") return value;
  if (isPlace(entry)) return value.trim();
  const one = (text: string) => (entry.numeric && Number.isFinite(Number(text)) ? Number(text) : text);
  return entry.repeated
    ? value
        .trim()
        .split(/[\s,;]+/)
        .map(one)
    : one(value.trim());
}

/** The value that the command uses if the option is not given: for the field, and its source. Undefined if none. */
export function usualValue(verb: FormVerb, entry: OptionEntry, values: FormValues): SettledValue | undefined {
  const settled = "recipe" in rowOf(verb).options.shape ? settledOf(values)[entry.property] : undefined;
  const words = fallbackWords(entry.fallback);
  if (settled && (entry.fallback === undefined || "from" in entry.fallback) && entry.property !== "threads")
    return settled;
  if (words !== undefined) return { value: undefined, from: words };
  if (entry.fallback && "value" in entry.fallback) return { value: entry.fallback.value, from: "default" };
  return entry.default === undefined ? undefined : { value: entry.default, from: "default" };
}

/** "32 (recipe default)", "all cores". */
export function usualText({ value, from }: SettledValue): string {
  if (value === undefined) return from;
  const text = Array.isArray(value) ? value.join(" ") : String(value);
  return from === "default" ? text : `${text} (${from})`;
}

/** Only these change what the others are if they are not given. */
function settledOf(values: FormValues): Readonly<Record<string, SettledValue>> {
  const { recipe, augment } = trainingSettings.partial().shape;
  const given: GivenSettings = {
    recipe: recipe.safeParse(values.recipe || undefined).data,
    augment: augment.safeParse(values.augment || undefined).data,
  };
  return settledSettings(given);
}

/** The form's values in an address: only what a person gave. */
export function valuesFromView(verb: FormVerb, view: Readonly<Record<string, string>>): FormValues {
  const values = formEntries(verb).flatMap((entry): [string, FieldValue][] => {
    const text = view[entry.property];
    if (text === undefined) return [];
    if (entry.isSwitch) return [[entry.property, text === "true"]];
    return [[entry.property, entry.repeated && isPlace(entry) ? text.split(",").filter(Boolean) : text]];
  });
  return Object.fromEntries(values);
}

/** The same as text, with undefined for what the address must not hold. */
export function viewFromValues(verb: FormVerb, values: FormValues): Record<string, string | undefined> {
  const texts = formEntries(verb).map(({ property }): [string, string | undefined] => {
    const value = values[property];
    return [property, isGiven(value) ? (Array.isArray(value) ? value.join(",") : String(value)) : undefined];
  });
  return Object.fromEntries(texts);
}

/** The first of "run", "run-2", "run-3", ... that is not taken; "model.onnx" gives "model-2.onnx". */
export function freeName(base: string, taken: ReadonlySet<string>): string {
  const [stem, end] = base.endsWith(".onnx") ? [base.slice(0, -5), ".onnx"] : [base, ""];
  for (let number = 1; ; number++) {
    const name = number === 1 ? base : `${stem}-${number}${end}`;
    if (!taken.has(name)) return name;
  }
}
