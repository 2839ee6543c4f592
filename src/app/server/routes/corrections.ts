/** The routes of corrections: the state, an entry, undo and redo, the history, the queue. */
import { Hono } from "hono";
import type { Correction } from "../../../artifacts/corrections/entries.ts";
import {
  brushQuery,
  type CorrectionsState,
  type CorrectionsSummary,
  correctionBody,
  type QueuePage,
  queueQuery,
  retrainBody,
  type SavedCorrection,
} from "../../api/corrections.ts";
import { jsonBody } from "../bodies.ts";
import { brushFacts } from "../corrections/brush.ts";
import { draftOf, pageOf, verdictFacts } from "../corrections/drafts.ts";
import { labelErrorRates, rateOf, splitsName, verdictsSince } from "../corrections/queue.ts";
import { startRetraining } from "../corrections/retrain.ts";
import { historyEntry, historyOf, patchesOf, recordsById, replayed, statesOf, stepsOf } from "../corrections/states.ts";
import { splitCounts } from "../corrections/summary.ts";
import type { OpenDataset } from "../datasets/open_datasets.ts";
import { neighboursOf } from "../datasets/patch.ts";
import { parsed } from "../refusals.ts";
import type { Services } from "../services.ts";
import { journalPath } from "../workspace/journal_path.ts";

export function correctionRoutes(services: Services): Hono {
  const { datasets, journals, author } = services;
  return new Hono()
    .get("/datasets/:id/corrections", (context) =>
      datasets.use(context.req.param("id"), async (open) => {
        const [entries, records] = [await journals.entries(open.item), await recordsById(open)];
        const state: CorrectionsState = {
          ...stepsOf(entries, records, author),
          journal: journalPath(open.item),
          patches: statesOf(entries, records),
        };
        return context.json(state);
      }),
    )
    .post("/datasets/:id/corrections", (context) =>
      datasets.use(context.req.param("id"), async (open) => {
        const body = parsed(correctionBody, await jsonBody(context));
        const records = await recordsById(open);
        const { entry, entries } = await journals.append(open.item, (before) => draftOf(body, open, before, services));
        const saved: SavedCorrection = {
          ...stepsOf(entries, records, body.author ?? author),
          entry: historyEntry(entry, entries, records),
          touched: statesOf(entries, records, patchesOf(entry, entries)),
          ...(body.kind === "verdict" ? { verdict: await verdictFacts(body, open, entries, services) } : {}),
        };
        return context.json(saved, 201);
      }),
    )
    .get("/datasets/:id/corrections/summary", (context) =>
      datasets.use(context.req.param("id"), async (open) =>
        context.json(await summaryOf(open, await journals.entries(open.item))),
      ),
    )
    .get("/datasets/:id/brush", (context) =>
      datasets.use(context.req.param("id"), async (open) => {
        const query = parsed(brushQuery, context.req.query());
        const slide = await services.workspace.item("slide", query.slide);
        return context.json(brushFacts(open, slide, query, await journals.entries(open.item)));
      }),
    )
    .post("/datasets/:id/retrain", async (context) => {
      const item = await services.workspace.item("dataset", context.req.param("id"));
      const body = parsed(retrainBody, await jsonBody(context));
      return context.json(await startRetraining(item, body, services), 201);
    })
    .get("/datasets/:id/queue", (context) =>
      datasets.use(context.req.param("id"), async (open) =>
        context.json(await queuePage(open, parsed(queueQuery, context.req.query()), services)),
      ),
    );
}

async function summaryOf(open: OpenDataset, entries: readonly Correction[]): Promise<CorrectionsSummary> {
  const records = await recordsById(open);
  const { patches, slides } = replayed(entries);
  return {
    journal: journalPath(open.item),
    splits: splitCounts(open, statesOf(entries, records)),
    notes: [...patches.values()].filter(({ note }) => note !== null).length,
    slideCells: [...slides.values()].reduce((sum, { cells }) => sum + cells.size, 0),
    rates: labelErrorRates(open, records, entries),
    history: historyOf(entries, records),
  };
}

async function queuePage(
  open: OpenDataset,
  query: ReturnType<typeof queueQuery.parse>,
  services: Services,
): Promise<QueuePage> {
  const entries = await services.journals.entries(open.item);
  const { items, candidates, splits, source } = await pageOf(open, query, entries, services);
  const verdicts = verdictsSince(entries, query.start);
  const name = splitsName(splits);
  const rates = labelErrorRates(open, await recordsById(open), entries);
  const own = rates.find((rate) => rate.splits === name);
  return {
    items: items.map(({ patch: record }) => {
      const { id, x, width, height } = open.dataset.rows[record]!;
      const verdict = verdicts.get(id) ?? null;
      return { record, x: x ?? null, width, height, neighbours: neighboursOf(open, record), verdict };
    }),
    candidates,
    splits,
    rate: own ?? rateOf(name, []),
    commands: source.commands,
  };
}
