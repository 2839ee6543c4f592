/**
 * Parses JSON or YAML that a person has written, and records the line of every value. Only this file uses the package
 * yaml.
 */
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type YAMLMap } from "yaml";
import type { ErrorCode } from "../util/error_codes.ts";
import { UserError } from "../util/errors.ts";

/** A value and its position: "table.yaml:4". */
export interface Placed {
  readonly place: string;
  readonly value: PlacedValue;
}

/** A scalar, a list, or members by name. What lies deeper than any file needs is an empty map. */
export type PlacedValue = unknown | readonly Placed[] | ReadonlyMap<string, Placed>;

/** The file, for errors, and what its keys name: "a verb or an option". */
export interface PlacedSource {
  readonly file: string;
  readonly language: "JSON" | "YAML";
  readonly code: ErrorCode;
  readonly keys: string;
}

const DEEPEST = 6;

/**
 * Parses a text. JSON is strict (no comments, no trailing commas). YAML is version 1.2, without anchors, aliases and
 * tags. Duplicate keys are not allowed in either.
 * @throws UserError that names the line.
 */
export function placedValues(text: string, source: PlacedSource): Placed {
  const { file, language, code } = source;
  if (language === "JSON") requireJson(text, source);
  const lines = new LineCounter();
  const reader = new Reader(source, lines);
  // The package's own check for duplicate keys takes minutes for tens of thousands of keys, so Reader checks them
  // instead.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
  const wrong = [...document.errors, ...document.warnings][0];
  if (wrong) {
    const reason = /call stack/.test(wrong.message) ? "it nests too deeply" : wrong.message;
    throw new UserError(
      code,
      `${reader.placeAt(wrong.pos[0])} is not ${language} as it is read here (${reason}): correct it.`,
    );
  }
  return { ...reader.placed(document.contents as Node | null, 0), place: file };
}

function requireJson(text: string, { file, code }: PlacedSource): void {
  try {
    JSON.parse(text);
  } catch (error) {
    const [, line] = /\(line (\d+) column/.exec(String(error)) ?? [];
    const fix = "correct it, or write YAML in a file that ends in .yaml";
    throw new UserError(code, `${file}${line ? `:${line}` : ""} is not JSON: ${fix}.`);
  }
}

/** Reads the nodes of one document. */
class Reader {
  readonly #source: PlacedSource;
  readonly #lines: LineCounter;

  constructor(source: PlacedSource, lines: LineCounter) {
    this.#source = source;
    this.#lines = lines;
  }

  placeAt(offset: number | undefined): string {
    const { file } = this.#source;
    return offset === undefined ? file : `${file}:${this.#lines.linePos(offset).line}`;
  }

  placed(node: Node | null, depth: number): Placed {
    const place = this.placeAt(node?.range?.[0]);
    if (isMap(node) && depth < DEEPEST)
      return { place, value: this.#members(node as YAMLMap<Node, Node | null>, depth) };
    // A whole section that is an alias is refused by the reader of the sections.
    if (isAlias(node) && depth < 2) return { place, value: undefined };
    if (isAlias(node) || (isScalar(node) && node.anchor !== undefined) || (isSeq(node) && node.anchor !== undefined)) {
      throw new UserError(
        this.#source.code,
        `${place} has an anchor or alias, which is not read here: write the value itself.`,
      );
    }
    if (node === null) return { place, value: null };
    if (isScalar(node)) return { place, value: node.value };
    if (depth === DEEPEST) return { place, value: new Map() };
    if (isSeq(node)) return { place, value: node.items.map((item) => this.placed(item as Node | null, depth + 1)) };
    return { place, value: new Map() };
  }

  /** The members of a map. The place of each is that of its key. */
  #members({ items }: YAMLMap<Node, Node | null>, depth: number): Map<string, Placed> {
    const { code, keys } = this.#source;
    const members = new Map<string, Placed>();
    for (const { key, value } of items) {
      const place = this.placeAt(key?.range?.[0]);
      const name = isScalar(key) ? key.value : undefined;
      if (typeof name !== "string") throw new UserError(code, `A key in ${place} is not a text: name ${keys}.`);
      if (members.has(name)) throw new UserError(code, `"${name}" appears twice, again in ${place}: leave one out.`);
      members.set(name, { ...this.placed(value, depth + 1), place });
    }
    return members;
  }
}
