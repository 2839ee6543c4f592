/** What a form suggests for options that are paths: the first item that fits, and a free name for the output. */
import type { Item } from "../../../api/items.ts";
import type { JobFacts } from "../../../api/jobs.ts";
import { type FormValues, type FormVerb, formEntries, freeName, isPlace, placeOf } from "./form.ts";

const OUTPUTS: Readonly<Partial<Record<FormVerb, string>>> = {
  train: "run",
  crossvalidate: "crossvalidation",
  slide: "slide-result",
  calibrate: "calibrated.onnx",
  demo: "demo",
};

/** The items that an option that is a path may be; the newest runs first. */
export function candidates(verb: FormVerb, property: string, items: readonly Item[]): Item[] {
  const entry = formEntries(verb).find((one) => one.property === property)!;
  const place = placeOf(verb, entry);
  if (place === undefined || place === "new") return [];
  const fit = items.filter((item) => place.includes(item.kind) && item.problem === undefined);
  const usable = fit.filter((item) => item.kind !== "run" || entry.resumes || item.hasModel);
  return place.includes("run") ? usable.sort((a, b) => b.changed - a.changed) : usable;
}

/** The values that a form starts with. A person's values take precedence. */
export function suggestions(verb: FormVerb, items: readonly Item[], jobs: readonly JobFacts[]): FormValues {
  const taken = new Set([
    ...items.map(({ path }) => path.split("/")[0]!),
    ...jobs.flatMap(({ out }) => (out === null ? [] : [out])),
  ]);
  const values = formEntries(verb).flatMap((entry): [string, string | readonly string[]][] => {
    const { property, positional, repeated, fallback } = entry;
    if (!isPlace(entry)) return [];
    if (property === "out" && fallback === undefined) return [[property, freeName(OUTPUTS[verb] ?? verb, taken)]];
    const first = positional ? candidates(verb, property, items)[0] : undefined;
    if (!first || (repeated && verb === "compare")) return [];
    return [[property, repeated ? [first.id] : first.id]];
  });
  return Object.fromEntries(values);
}
