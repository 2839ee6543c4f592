/**
 * The queue of units in PostgreSQL, by pg-boss: offer, take, settle, give back. beats.ts keeps what was taken. Every
 * time is the database's.
 */
import { createHash } from "node:crypto";
import type { PgBoss } from "pg-boss";
import { type Connections, type Database, loadPackages, openConnections } from "./connection.ts";
import { databaseError } from "./errors.ts";
import { QUEUE, type UnitRow } from "./row.ts";
import { BOSS_SCHEMA, MAKE_TABLES, RESULTS } from "./tables.ts";

/** A unit of a worker that has not beaten for so long is offered again. pg-boss allows no less. */
export const LEASE_SECONDS = 10;
/** How often lost units are looked for. pg-boss also counts all waiting rows then, which takes 0.1 s per 100,000. */
const SUPERVISE_SECONDS = 2;
/** After so many lost workers, a unit is not offered again. */
const RETRIES = 3;
const DAY_SECONDS = 86_400;
/** pg-boss allows no more: a unit takes a day at most. */
const LONGEST_UNIT_SECONDS = DAY_SECONDS;
/** Longer than any work waits. */
const WAITING_DAYS = 300;
/** What became of a unit is in our own table, but given-up units are known here only. */
const SETTLED_DAYS = 30;
const BATCH = 1000;

/** The fence: nothing that a worker does with an attempt has an effect once the queue has begun another one. */
export type AttemptId = Pick<Attempt, "id" | "retryCount">;

/** An attempt at a unit: the row of the queue as it was taken. */
export interface Attempt {
  readonly id: string;
  readonly retryCount: number;
  /** Not checked yet. */
  readonly data: unknown;
}

export class UnitQueue {
  readonly #boss: PgBoss;
  readonly connections: Connections;

  private constructor(boss: PgBoss, connections: Connections) {
    this.#boss = boss;
    this.connections = connections;
  }

  /**
   * Connects, and makes the tables if they are not there.
   * @param supervises whether this process looks for lost units
   * @throws UserError if the packages are missing, or the server is not named, away or refuses.
   */
  static async open({ supervises }: { readonly supervises: boolean }): Promise<UnitQueue> {
    const packages = await loadPackages();
    const connections = openConnections(packages);
    try {
      const boss = new packages.boss.PgBoss({
        db: connections,
        schema: BOSS_SCHEMA,
        schedule: false,
        supervise: supervises,
        superviseIntervalSeconds: SUPERVISE_SECONDS,
        monitorIntervalSeconds: SUPERVISE_SECONDS,
        registerInstance: false,
        reindex: false,
        openTelemetry: { enabled: false },
      });
      boss.on("error", () => {}); // The server may be away; what is sent next says so.
      await boss.start();
      await boss.createQueue(QUEUE, {
        policy: "exclusive",
        heartbeatSeconds: LEASE_SECONDS,
        retryLimit: RETRIES,
        retryDelay: 0,
        expireInSeconds: LONGEST_UNIT_SECONDS,
        retentionSeconds: WAITING_DAYS * DAY_SECONDS,
        deleteAfterSeconds: SETTLED_DAYS * DAY_SECONDS,
      });
      await connections.executeSql(MAKE_TABLES);
      return new UnitQueue(boss, connections);
    } catch (error) {
      await connections.close();
      throw databaseError(error);
    }
  }

  /** Offers units. Units that wait or run already are not offered twice; earlier results of the others are forgotten. */
  async offer(rows: readonly UnitRow[]): Promise<void> {
    for (let first = 0; first < rows.length; first += BATCH) {
      const batch = rows.slice(first, first + BATCH);
      await this.connections.transaction(async (db) => {
        await forgetResults(db, batch);
        await this.#insert(batch, db, -first);
      });
    }
  }

