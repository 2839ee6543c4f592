/** dataset.json: a description with its seal, written and read again. */

import { createHash } from "node:crypto";
import { join } from "node:path";
import { z } from "zod";
import { UserError } from "../../util/errors.ts";
import { checked, parseJson } from "../../util/json.ts";
import {
  DATASET_FILES,
  type DatasetDescription,
  descriptionSchema,
  FORMAT_VERSION,
  sha256Text,
} from "./description.ts";

/** The paths of the files that are read of a dataset. */
export function datasetPaths(folder: string): string[] {
  const { description, manifest, patches } = DATASET_FILES;
  return [description, manifest, patches].map((name) => join(folder, name));
}

const sealedSchema = descriptionSchema.extend({ seal: sha256Text });

/** The SHA-256 of what a reader takes from a description, in the schema's order: white space between does not matter. */
function sealOf(description: DatasetDescription): string {
  return createHash("sha256")
    .update(JSON.stringify(descriptionSchema.parse(description)))
    .digest("hex");
}

/** The text of dataset.json, with its seal as the last member. */
export function descriptionText(description: DatasetDescription): string {
  return `${JSON.stringify({ ...description, seal: sealOf(description) }, null, 2)}\n`;
}

/** @throws UserError where the text is not a description, was changed, or is of another version of the format. */
export function parseDescription(text: string, place: string): DatasetDescription {
  const expected = { place, what: "a dataset's description", remedy: "prepare the dataset again" };
  const value = parseJson(text, expected);
  const version = z.object({ formatVersion: z.number() }).safeParse(value);
  if (version.success && version.data.formatVersion !== FORMAT_VERSION) {
    throw new UserError(
      `${place} has format version ${version.data.formatVersion}, but this program reads version ${FORMAT_VERSION}: ` +
        "prepare the dataset again, or use the program that wrote it.",
    );
  }
  const { seal, ...description } = checked(sealedSchema, value, expected);
  if (seal === sealOf(description)) return description;
  throw new UserError(
    `${place} was changed since the dataset was prepared (its seal does not fit its content): prepare the dataset again.`,
  );
}
