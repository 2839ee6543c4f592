/**
 * The checkpoints of a run folder. Two files are written alternately, so that the older one remains until the new one
 * is verified.
 */
import { join } from "node:path";
import { kindOf, readBytes, writeFileAtomically } from "../system/files.ts";
import { UserError } from "../util/errors.ts";
import { type Checkpoint, CheckpointError, decodeCheckpoint, encodeCheckpoint, type Position } from "./checkpoint.ts";
import { CHECKPOINT_FILES } from "./run_files.ts";
import { positionText } from "./training_position.ts";

export interface Checkpoints {
  /** The newest intact checkpoint; undefined if the folder has none. */
  readonly last: Checkpoint | undefined;
  /** Writes the next checkpoint, and reads it back to verify it. */
  save(checkpoint: Checkpoint): Promise<void>;
}

/**
 * Opens the checkpoints of a folder. Warns about damaged files and ignores them.
 * @throws UserError if all checkpoints are damaged, or another version of the software wrote one.
 */
export async function openCheckpoints(folder: string, warn: (line: string) => void): Promise<Checkpoints> {
  const sound: { path: string; checkpoint: Checkpoint }[] = [];
  const damaged: string[] = [];
  const paths = CHECKPOINT_FILES.map((name) => join(folder, name));
  for (const path of paths) {
    if ((await kindOf(path)) === "nothing") continue;
    try {
      sound.push({ path, checkpoint: decodeCheckpoint(await readBytes(path, "the checkpoint")) });
    } catch (error) {
      if (!(error instanceof CheckpointError)) throw error;
      if (error.otherVersion) {
        throw new UserError(
          "checkpoint-other-format",
          `Cannot go on from ${path}: ${error.message}; go on with the version that wrote it.`,
        );
      }
      damaged.push(`the checkpoint ${path} is damaged (${error.message})`);
    }
  }
  sound.sort((one, other) => compare(other.checkpoint, one.checkpoint));
  const newest = sound[0];
  if (newest) {
    const instead = `going on from ${newest.path}, ${positionText({ epochs: newest.checkpoint.epoch, steps: newest.checkpoint.inEpoch.steps })}`;
    for (const complaint of damaged) warn(`${complaint}; ${instead}.`);
  } else if (damaged.length > 0) {
    throw new UserError(
      "checkpoint-damaged",
      `Cannot go on: ${damaged.join(", and ")}; restore one from a copy, or train again with --out.`,
    );
  }
  let kept = newest?.path;
  return {
    last: newest?.checkpoint,
    async save(checkpoint) {
      const path = paths.find((one) => one !== kept)!;
      const bytes = encodeCheckpoint(checkpoint);
      await writeFileAtomically(path, bytes);
      if (Buffer.compare(await readBytes(path, "the checkpoint"), bytes) !== 0) {
        throw new UserError("disk-failed", `${path} reads otherwise than it was written: check the disk.`);
      }
      kept = path;
    },
  };
}

/** Compares two positions: positive if the first is later. */
function compare(one: Position, other: Position): number {
  return one.epoch - other.epoch || one.inEpoch.steps - other.inEpoch.steps;
}
