/** Makes the JSON Schema of a configuration file, for editors, from the schemas of the commands. */
import * as z from "zod";
import { fallbackWords, type OptionMeta } from "../../../options/meta.ts";
import type { CommandRow } from "../command_row.ts";
import { SHARED } from "./choose.ts";
import { SCHEMA_KEY } from "./sections.ts";

type Json = Record<string, unknown>;

/** Our own keywords in the schema of an option, which are not JSON Schema. */
const OWN_WORDS = ["placeholder", "short", "positional", "path", "resumes", "output", "group", "fallback"];

/** Returns the JSON Schema. The program checks some options more strictly than JSON Schema can express. */
export async function configSchema(commands: readonly CommandRow[]): Promise<Json> {
  const sections: [string, string, Json][] = [];
  for (const { name, summary, load } of commands) {
    sections.push([name, summary, optionsOf((await load()).options)]);
  }
  const all = Map.groupBy(
    sections.flatMap(([, , options]) => Object.entries(options)),
    ([name]) => name,
  );
  const shared = [...all].map(([name, rows]) => [name, oneOf(rows.map(([, option]) => option as Json))]);
  const properties = Object.fromEntries(
    sections.map(([name, description, options]) => [name, section(description, options)]),
  );
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Options of cancernet, by verb",
    type: "object",
    additionalProperties: false,
    properties: {
      [SCHEMA_KEY]: { type: "string" },
      [SHARED]: section("Options of several verbs; a verb's own section goes before it.", Object.fromEntries(shared)),
      ...properties,
    },
  };
}

const section = (description: string, properties: Json): Json => ({
  description,
  type: "object",
  additionalProperties: false,
  properties,
});

function optionsOf(schema: z.ZodObject): Json {
  const { properties = {} } = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  const entries = Object.entries(properties as Record<string, Json>).filter(([, option]) => option.resumes !== true);
  return Object.fromEntries(
    entries.map(([name, option]) => [
      name,
      {
        ...Object.fromEntries(Object.entries(option).filter(([word]) => !OWN_WORDS.includes(word))),
        ...otherwise(option),
      },
    ]),
  );
}

/** The default of an option, as JSON Schema keywords. */
function otherwise({ description, fallback }: Json & OptionMeta): Json {
  if (fallback && "value" in fallback) return { default: fallback.value };
  const words = fallbackWords(fallback);
  return words === undefined ? {} : { description: `${description} [${words}]` };
}

/** A schema that accepts whatever one of several schemas accepts; duplicates are removed. */
function oneOf(options: readonly Json[]): Json {
  const distinct = [...new Map(options.map((option) => [JSON.stringify(option), option])).values()];
  return distinct.length === 1 ? distinct[0]! : { anyOf: distinct };
}
