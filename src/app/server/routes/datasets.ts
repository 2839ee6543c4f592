/** The routes of datasets: facts, the order of the patches, their pixels and colours, one patch, its explanation. */
import { Hono } from "hono";
import { UserError } from "../../../util/errors.ts";
import { counted } from "../../../util/numbers.ts";
import { type DatasetFacts, explanationBody, MOST_PIXEL_BYTES, orderQuery, pixelsQuery } from "../../api/datasets.ts";
import { encodeOrder } from "../../api/patch_order.ts";
import { jsonBody } from "../bodies.ts";
import { answersOf } from "../datasets/answers.ts";
import { explainRecord, explanationPicture } from "../datasets/explanations.ts";
import { leftOutCounts, leftOutExamples } from "../datasets/left_out.ts";
import type { OpenDataset } from "../datasets/open_datasets.ts";
import { patchOrder } from "../datasets/order.ts";
import { patchFacts, recordIn } from "../datasets/patch.ts";
import { answerSources, type LocatedSource, sourceOf } from "../datasets/sources.ts";
import { labelSuspicion } from "../datasets/suspicion.ts";
import { parsed } from "../refusals.ts";
import type { Services } from "../services.ts";

const BYTES = { "content-type": "application/octet-stream" };

export function datasetRoutes(services: Services): Hono {
  const { datasets, workspace, correctionsOf } = services;
  const sourcesOf = ({ item, dataset }: OpenDataset) =>
    answerSources(workspace, item, dataset.description.sha256.patches);
  return new Hono()
    .get("/datasets/:id", (context) =>
      datasets.use(context.req.param("id"), async (open) => {
        const sources = (await sourcesOf(open)).map(
          ({ folders: _, modelSha256: __, threshold: ___, ...source }) => source,
        );
        const facts: DatasetFacts = {
          id: open.item.id,
          cases: open.cases,
          leftOut: leftOutCounts(open.item.rejected),
          leftOutExamples: await leftOutExamples(open.dataset.folder),
          sources,
        };
        return context.json(facts);
      }),
    )
    .get("/datasets/:id/order", (context) =>
      datasets.use(context.req.param("id"), async (open) => {
        const query = parsed(orderQuery, context.req.query());
        const { rows, classNames } = open.dataset;
        const source = query.run === undefined ? undefined : sourceOf(await sourcesOf(open), query.run);
        const answers = source && (await answersOf(open, source, workspace));
        const isSuspecting = query.sort === "suspected" && source && answers;
        const suspicion = isSuspecting ? labelSuspicion(rows, answers, source, classNames) : undefined;
        const corrections = await correctionsOf(open.item, rows);
        const order = patchOrder(open, query, { answers, suspicion, corrections });
        return context.body(encodeOrder(order), 200, BYTES);
      }),
    )
    .get("/datasets/:id/pixels", (context) =>
      datasets.use(context.req.param("id"), (open) => {
        const { records } = parsed(pixelsQuery, context.req.query());
        return context.body(pixelsOf(open, records), 200, BYTES);
      }),
    )
    .get("/datasets/:id/colours", (context) =>
      datasets.use(context.req.param("id"), async (open) => context.body(await open.colours(), 200, BYTES)),
    )
    .get("/datasets/:id/patches/:record", (context) =>
      datasets.use(context.req.param("id"), async (open) => {
        const record = recordIn(open, context.req.param("record"));
        const answers = [];
        for (const source of await sourcesOf(open)) {
          const found = await answersOf(open, source, workspace).catch((error: unknown) => {
            if (error instanceof UserError) return error;
            throw error;
          });
          answers.push([source, found] as const);
        }
        const corrections = await correctionsOf(open.item, open.dataset.rows);
        return context.json(patchFacts(open, record, answers, corrections.get(record)));
      }),
    )
    .post("/datasets/:id/patches/:record/explanation", (context) =>
      datasets.use(context.req.param("id"), async (open) => {
        const record = recordIn(open, context.req.param("record"));
        const { source } = parsed(explanationBody, await jsonBody(context));
        const located: LocatedSource = sourceOf(await sourcesOf(open), source);
        return context.json(await explainRecord(open, record, located, services));
      }),
    )
    .get("/explanations/:key/picture", async (context) =>
      context.body(await explanationPicture(context.req.param("key"), services), 200, { "content-type": "image/png" }),
    );
}

/** @throws UserError if a record does not exist, or there are too many bytes. */
function pixelsOf(
  { dataset: { rows, recordBytes, read } }: OpenDataset,
  records: readonly number[],
): Uint8Array<ArrayBuffer> {
  const missing = records.find((record) => record >= rows.length);
  if (missing !== undefined) {
    throw new UserError("item-unknown", `The dataset has no record ${missing}: load the page again.`);
  }
  if (records.length * recordBytes > MOST_PIXEL_BYTES) {
    const most = Math.floor(MOST_PIXEL_BYTES / recordBytes);
    throw new UserError(
      "request-invalid",
      `Records of this size are sent ${counted(most, "record")} at a time at most.`,
    );
  }
  const pixels = new Uint8Array(records.length * recordBytes);
  for (const [place, record] of records.entries()) read(record, pixels, place * recordBytes);
  return pixels;
}
