/** Finds the restart markers of a JPEG stream, for files that do not state their positions. */
import type { LevelPlan } from "./level_plan.ts";

/** The offset of each piece from the start of the stream. */
export type PieceStarts = Float64Array;

const CHUNK_BYTES = 1 << 20;

/** @throws Error if there are fewer markers than expected. */
export async function foundStarts(
  { file, start, bytes }: LevelPlan,
  header: number,
  count: number,
): Promise<PieceStarts> {
  if (count * 2 > bytes) throw new Error(`it is too short for ${count} pieces`);
  const found = new Float64Array(count);
  found[0] = header;
  let pieces = 1;
  for (let place = header; place < bytes && pieces < count; place += CHUNK_BYTES) {
    // One extra byte, for a marker that spans two chunks.
    const chunk = await file.read(start + place, Math.min(CHUNK_BYTES + 1, bytes - place));
    for (
      let at = chunk.indexOf(0xff);
      at >= 0 && at + 1 < chunk.length && at < CHUNK_BYTES;
      at = chunk.indexOf(0xff, at + 1)
    ) {
      const marker = chunk[at + 1]!;
      if (marker >= 0xd0 && marker <= 0xd7 && pieces < count) found[pieces++] = place + at + 2;
    }
  }
  if (pieces === count) return found;
  throw new Error(`it has ${pieces} pieces, not ${count}`);
}
