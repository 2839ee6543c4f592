/** The command "import": reads weights that Keras saved, and writes a model file. */
import { open } from "node:fs/promises";
import type * as z from "zod";
import { IMPORTED } from "../artifacts/model_card.ts";
import { modelFile } from "../artifacts/model_file.ts";
import { readKerasIsolated } from "../engine/keras/isolated.ts";
import type { KerasContent } from "../engine/keras/read.ts";
import { MODELS } from "../engine/models/table.ts";
import { summarize } from "../engine/nn/model.ts";
import type { ClassNames } from "../histology/dataset/class_names.ts";
import { checkedOptions } from "../options/checked_options.ts";
import { type ImportOptions, importOptions } from "../options/import.ts";
import type { ImportResult } from "../reports/conversion/report.ts";
import { decodeText, fileError, kindOf, readBytes } from "../system/files.ts";
import { publishFile, requireOutputFile } from "../system/output_file.ts";
import { openZip, type ZipUse } from "../system/zip.ts";
import { readMember, type SizeLimit } from "../system/zip_member.ts";
import type { Context } from "../util/context.ts";
import { UserError } from "../util/errors.ts";
import { RESEARCH_USE_NOTICE } from "../util/notice.ts";

type Checked = z.output<typeof importOptions>;

export type { ImportResult };

const REMEDY = 'save the network again with model.save("model.keras") and give that file';

/**
 * Reads Keras weights for one of this package's models and writes them as an uncalibrated model file.
 * @throws UserError if the file is damaged, is not a Keras file, or belongs to another network, or if the class names
 *   are not two different names.
 */
export async function importWeights(given: ImportOptions, context: Context): Promise<ImportResult> {
  const options = checkedOptions(importOptions, given);
  const { weights, out } = options;
  const class_names = classNamesOf(options);
  const { reporter, signal } = context;
  const model = MODELS[options.model];
  const content = await readContent(weights);
  signal.throwIfAborted();
  const output = { path: out, flag: "--out", overwrite: options.overwrite };
  await requireOutputFile(output, [weights], reporter.warn.bind(reporter));
  const answer = await readKerasIsolated({ model, content }, signal);
  if ("damaged" in answer) {
    throw new UserError(
      "weights-damaged",
      `${weights} is damaged, or no file that Keras saves (${answer.damaged}): ${REMEDY}.`,
    );
  }
  if ("differs" in answer) {
    throw new UserError(
      "weights-mismatch",
      `${weights} does not hold ${options.model} (${answer.differs}): give weights of that network, or name another with --model.`,
    );
  }
  const { arrays, described } = answer.read;
  signal.throwIfAborted();
  await publishFile(output, modelFile({ model, arrays }, { ...IMPORTED, class_names }));
  const { parameters } = summarize(model);
  return {
    model: out,
    architecture: options.model,
    weights,
    parameters,
    described,
    class_names: class_names ?? null,
    notice: RESEARCH_USE_NOTICE,
  };
}

/** The names of the classes; undefined if none are given. */
function classNamesOf({ negative, positive }: Checked): ClassNames | undefined {
  if (negative === undefined && positive === undefined) return undefined;
  if (negative === undefined || positive === undefined) {
    throw new UserError("options-conflict", "--negative and --positive name the two classes: give both, or neither.");
  }
  if (negative !== positive) return [negative, positive];
  throw new UserError("options-conflict", `--negative and --positive are both "${negative}": give two names.`);
}

const ZIP_START = Buffer.from("PK\x03\x04", "latin1");
const HDF5_START = Buffer.from("\x89HDF\r\n\x1a\n", "latin1");

/** Reads a file; its first bytes determine the format. */
async function readContent(path: string): Promise<KerasContent> {
  const kind = await kindOf(path);
  if (kind === "nothing")
    throw new UserError("weights-missing", `There is no file at ${path}: give what Keras has saved.`);
  if (kind === "folder")
    throw new UserError("weights-unsupported", `${path} is a folder, such as TensorFlow's SavedModel: ${REMEDY}.`);
  const start = await firstBytes(path, HDF5_START.length);
  if (start.equals(HDF5_START)) return { hdf5: await readBytes(path, "the weights") };
  if (start.subarray(0, ZIP_START.length).equals(ZIP_START)) return readArchive(path);
  throw new UserError(
    "weights-unsupported",
    `${path} is neither an HDF5 file (.h5, .weights.h5) nor a .keras archive: ${REMEDY}.`,
  );
}

async function firstBytes(path: string, count: number): Promise<Buffer> {
  try {
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(count), 0, count, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw fileError(error, `cannot read ${path}`, "check its permissions");
  }
}

const MOST_MEGABYTES = 128;
const LIMIT: SizeLimit = {
  maxFileBytes: MOST_MEGABYTES * 1024 * 1024,
  tooLarge: `it has more than ${MOST_MEGABYTES} MB, as no network of ours`,
};
const ARCHIVE: ZipUse = { expected: "a .keras archive", instead: REMEDY };
const [WEIGHTS, DESCRIPTION] = ["model.weights.h5", "config.json"];

async function readArchive(path: string): Promise<KerasContent> {
  const archive = await openZip(path, ARCHIVE);
  try {
    const missing = [WEIGHTS, DESCRIPTION].find((name) => !archive.paths.includes(name));
    if (missing !== undefined) {
      throw new UserError(
        "weights-unsupported",
        `${path} is a zip archive, but not one that Keras saves (it has no ${missing}): ${REMEDY}.`,
      );
    }
    const read = (name: string) => readMember(archive.locate(name), LIMIT);
    return { hdf5: read(WEIGHTS), description: decodeText(read(DESCRIPTION), `${DESCRIPTION} in ${path}`) };
  } finally {
    await archive.close();
  }
}
