/** JSON damaged as text and member by member. */
import { BOM } from "./manifests.ts";

/** Texts that stand where JSON belongs. */
export function damagedJson(whole: string): Readonly<Record<string, string | Buffer>> {
  return {
    empty: "",
    "a bracket": "{",
    null: "null",
    "a number": "5",
    "an array": "[]",
    "a text": '"text"',
    "NUL bytes": "\0".repeat(100),
    "NUL bytes behind it": `${whole}\0\0`,
    "UTF-16, as Windows writes it": Buffer.from(BOM + whole, "utf16le"),
    "100,000 brackets": "[".repeat(100_000),
    "100,000 brackets, closed": `${"[".repeat(100_000)}${"]".repeat(100_000)}`,
    "100,000 objects, closed": `${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`,
    "a comment": `// note\n${whole}`,
    "a comma too many": whole.replace(/\}\s*$/, ",}"),
    "single quotes": whole.replaceAll('"', "'"),
    "bytes that are no UTF-8": Buffer.concat([
      Buffer.from(whole.slice(0, 30)),
      Buffer.from([0xff, 0xfe, 0x80]),
      Buffer.from(whole.slice(30)),
    ]),
    "__proto__ alone": '{"__proto__": {"formatVersion": 1, "format": 1}}',
    ...Object.fromEntries(
      [0.1, 0.4, 0.7, 0.98].map((share) => [`cut at ${share}`, whole.slice(0, Math.floor(share * whole.length))]),
    ),
  };
}

const WRONG_VALUES: readonly unknown[] = [null, -1, 1.5, "text", [], {}, true, 1e300];

/** The object with each of its members, at any depth, missing or of another type. */
export function* damagedMembers(whole: Record<string, unknown>, path: string[] = []): Generator<[string, unknown]> {
  for (const [key, value] of Object.entries(whole)) {
    const place = [...path, key].join(".");
    const { [key]: _, ...rest } = whole;
    yield [`without ${place}`, rest];
    const wrong = WRONG_VALUES.find(
      (other) => JSON.stringify(other) !== JSON.stringify(value) && typeof other !== typeof value,
    )!;
    for (const other of [wrong, typeof value === "number" ? -1 : 7])
      yield [`${place} = ${JSON.stringify(other)}`, { ...whole, [key]: other }];
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      for (const [what, damaged] of damagedMembers(value as Record<string, unknown>, [...path, key]))
        yield [what, { ...whole, [key]: damaged }];
    }
  }
}
