/** Parses the file names of the Kaggle release, which contain a patch's case, position and class. */

const KAGGLE_NAME = /^(?<caseId>.+)_idx\d+_x(?<x>\d{1,9})_y(?<y>\d{1,9})_class(?<label>[01])\.png$/i;

export interface KaggleName {
  readonly caseId: string;
  readonly x: number;
  readonly y: number;
  readonly label: 0 | 1;
}

export const isKaggleName = (fileName: string): boolean => KAGGLE_NAME.test(fileName);

/** Parses `<case>_idx5_x<X>_y<Y>_class<0|1>.png`. Returns undefined for any other name. */
export function kaggleName(fileName: string): KaggleName | undefined {
  const groups = KAGGLE_NAME.exec(fileName)?.groups;
  if (!groups) return undefined;
  return { caseId: groups.caseId!, x: Number(groups.x), y: Number(groups.y), label: groups.label === "1" ? 1 : 0 };
}
