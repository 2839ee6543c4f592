/** The pictures of the patches that a report shows, as data URIs. */
import type { Dataset } from "../../histology/dataset/dataset.ts";
import { encodePng } from "../../histology/image/decode.ts";
import type { Gallery } from "../../reports/evaluation/gallery.ts";

/** The gallery's pictures by patch id, as PNG in data URIs. */
export async function galleryPictures(dataset: Dataset, gallery: Gallery): Promise<Map<string, string>> {
  const { false_positives, false_negatives, hardest_cases } = gallery;
  const shown = [false_positives, false_negatives, ...hardest_cases.map(({ worst }) => worst)].flat();
  const pictures = shown.map(async ({ index, id }) => {
    const data = new Uint8Array(dataset.recordBytes);
    dataset.read(index, data, 0);
    const png = await encodePng({ width: dataset.side, height: dataset.side, data });
    return [id, `data:image/png;base64,${png.toString("base64")}`] as const;
  });
  return new Map(await Promise.all(pictures));
}
