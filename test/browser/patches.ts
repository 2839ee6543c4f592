/** A thousand patches for comparisons: real ones if there are some, otherwise changed copies of drawn ones. */
import { join } from "node:path";
import { viewsOfSquare } from "../../src/engine/models/views.ts";
import { readPlace } from "../../src/histology/dataset/file_place.ts";
import { openSource } from "../../src/histology/dataset/open_source.ts";
import { toRecord } from "../../src/histology/dataset/record.ts";
import { decodeImage } from "../../src/histology/image/decode.ts";
import { RandomStream } from "../../src/system/random.ts";
import { syntheticPatches } from "../workflows/explain_support.ts";

export const SIDE = 50;

/** Uint8 RGB [50][50][3] each. */
export function patches(count: number): Promise<Uint8Array[]> {
  const data = process.env.IDC_DATA;
  return data === undefined ? Promise.resolve(changedPatches(count)) : realPatches(data, count);
}

async function realPatches(folder: string, count: number): Promise<Uint8Array[]> {
  const source = await openSource(join(folder, "idc-subset.zip"));
  const paths = new RandomStream(1, "patches").shuffle(
    [...source.paths].filter((path) => path.endsWith(".png")).sort(),
  );
  const found: Uint8Array[] = [];
  for (const path of paths.slice(0, count))
    found.push(toRecord(await decodeImage(readPlace(source.locate(path)), path)));
  await source.close();
  return found;
}

/** Each of the eight views of drawn patches, each time a little brighter. */
function changedPatches(count: number): Uint8Array[] {
  const drawn = syntheticPatches(25);
  const views = viewsOfSquare(SIDE);
  return Array.from({ length: count }, (_, index) => {
    const { data } = drawn[index % drawn.length]!;
    const view = views[Math.floor(index / drawn.length) % views.length]!;
    const lift = Math.floor(index / (drawn.length * views.length)) * 5;
    return Uint8Array.from({ length: data.length }, (_, at) =>
      Math.min(255, data[view[Math.floor(at / 3)]! * 3 + (at % 3)]! + lift),
    );
  });
}
