/** Parses the text of a configuration file, JSON or YAML, into sections with the line of every value. */
import { type Placed, placedValues } from "../../../system/placed_values.ts";
import { type ConfigSections, noOptions, noSections, SCHEMA_KEY } from "./sections.ts";

/**
 * Parses a text into sections.
 * @throws UserError that names the line.
 */
export function sectionsOfText(text: string, file: string, language: "JSON" | "YAML"): ConfigSections {
  const source = { file, language, code: "config-invalid", keys: "a verb or an option" } as const;
  const { value } = placedValues(text, source);
  if (!(value instanceof Map)) throw noSections(file);
  const sections = [...(value as Map<string, Placed>)].flatMap(([name, section]) => {
    if (name === SCHEMA_KEY) return [];
    if (!(section.value instanceof Map)) throw noOptions(name, section.place);
    const options = [...(section.value as Map<string, Placed>)].map(
      ([option, { value: given, place }]) => [option, { value: plain(given), place }] as const,
    );
    return [[name, { place: section.place, options: new Map(options) }] as const];
  });
  return new Map(sections);
}

/** A scalar, or a list of scalars. Anything else becomes {}, which no option accepts. */
function plain(value: unknown): unknown {
  if (value instanceof Map) return {};
  if (!Array.isArray(value)) return value;
  return value.map(({ value: item }: Placed) => (typeof item === "object" && item !== null ? {} : item));
}
