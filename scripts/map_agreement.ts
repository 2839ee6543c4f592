/**
 * Measures how well the two maps of "explain" agree on real patches of the test split, and compares this with maps of
 * two different patches, which agree only by chance. Usage: node scripts/map_agreement.ts DATA [patches of each class].
 * The results are in docs/explain.md.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { bundledModelPath } from "../src/artifacts/bundled_models.ts";
import { readModelFile } from "../src/artifacts/open_model.ts";
import { readPlace } from "../src/histology/dataset/file_place.ts";
import { openSource } from "../src/histology/dataset/open_source.ts";
import { RECORD_SIZE_PIXELS, toRecord } from "../src/histology/dataset/record.ts";
import { decodeImage } from "../src/histology/image/decode.ts";
import type { RgbImage } from "../src/histology/image/rgb.ts";
import { rankCorrelation } from "../src/metrics/rank_correlation.ts";
import { BUNDLED_MODELS, type BundledModelName } from "../src/options/bundled_models.ts";
import { AGREEMENT_LIMIT, mapsDisagree } from "../src/reports/explanation/agreement.ts";
import { coarsened } from "../src/reports/explanation/occlusion.ts";
import { RandomStream } from "../src/system/random.ts";
import { Explainer } from "../src/workflows/explain/explainer.ts";

const QUANTILES = [0.05, 0.25, 0.5, 0.75, 0.95];
/** Each Grad-CAM map is compared with the occlusion maps of this many other patches. */
const OTHERS = 40;

interface Measured {
  readonly label: number;
  readonly called: number;
  readonly gradCam: ArrayLike<number>;
  readonly occlusion: ArrayLike<number>;
  readonly agreement: number | null;
}

/** The first patches of each class of the test split, in a seeded random order. */
async function realPatches(folder: string, ofEach: number): Promise<{ label: number; image: RgbImage }[]> {
  const cases = new Set(readFileSync(join(folder, "splits", "cases_test.txt"), "utf8").split(/\s+/));
  const source = await openSource(join(folder, "idc-subset.zip"));
  try {
    const paths = source.paths.filter((path) => cases.has(path.split("/")[0]!)).sort();
    const shuffled = new RandomStream(1, "patches").shuffle(paths);
    const found: { label: number; image: RgbImage }[] = [];
    for (const label of [1, 0]) {
      for (const path of shuffled.filter((one) => one.endsWith(`class${label}.png`)).slice(0, ofEach)) {
        const picture = await decodeImage(readPlace(source.locate(path)), path);
        const image = { width: RECORD_SIZE_PIXELS, height: RECORD_SIZE_PIXELS, data: toRecord(picture) };
        found.push({ label, image });
      }
    }
    return found;
  } finally {
    await source.close();
  }
}

async function measure(name: BundledModelName, patches: Awaited<ReturnType<typeof realPatches>>): Promise<Measured[]> {
  const squares = { square: 8, stride: 4 };
  const file = await readModelFile({ modelPath: bundledModelPath(name)!, place: name });
  const explainer = await Explainer.open(file, { squares, session: { threads: 2 } });
  try {
    const measured: Measured[] = [];
    for (const { label, image } of patches) {
      const { gradCam, occlusion, agreement, probability, threshold } = await explainer.explain(image);
      const coarse = coarsened(occlusion, gradCam.height, gradCam.width);
      const called = probability >= threshold ? 1 : 0;
      measured.push({ label, called, gradCam: gradCam.values, occlusion: coarse.values, agreement });
    }
    return measured;
  } finally {
    await explainer.close();
  }
}

const sorted = (values: readonly number[]) => values.toSorted((a, b) => a - b);
const quantile = (values: readonly number[], share: number) =>
  sorted(values)[Math.min(values.length - 1, Math.floor(share * values.length))]!;
const quantilesOf = (values: readonly number[]) =>
  QUANTILES.map((share) => quantile(values, share).toFixed(2)).join("  ");
const shareOf = (values: readonly boolean[]) => (values.filter(Boolean).length / values.length).toFixed(3);

const [folder, ofEach = "250"] = process.argv.slice(2);
if (folder === undefined) throw new Error("Name the folder of the data.");
const patches = await realPatches(folder, Number(ofEach));
console.log(`${patches.length} patches; quantiles ${QUANTILES.join(", ")}; limit ${AGREEMENT_LIMIT}`);
for (const name of Object.keys(BUNDLED_MODELS) as BundledModelName[]) {
  const all = await measure(name, patches);
  const own = all.map(({ agreement }) => agreement ?? 0);
  const others = all.flatMap(({ gradCam }, index) =>
    Array.from({ length: Math.min(OTHERS, all.length - 1) }, (_, k) => {
      const other = all[(index + 1 + k * 7) % all.length]!;
      return other === all[index] ? 0 : (rankCorrelation(gradCam, other.occlusion) ?? 0);
    }),
  );
  const right = (disagree: boolean) =>
    shareOf(all.filter((one) => mapsDisagree(one.agreement) === disagree).map((one) => one.label === one.called));
  console.log(`${name}: maps of one patch       ${quantilesOf(own)}`);
  console.log(`${name}: maps of two patches     ${quantilesOf(others)}`);
  console.log(
    `${name}: below the limit, share  ${shareOf(own.map(mapsDisagree))} of patches, ${shareOf(others.map(mapsDisagree))} of pairs`,
  );
  console.log(`${name}: answers right           ${right(true)} where they disagree, ${right(false)} elsewhere`);
}
