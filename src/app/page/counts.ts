/** Counts of answers. */
import type { OpenedModel } from "./models.ts";
import type { ChosenPicture } from "./pictures.ts";

export interface Counts {
  readonly positive: number;
  readonly negative: number;
  /** Files that are no usable image. */
  readonly refused: number;
}

export function countsOf(pictures: readonly ChosenPicture[], { model, answers }: OpenedModel): Counts {
  const counts = { positive: 0, negative: 0, refused: 0 };
  for (const { id } of pictures) {
    const answer = answers.get(id);
    if (!answer) continue;
    if ("error" in answer) counts.refused++;
    else if (answer.label === model.classNames[1]) counts.positive++;
    else counts.negative++;
  }
  return counts;
}

/** The number of images to which two models give different labels. */
export function differingLabels(pictures: readonly ChosenPicture[], one: OpenedModel, other: OpenedModel): number {
  return pictures.filter(({ id }) => {
    const [first, second] = [one.answers.get(id), other.answers.get(id)];
    return first && second && !("error" in first) && !("error" in second) && first.label !== second.label;
  }).length;
}
