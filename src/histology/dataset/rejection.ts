/** Why files are left out of a dataset: one row per kind, in the order of the summary. */

/** The kinds of reasons, and how the summary names them. */
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
} as const;

export type RejectionKind = keyof typeof REJECTION_KINDS;

/** A file that is left out, or (`files` above 1) several with one reason. Paths are below the source's root. */
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

/** The number of files left out by kind; kinds that do not occur are absent. */
export function countRejections(rejections: Iterable<Rejection>): Partial<Record<RejectionKind, number>> {
  const counts = new Map<RejectionKind, number>();
  for (const { kind, files } of rejections) counts.set(kind, (counts.get(kind) ?? 0) + files);
  const kinds = Object.keys(REJECTION_KINDS) as RejectionKind[];
  return Object.fromEntries(kinds.filter((kind) => counts.has(kind)).map((kind) => [kind, counts.get(kind)!]));
}
