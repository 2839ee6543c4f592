/** A unit of a slide that may lie in object storage: it is copied for as long as the unit is open. */
import { type LocalSlide, localSlide } from "../../artifacts/slide_copy.ts";
import type { OpenUnit } from "../../units/work.ts";
import type { Context } from "../../util/context.ts";
import { UserError } from "../../util/errors.ts";

/**
 * Opens a unit with the slide as a file of this machine. Warnings and errors name the slide's place, not its copy.
 * @throws UserError if the slide cannot be copied; what `open` throws.
 */
export async function withLocalSlide<R>(
  place: string,
  context: Context,
  open: (slide: LocalSlide, context: Context) => Promise<OpenUnit<R>>,
): Promise<OpenUnit<R>> {
  const slide = await localSlide(place, context);
  const { reporter, signal } = context;
  const named: Context = {
    signal,
    reporter: {
      warn: (sentence) => reporter.warn(slide.shown(sentence)),
      progress: (progress) => reporter.progress(progress),
      event: (event) => reporter.event(event),
    },
  };
  const renamed = (error: unknown): never => {
    throw error instanceof UserError ? new UserError(error.code, slide.shown(error.message)) : error;
  };
  try {
    const unit = await open(slide, named);
    return {
      done: unit.done,
      fill: (folder, earlier) => unit.fill(folder, earlier).catch(renamed),
      async close() {
        await unit.close();
        await slide.close();
      },
    };
  } catch (error) {
    await slide.close();
    return renamed(error);
  }
}
