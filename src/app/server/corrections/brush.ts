/** What the brush on a slide paints over: the patches of the slide's case in a dataset, and the labelled cells. */
import type * as z from "zod";
import type { Correction } from "../../../artifacts/corrections/entries.ts";
import type { BrushFacts, brushQuery } from "../../api/corrections.ts";
import type { SlideItem } from "../../api/items.ts";
import type { OpenDataset } from "../datasets/open_datasets.ts";
import { replayed } from "./states.ts";

/** Positions in datasets count from 1, as in the names of Kaggle's files. */
const FIRST = 1;

/** The patches of the dataset at the size of the grid's, and the cells that entries of the journal label. */
export function brushFacts(
  { dataset: { rows }, cases, recordsOf }: OpenDataset,
  slide: SlideItem,
  query: z.output<typeof brushQuery>,
  entries: readonly Correction[],
): BrushFacts {
  const index = cases.findIndex((one) => one.case === query.case);
  const places = (recordsOf[index] ?? []).flatMap((record) => {
    const { x, y, width, height } = rows[record]!;
    if (x === undefined || y === undefined || width !== query.side || height !== query.side) return [];
    return [[x - FIRST, y - FIRST, record] as const];
  });
  const painted = [...replayed(entries).slides.values()].filter(
    (one) =>
      one.slide.file === slideFile(slide) &&
      one.slide.case === query.case &&
      one.slide.scale === query.scale &&
      one.slide.side === query.side,
  );
  const cells = painted.flatMap((one) => [...one.cells.values()].map(({ x, y, label }) => [x, y, label] as const));
  return { places, cells };
}

/** The path of a slide from the folder of the journals. */
export const slideFile = ({ path }: SlideItem): string => `../${path}`;
