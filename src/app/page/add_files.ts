/** Sorts chosen files into slides and patches, in the order of choice. */
import { recordSideOf } from "../../histology/dataset/record.ts";
import type { Found } from "./found_files.ts";
import { isSlide } from "./is_slide.ts";
import { firstModel } from "./models.ts";
import { addPictures } from "./pictures.ts";
import { addSlides } from "./slides/slides.ts";

let last: Promise<void> = Promise.resolve();

/** Adds files as slides or patches, after the files of earlier calls. Waits for the model, whose patches decide. */
export function addFiles(files: readonly Found[]): Promise<void> {
  last = last.then(() => sortIn(files));
  return last;
}

async function sortIn(files: readonly Found[]): Promise<void> {
  const opened = await firstModel();
  if (!opened) return;
  const side = recordSideOf(opened.model.card);
  const areSlides = await Promise.all(files.map(({ file }) => isSlide(file, side)));
  const [found, patches] = [true, false].map((wanted) => files.filter((_, index) => areSlides[index] === wanted));
  if (found!.length > 0) addSlides(found!);
  if (patches!.length > 0) addPictures(patches!);
}
