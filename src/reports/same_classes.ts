/**
 * Checks that models, datasets and evaluations have the same class names before they are combined. A model for one pair
 * of classes is meaningless for another pair.
 */

import { IMPORTED, type ModelCard } from "../artifacts/model_card.ts";
import type { ClassNames } from "../histology/dataset/class_names.ts";
import { UserError } from "../util/errors.ts";

/** Something that has classes, and how error messages refer to it. */
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

/** An evaluation, with the name that the user gave. */
interface NamedEvaluation {
  readonly name: string;
  readonly report: { readonly model: Pick<ModelCard, "class_names"> };
}

/** @throws UserError if two evaluations have different classes. */
export function requireSameClassesIn(first: NamedEvaluation, other: NamedEvaluation): void {
  const of = ({ name, report }: NamedEvaluation) => ({ what: name, names: report.model.class_names });
  requireSame(of(first), of(other), "compare runs of the same classes");
}
