/** The manifest of a unit in object storage: its files, their hashes, and where the objects lie. */
import { posix } from "node:path";
import * as z from "zod";
import { checked, type Expected, parseJson } from "../util/json.ts";
import { UNITS_FOLDER } from "./parts.ts";

/** A path without a part that is empty, hidden or leads upwards. */
const FILE = /^(?![.])[^/\\\0]{1,255}(\/(?![.])[^/\\\0]{1,255}){0,9}$/;

const schema = z.object({
  format: z.literal(1),
  /** Where the objects lie, from the address of the results on. */
  at: z.string().refine((at) => at.startsWith(`${UNITS_FOLDER}/parts/`) && posix.normalize(at) === at, {
    error: "must be the place of an attempt",
  }),
  files: z.array(
    z.object({
      name: z.string().regex(FILE, "must be the path of a file"),
      bytes: z.int().min(0),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
    }),
  ),
});

export type Manifest = z.output<typeof schema>;

export const manifestText = (manifest: Manifest): string => `${JSON.stringify(manifest, null, 2)}\n`;

/** @param place names it in errors. @throws UserError if it is damaged. */
export function parseManifest(text: string, place: string): Manifest {
  const expected: Expected = {
    code: "output-mismatch",
    place,
    what: "the manifest of a unit",
    remedy: "remove it, and give the same command again",
  };
  return checked(schema, parseJson(text, expected), expected);
}

/** The first file in which two units differ; undefined if they are equal. */
export function firstDifference(one: Manifest, other: Manifest): string | undefined {
  const [a, b] = [one, other].map(({ files }) => new Map(files.map((file) => [file.name, file.sha256])));
  return [...new Set([...a!.keys(), ...b!.keys()])].sort().find((name) => a!.get(name) !== b!.get(name));
}
