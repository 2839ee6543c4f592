/** Checks that a dataset is suitable for training. */
import type { ClassNames } from "../../histology/dataset/class_names.ts";
import type { DatasetDescription } from "../../histology/dataset/description.ts";
import { classWords } from "../../reports/class_words.ts";
import { UserError } from "../../util/errors.ts";
import { counted, whole } from "../../util/numbers.ts";

/**
 * Requires both classes in the training and validation splits.
 * @param what the subject of the error message's last sentence: "training"
 * @throws UserError if a class is missing.
 */
export function requireBothClasses(
  {
    description,
    folder,
    classNames,
  }: { readonly folder: string; readonly classNames: ClassNames; readonly description: DatasetDescription },
  what: string,
): void {
  const { without, withPositive } = classWords(classNames);
  for (const split of ["train", "val"] as const) {
    const { no_idc, idc } = description.counts[split];
    if (no_idc > 0 && idc > 0) continue;
    throw new UserError(
      "class-missing",
      `The ${split} split of ${folder} has ${counted(no_idc, "patch")} ${without} and ${whole(idc)} ${withPositive}: ` +
        `${what} needs both classes there, prepare the dataset from more cases.`,
    );
  }
}
