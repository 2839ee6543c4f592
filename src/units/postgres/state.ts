/** What the database knows of the queue: works, their units by state, workers with their last words. */
import type { OtherVersion, TroubledUnit, WorkerState, WorkState } from "../../reports/queue/report.ts";
import type { Connections } from "./connection.ts";
import { QUEUE, QUEUE_PREFIX, type UnitRow } from "./row.ts";
import { BOSS_SCHEMA, RESULTS, WORKERS } from "./tables.ts";

const MOST_TROUBLED = 1000;

/** The works of this version, by folder. @param folder only this one */
export async function workStates({ executeSql }: Connections, folder?: string): Promise<WorkState[]> {
  const { rows } = await executeSql(
    `SELECT folder, max(verb) AS verb,
       coalesce(sum(n) FILTER (WHERE state IN ('created', 'retry')), 0)::int AS waiting,
       coalesce(sum(n) FILTER (WHERE state = 'active'), 0)::int AS running,
       coalesce(sum(n) FILTER (WHERE state = 'failed'), 0)::int AS dead,
       coalesce(sum(n) FILTER (WHERE state = 'result'), 0)::int AS done,
       coalesce(sum(n) FILTER (WHERE state = 'error'), 0)::int AS failed,
       coalesce(sum(recent), 0)::int AS last_minute
     FROM (
       SELECT data ->> 'folder' AS folder, data ->> 'verb' AS verb, state::text AS state, count(*) AS n, 0 AS recent
       FROM ${BOSS_SCHEMA}.job WHERE name = $1 AND state IN ('created', 'retry', 'active', 'failed')
       AND ($2::text IS NULL OR data ->> 'folder' = $2) GROUP BY 1, 2, 3
       UNION ALL
       SELECT folder, verb, CASE WHEN error IS NULL THEN 'result' ELSE 'error' END, count(*),
         count(*) FILTER (WHERE finished > now() - interval '1 minute')
       FROM ${RESULTS} WHERE queue = $1 AND ($2::text IS NULL OR folder = $2) GROUP BY 1, 2, 3
     ) AS parts WHERE folder IS NOT NULL GROUP BY folder ORDER BY folder`,
    [QUEUE, folder ?? null],
  );
  return rows.map((row) => ({ ...row, verb: row.verb ?? "" })) as unknown as WorkState[];
}

/** Units that have failed or are dead, with the reason. */
export async function troubledUnits({ executeSql }: Connections, folder?: string): Promise<TroubledUnit[]> {
  const { rows } = await executeSql(
    `SELECT folder, unit, 'failed' AS state, error AS words FROM ${RESULTS}
       WHERE queue = $1 AND error IS NOT NULL AND ($2::text IS NULL OR folder = $2)
     UNION ALL
     SELECT data ->> 'folder', data ->> 'unit', 'dead', coalesce(
         output ->> 'message',
         'its worker ' || last.name || ' was lost; last words: ' || coalesce(nullif(last.words, ''), 'none'),
         output #>> '{value,message}', '')
       FROM ${BOSS_SCHEMA}.job LEFT JOIN LATERAL (
         SELECT w.name, w.words FROM ${WORKERS} w
         WHERE w.folder = data ->> 'folder' AND w.unit = data ->> 'unit' ORDER BY w.seen DESC LIMIT 1
       ) AS last ON true
       WHERE job.name = $1 AND state = 'failed' AND ($2::text IS NULL OR data ->> 'folder' = $2)
     ORDER BY 1, 2 LIMIT ${MOST_TROUBLED}`,
    [QUEUE, folder ?? null],
  );
  return rows as unknown as TroubledUnit[];
}

/** The workers that were seen in the last day. Those that ended in order are not among them. */
export async function workerStates({ executeSql }: Connections): Promise<WorkerState[]> {
  const { rows } = await executeSql(
    `SELECT name, host, version, folder, unit, words, done, extract(epoch FROM now() - seen)::float8 AS seen_seconds
     FROM ${WORKERS} WHERE seen > now() - interval '1 day' ORDER BY started, id`,
  );
  return rows as unknown as WorkerState[];
}

/** The units that wait for other versions of cancernet or Node. */
export async function otherVersions({ executeSql }: Connections): Promise<OtherVersion[]> {
  const { rows } = await executeSql(
    `SELECT name AS queue, count(*)::int AS waiting FROM ${BOSS_SCHEMA}.job
     WHERE starts_with(name, $2) AND name <> $1 AND state IN ('created', 'retry') GROUP BY 1 ORDER BY 1`,
    [QUEUE, QUEUE_PREFIX],
  );
  return rows as unknown as OtherVersion[];
}

/** A finished unit, as its worker has settled it. */
export interface SettledUnit {
  /** Grows from unit to unit. */
  readonly number: string;
  readonly unit: string;
  readonly error: string | null;
}

/** The units of a folder that were settled after a number, in the order of their settling. */
export async function settledSince(
  { executeSql }: Connections,
  folder: string,
  number: string,
): Promise<SettledUnit[]> {
  const { rows } = await executeSql(
    `SELECT number::text AS number, unit, error FROM ${RESULTS}
     WHERE queue = $1 AND folder = $2 AND number > $3::bigint ORDER BY ${RESULTS}.number LIMIT 5000`,
    [QUEUE, folder, number],
  );
  return rows as unknown as SettledUnit[];
}

/** Removes what waits. @returns the number of units */
export async function drain({ executeSql }: Connections, folder?: string): Promise<number> {
  const { rows } = await executeSql(
    `UPDATE ${BOSS_SCHEMA}.job SET state = 'cancelled', completed_on = now()
     WHERE name = $1 AND state IN ('created', 'retry') AND ($2::text IS NULL OR data ->> 'folder' = $2) RETURNING id`,
    [QUEUE, folder ?? null],
  );
  return rows.length;
}

/** The rows of failed and dead units, to be offered again. */
export async function deadRows(
  { executeSql }: Connections,
  version: UnitRow["version"],
  folder?: string,
): Promise<UnitRow[]> {
  const { rows } = await executeSql(
    `SELECT data ->> 'verb' AS verb, data ->> 'folder' AS folder, data ->> 'unit' AS unit
       FROM ${BOSS_SCHEMA}.job WHERE name = $1 AND state = 'failed' AND ($2::text IS NULL OR data ->> 'folder' = $2)
     UNION
     SELECT verb, folder, unit FROM ${RESULTS}
       WHERE queue = $1 AND error IS NOT NULL AND ($2::text IS NULL OR folder = $2)`,
    [QUEUE, folder ?? null],
  );
  return rows.map((row) => ({ ...row, version })) as unknown as UnitRow[];
}
