/** The reasons for leaving files out of a dataset, one row per kind, in the order of the summary. */

/** The kinds of reasons, with their names in the summary. */
export const REJECTION_KINDS = {
  notAPatch: "not a patch",
  classMismatch: "name and folder disagree about the class",
  caseMismatch: "name and folder disagree about the case",
  nestedCopy: "copies in the nested tree",
  secondCopy: "second copies",
  contradiction: "same place or picture with both classes",
  noList: "case in no split list",
  damaged: "damaged or unreadable",
  link: "links that are not followed",
  name: "names that are not UTF-8",
  excluded: "excluded by a correction",
  unsure: "not to be decided, as a correction says",
} as const;

export type RejectionKind = keyof typeof REJECTION_KINDS;

/**
 * A file that is left out, or several files with the same reason (`files` above 1). Paths are relative to the source's
 * root.
 */
export interface Rejection {
  path: string;
  kind: RejectionKind;
  reason: string;
  files: number;
}

/** A rejection of one file. */
export function rejection(path: string, kind: RejectionKind, reason: string): Rejection {
  return { path, kind, reason, files: 1 };
}

/** The number of rejected files by kind. Kinds that do not occur are absent. */
export function countRejections(rejections: Iterable<Rejection>): Partial<Record<RejectionKind, number>> {
  const counts = new Map<RejectionKind, number>();
  for (const { kind, files } of rejections) counts.set(kind, (counts.get(kind) ?? 0) + files);
  const kinds = Object.keys(REJECTION_KINDS) as RejectionKind[];
  return Object.fromEntries(kinds.filter((kind) => counts.has(kind)).map((kind) => [kind, counts.get(kind)!]));
}
