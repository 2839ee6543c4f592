/** Which patches the report shows - the surest mistakes, and the hardest cases - and their pictures as data URIs. */
import type { Dataset } from "../../histology/dataset/dataset.ts";
import { encodePng } from "../../histology/image/decode.ts";
import type { Gallery, HardCase, ShownPatch } from "../../reports/evaluation/gallery.ts";

const MISTAKES = 12;
const HARDEST_CASES = 3;
const PATCHES_A_CASE = 6;
/** Smaller cases are hard by chance. */
const FEWEST_PATCHES = 20;

/** Chooses the patches to show. Equals come in the order of the dataset. */
export function chooseGallery(patches: readonly ShownPatch[], threshold: number): Gallery {
  const surest = (label: 0 | 1) =>
    patches
      .filter((patch) => patch.label === label && patch.probability >= threshold === (label === 0))
      .sort((a, b) => errorOf(b) - errorOf(a))
      .slice(0, MISTAKES);
  return { false_positives: surest(0), false_negatives: surest(1), hardest_cases: hardestCases(patches) };
}

function hardestCases(patches: readonly ShownPatch[]): HardCase[] {
  const named = patches.filter((patch) => patch.case !== "");
  return [...Map.groupBy(named, (patch) => patch.case)]
    .filter(([, members]) => members.length >= FEWEST_PATCHES)
    .map(([caseId, members]) => ({
      case: caseId,
      patches: members.length,
      brier: members.reduce((sum, patch) => sum + errorOf(patch) ** 2, 0) / members.length,
      worst: [...members].sort((a, b) => errorOf(b) - errorOf(a)).slice(0, PATCHES_A_CASE),
    }))
    .sort((a, b) => b.brier - a.brier)
    .slice(0, HARDEST_CASES);
}

function errorOf({ label, probability }: ShownPatch): number {
  return Math.abs(probability - label);
}

/** The pictures of a gallery by patch id: PNG as data URIs. */
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
