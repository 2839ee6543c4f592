/** Reads and writes dataset.json: a description with its seal. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import * as z from "zod";
import { UserError } from "../../util/errors.ts";
import { checked, type Expected, parseJson } from "../../util/json.ts";
import {
  count,
  DATASET_FILES,
  type DatasetDescription,
  descriptionSchema,
  FORMAT_VERSION,
  sha256Text,
} from "./description.ts";

/** The paths of the dataset files that are read. */
export function datasetPaths(folder: string): string[] {
  const { description, manifest, patches } = DATASET_FILES;
  return [description, manifest, patches].map((name) => join(folder, name));
}

/** Format 2, written by earlier versions. It counts the patches of class 0 under a different name. */
const OLDER_VERSION = 2;
const olderCounts = z.object({ cases: count, patches: count, benign: count, idc: count });
const olderSchema = descriptionSchema.extend({
  formatVersion: z.literal(OLDER_VERSION),
  counts: z.object({ train: olderCounts, val: olderCounts, test: olderCounts }),
});

/** The SHA-256 of the parsed values, in the schema's order. White space in the file does not matter. */
const sealOf = (taken: object): string => createHash("sha256").update(JSON.stringify(taken)).digest("hex");

/** The text of dataset.json, with its seal as the last member. */
export function descriptionText(description: DatasetDescription): string {
  return `${JSON.stringify({ ...description, seal: sealOf(descriptionSchema.parse(description)) }, null, 2)}\n`;
}

/** @throws UserError if the text is not a description, was changed, or has a format version other than 2 and 3. */
export function parseDescription(text: string, place: string): DatasetDescription {
  const expected: Expected = {
    code: "dataset-damaged",
    place,
    what: "a dataset's description",
    remedy: "prepare the dataset again",
  };
  const value = parseJson(text, expected);
  const version = z.object({ formatVersion: z.number() }).safeParse(value).data?.formatVersion ?? FORMAT_VERSION;
  if (version === OLDER_VERSION) return renewed(unsealed(olderSchema, value, expected));
  if (version === FORMAT_VERSION) return unsealed(descriptionSchema, value, expected);
  throw new UserError(
    "dataset-other-format",
    `${place} has format version ${version}, but this program reads version ${FORMAT_VERSION}: ` +
      "prepare the dataset again, or use the program that wrote it.",
  );
}

/** Returns the description if its seal matches. */
function unsealed<S extends z.ZodObject>(schema: S, value: unknown, expected: Expected): z.output<S> {
  const { seal, ...description } = checked(schema.extend({ seal: sha256Text }), value, expected) as z.output<S> & {
    seal: string;
  };
  if (seal === sealOf(schema.parse(description))) return description as unknown as z.output<S>;
  throw new UserError(
    "dataset-damaged",
    `${expected.place} was changed since the dataset was prepared (its seal does not fit its content): prepare the dataset again.`,
  );
}

/** Converts a description of format 2 to the current format. */
function renewed({ counts, ...description }: z.output<typeof olderSchema>): DatasetDescription {
  const own = ({ benign, idc, ...part }: z.output<typeof olderCounts>) => ({ ...part, no_idc: benign, idc });
  const { train, val, test } = counts;
  return {
    ...description,
    formatVersion: FORMAT_VERSION,
    counts: { train: own(train), val: own(val), test: own(test) },
  };
}