  /**
   * The first row has the priority, and each one less than the row before. So a lost unit is taken again before those
   * that nobody has taken yet, and the works of several submissions alternate.
   */
  async #insert(rows: readonly UnitRow[], db: Database, priority: number): Promise<void> {
    const jobs = rows.map((data, index) => ({ data, singletonKey: keyOf(data), priority: priority - index }));
    await this.#boss.insert(QUEUE, jobs, { db });
  }

  /** Takes the next unit; undefined if none waits. From now on somebody must beat for it. */
  async take(): Promise<Attempt | undefined> {
    const [job] = await this.#boss.fetch<object>(QUEUE, { batchSize: 1 });
    return job && { id: job.id, retryCount: job.retryCount, data: job.data };
  }

  /** Says that attempts go on. @returns the ids of those that are still this worker's */
  static async beat(database: Database, attempts: readonly AttemptId[]): Promise<string[]> {
    const { rows } = await database.executeSql(
      `UPDATE ${BOSS_SCHEMA}.job SET heartbeat_on = now()
       FROM unnest($2::uuid[], $3::int[]) AS held (id, attempt)
       WHERE name = $1 AND job.id = held.id AND retry_count = held.attempt AND state = 'active' RETURNING job.id`,
      [QUEUE, attempts.map(({ id }) => id), attempts.map(({ retryCount }) => retryCount)],
    );
    return rows.map(({ id }) => String(id));
  }

  /**
   * Ends an attempt whose unit is published or has failed: the result's row and the end of the attempt in one
   * transaction.
   * @param error why the unit failed; null if it is done
   * @returns whether the attempt was still this worker's; if not, nothing is written
   */
  async settle(attempt: Attempt, row: UnitRow, worker: string, error: string | null) {
    return this.connections.transaction(async (db) => {
      if (!(await this.#end(attempt, db))) return false;
      await db.executeSql(
        `INSERT INTO ${RESULTS} (queue, verb, folder, unit, error, worker, attempt) VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT DO NOTHING`,
        [QUEUE, row.verb, row.folder, row.unit, error, worker, attempt.retryCount],
      );
      return true;
    });
  }

  /** Offers an attempt's unit again, before the others, as if it had not been taken. */
  async giveBack(attempt: Attempt, row: UnitRow): Promise<void> {
    await this.connections.transaction(async (db) => {
      if (await this.#end(attempt, db)) await this.#insert([row], db, 1);
    });
  }

  /** Ends an attempt after an error of the program. The unit is offered again until it has failed too often. */
  async fail({ id, retryCount }: Attempt, message: string): Promise<void> {
    await this.#boss.fail(QUEUE, { id, retryCount }, { message });
  }

  /** Removes a row that is not one of ours. */
  async refuse({ id, retryCount }: Attempt, message: string): Promise<void> {
    await this.#boss.complete(QUEUE, { id, retryCount }, { refused: message });
  }

  async #end({ id, retryCount }: Attempt, db: Database): Promise<boolean> {
    const answer = await this.#boss.complete(QUEUE, { id, retryCount }, null, { db });
    return (answer as { readonly affected: number }).affected === 1;
  }

  /** Which of the units wait or run. */
  async alive(units: readonly Pick<UnitRow, "folder" | "unit">[]): Promise<ReadonlySet<string>> {
    const keys = new Map(units.map((row) => [keyOf(row), row.unit]));
    const { rows } = await this.connections.executeSql(
      `SELECT singleton_key AS key FROM ${BOSS_SCHEMA}.job
       WHERE name = $1 AND state <= 'active' AND policy = 'exclusive'
       AND COALESCE(singleton_key, '') = ANY($2::text[])`,
      [QUEUE, [...keys.keys()]],
    );
    return new Set(rows.map(({ key }) => keys.get(String(key))!));
  }

  /** Whether no unit waits or runs. */
  async isEmpty(): Promise<boolean> {
    const { rows } = await this.connections.executeSql(
      `SELECT NOT EXISTS (SELECT FROM ${BOSS_SCHEMA}.job WHERE name = $1 AND state <= 'active') AS empty`,
      [QUEUE],
    );
    return rows[0]!.empty === true;
  }

  async close(): Promise<void> {
    await this.#boss.stop({ graceful: false, close: false }).catch(() => {});
    await this.connections.close().catch(() => {});
  }
}

/** A unit waits or runs once. */
const keyOf = ({ folder, unit }: Pick<UnitRow, "folder" | "unit">): string =>
  createHash("sha256")
    .update(JSON.stringify([folder, unit]))
    .digest("hex");

/** Forgets the results and the dead rows of units that are offered again. */
async function forgetResults(db: Database, rows: readonly UnitRow[]): Promise<void> {
  await db.executeSql(
    `DELETE FROM ${BOSS_SCHEMA}.job WHERE name = $1 AND state = 'failed' AND singleton_key = ANY($2::text[])`,
    [QUEUE, rows.map(keyOf)],
  );
  await db.executeSql(
    `DELETE FROM ${RESULTS} r
     USING unnest($2::text[], $3::text[], $4::text[]) AS given (folder, unit, key)
     WHERE r.queue = $1 AND r.folder = given.folder AND r.unit = given.unit
     AND NOT EXISTS (
       SELECT 1 FROM ${BOSS_SCHEMA}.job j
       WHERE j.name = $1 AND COALESCE(j.singleton_key, '') = given.key
       AND j.state <= 'active' AND j.policy = 'exclusive'
     )`,
    [QUEUE, rows.map(({ folder }) => folder), rows.map(({ unit }) => unit), rows.map(keyOf)],
  );
}
