/** GET /api/runs/:id: the settings and the history of a run. */
import { sep } from "node:path";
import { Hono } from "hono";
import type { MeasuredEpoch } from "../../../artifacts/history.ts";
import { readTraining } from "../../../artifacts/training_record.ts";
import { UserError } from "../../../util/errors.ts";
import { MOST_EPOCHS, type RunAnswer, type RunEpoch } from "../../api/runs.ts";
import type { Services } from "../services.ts";

export function runRoutes({ workspace }: Pick<Services, "workspace">): Hono {
  return new Hono().get("/runs/:id", async (context) => {
    const item = await workspace.item("run", context.req.param("id"));
    const folder = await workspace.pathOf(item);
    const training = await readTraining(folder).catch((error: unknown) => {
      if (!(error instanceof UserError)) throw error;
      throw new UserError(error.code, error.message.replaceAll(workspace.root + sep, ""));
    });
    const { engine, device, settings, software, history } = training;
    const answer: RunAnswer = {
      engine,
      device,
      settings,
      software,
      history: thinnedHistory(history, item.kept?.epochs),
    };
    return context.json(answer);
  });
}

/** Every n-th epoch of a long history, the last one and the first and last of the kept ones. NaN becomes null, as JSON has no NaN. */
export function thinnedHistory(history: readonly MeasuredEpoch[], kept: readonly number[] = []): RunEpoch[] {
  const ends = [kept[0], kept.at(-1), history.length];
  const step = Math.ceil(history.length / MOST_EPOCHS);
  return history
    .filter(({ epoch }) => epoch % step === 0 || ends.includes(epoch))
    .map(
      (row) =>
        Object.fromEntries(
          Object.entries(row).map(([name, value]) => [name, Number.isFinite(value) ? value : null]),
        ) as RunEpoch,
    );
}
