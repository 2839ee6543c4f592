/** Refuses to bring together what has classes by other names: a model of one pair of classes says nothing of another pair. */

import { IMPORTED, type ModelCard } from "../artifacts/model_card.ts";
import type { ClassNames } from "../histology/dataset/class_names.ts";
import { UserError } from "../util/errors.ts";

/** What has classes, as errors call it. */
interface OfClasses {
  readonly what: string;
  readonly names: ClassNames;
}

function requireSame(one: OfClasses, other: OfClasses, remedy: string): void {
  if (one.names[0] === other.names[0] && one.names[1] === other.names[1]) return;
  const both = ([negative, positive]: ClassNames) => `"${negative}" and "${positive}"`;
  throw new UserError(
    "classes-mismatch",
    `The classes of ${one.what} are ${both(one.names)}, but those of ${other.what} are ${both(other.names)} (the second is the positive one): ${remedy}.`,
  );
}

/** @throws UserError if the model's classes are not those of the dataset. */
export function requireSameClasses(
  { class_names, recipe }: Pick<ModelCard, "class_names" | "recipe">,
  { classNames: [negative, positive], folder }: { readonly classNames: ClassNames; readonly folder: string },
): void {
  const remedy =
    recipe === IMPORTED.recipe
      ? `import it again with --negative "${negative}" --positive "${positive}" if these are its two outputs`
      : "give a model of these classes, or a dataset of the model's";
  requireSame({ what: "the model", names: class_names }, { what: folder, names: [negative, positive] }, remedy);
}

/** An evaluation, as the user named it. */
interface NamedEvaluation {
  readonly name: string;
  readonly report: { readonly model: Pick<ModelCard, "class_names"> };
}

/** @throws UserError if two evaluations are of other classes. */
export function requireSameClassesIn(first: NamedEvaluation, other: NamedEvaluation): void {
  const of = ({ name, report }: NamedEvaluation) => ({ what: name, names: report.model.class_names });
  requireSame(of(first), of(other), "compare runs of the same classes");
}
