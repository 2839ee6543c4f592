/** The state of the datasets screen in the address: filters, order, size of the cells, the open patch. */

import type { AnswerSource } from "../../../api/datasets.ts";
import { type OrderQuery, orderQuery, PATCH_SORTS, type PatchSort } from "../../../api/datasets.ts";
import { CELL_SIZES, type CellSize } from "./layout.ts";

/** The value of `run` that shows no probabilities. */
export const NO_SOURCE = "none";

type View = Readonly<Record<string, string>>;

/** The properties of the address that select or order patches. */
const FILTERS = ["case", "split", "label", "from", "above", "to", "answer", "corrected", "sort"] as const;

/**
 * The query of the order for an address. Values that are not valid are left out. Without a source, what needs
 * probabilities is left out.
 */
export function queryOf(view: View, source: AnswerSource | undefined): Partial<OrderQuery> {
  const query: Record<string, unknown> = source ? { run: source.id } : {};
  for (const name of FILTERS) {
    const value = view[name];
    if (value === undefined || (!source && NEEDS_SOURCE.includes(name))) continue;
    const checked = orderQuery.shape[name].safeParse(value);
    if (checked.success) query[name] = checked.data;
  }
  return query;
}

const NEEDS_SOURCE: readonly string[] = ["from", "above", "to", "answer", "sort"];

/** The source that the address names; without a name the first that can be used. */
export function chosenSource(view: View, sources: readonly AnswerSource[]): AnswerSource | undefined {
  const { run } = view;
  if (run === NO_SOURCE) return undefined;
  const usable = sources.filter(isUsable);
  return usable.find(({ id, items }) => id === run || (run !== undefined && items.includes(run))) ?? usable[0];
}

export const cellSize = (view: View): CellSize =>
  Object.hasOwn(CELL_SIZES, view.size ?? "") ? (view.size as CellSize) : "small";

/** The open patch; undefined if none is. */
export function openRecord({ patch }: View): number | undefined {
  return patch !== undefined && /^\d{1,9}$/.test(patch) ? Number(patch) : undefined;
}

/** The sorts with their words, as a list. */
export const SORT_CHOICES = Object.entries(PATCH_SORTS) as readonly (readonly [PatchSort, string])[];

/** Whether the answers of a source can be read. */
export const isUsable = ({ problem }: AnswerSource): boolean => problem === undefined;
