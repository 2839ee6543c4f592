/**
 * Parses the text of a configuration file, JSON or YAML, and records the line of every value. Only this file uses the
 * package yaml.
 */
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument, type YAMLMap } from "yaml";
import { UserError } from "../../../util/errors.ts";
import type { ConfigValue } from "../configured_values.ts";
import { type ConfigSections, noOptions, noSections, SCHEMA_KEY } from "./sections.ts";

/**
 * Parses a text into sections. JSON is strict (no comments, no trailing commas). YAML is version 1.2, without anchors,
 * aliases and tags. Duplicate keys are not allowed in either.
 * @throws UserError that names the line.
 */
export function sectionsOfText(text: string, file: string, language: "JSON" | "YAML"): ConfigSections {
  if (language === "JSON") requireJson(text, file);
  const lines = new LineCounter();
  const reader = new Reader(file, lines);
  // The package's own check for duplicate keys takes minutes for tens of thousands of keys, so Reader checks them
  // instead.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
  const wrong = [...document.errors, ...document.warnings][0];
  if (wrong) {
    const reason = /call stack/.test(wrong.message) ? "it nests too deeply" : wrong.message;
    throw new UserError(
      "config-invalid",
      `${reader.placeAt(wrong.pos[0])} is not ${language} as it is read here (${reason}): correct it.`,
    );
  }
  const { contents } = document;
  if (!isMap(contents)) throw noSections(file);
  const sections = reader.members(contents as YAMLMap<Node, Node | null>).flatMap(([name, node, place]) => {
    if (name === SCHEMA_KEY) return [];
    if (!isMap(node)) throw noOptions(name, place);
    const options = reader
      .members(node as YAMLMap<Node, Node | null>)
      .map(([option, value, at]): [string, ConfigValue] => [option, { value: reader.value(value), place: at }]);
    return [[name, { place, options: new Map(options) }] as const];
  });
  return new Map(sections);
}

function requireJson(text: string, file: string): void {
  try {
    JSON.parse(text);
  } catch (error) {
    const [, line] = /\(line (\d+) column/.exec(String(error)) ?? [];
    const fix = "correct it, or write YAML in a file that ends in .yaml";
    throw new UserError("config-invalid", `${file}${line ? `:${line}` : ""} is not JSON: ${fix}.`);
  }
}

/** Reads the nodes of one document. */
class Reader {
  readonly #file: string;
  readonly #lines: LineCounter;

  constructor(file: string, lines: LineCounter) {
    this.#file = file;
    this.#lines = lines;
  }

  placeAt(offset: number | undefined): string {
    return offset === undefined ? this.#file : `${this.#file}:${this.#lines.linePos(offset).line}`;
  }

  /** The members of a map: name, value, place. */
  members({ items }: YAMLMap<Node, Node | null>): [name: string, value: Node | null, place: string][] {
    const names = new Set<string>();
    return items.map(({ key, value }: Pair<Node, Node | null>) => {
      const place = this.placeAt(key?.range?.[0]);
      const name = isScalar(key) ? key.value : undefined;
      if (typeof name !== "string")
        throw new UserError("config-invalid", `A key in ${place} is not a text: name a verb or an option.`);
      if (names.has(name))
        throw new UserError("config-invalid", `"${name}" appears twice, again in ${place}: leave one out.`);
      names.add(name);
      return [name, value, place];
    });
  }

  /** A scalar, or a list of scalars. Anything else becomes {}, which no option accepts. */
  value(node: Node | null): unknown {
    if (isAlias(node) || node?.anchor !== undefined) {
      throw new UserError(
        "config-invalid",
        `${this.placeAt(node.range?.[0])} has an anchor or alias, which is not read here: write the value itself.`,
      );
    }
    if (node === null) return null;
    if (isScalar(node)) return node.value;
    if (!isSeq(node)) return {};
    return node.items.map((item) => (isSeq(item) ? {} : this.value(item as Node | null)));
  }
}
