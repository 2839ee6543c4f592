/** What the database says of a queue: rows of results, and when lost units were taken again. */
import assert from "node:assert/strict";
import { BOSS_SCHEMA, RESULTS } from "../../src/units/postgres/tables.ts";
import type { Postgres } from "../support/postgres.ts";
import { damagedOf, until } from "./chaos_fixture.ts";
import type { Death } from "./fleet.ts";

/** How many units have a row. */
export async function settledUnits({ query }: Pick<Postgres, "query">): Promise<number> {
  const [[count]] = (await query(`select count(*) from ${RESULTS}`)) as [[string]];
  return Number(count);
}

/** Fails unless each unit has one row, those of damaged slides an error, and nothing waits, runs or was given up. */
export async function assertOneRowEach({ query }: Pick<Postgres, "query">, count: number): Promise<void> {
  const states = () =>
    query(`select state, count(distinct data ->> 'unit') from ${BOSS_SCHEMA}.job where name like 'units/%' group by 1`);
  // The attempt of a worker that was killed after its publication may still wait for the next worker.
  await until(async () => (await states()).every(([state]) => state === "completed"));
  assert.deepEqual(await states(), [["completed", String(count)]]);
  assert.deepEqual(await query(`select count(*), count(distinct unit), count(error) from ${RESULTS}`), [
    [count, count, damagedOf(count).length].map(String),
  ]);
}

/**
 * Notes from now on when a unit is taken, in a table of the test's own. The rows of the queue keep the last time only.
 */
export async function noteTakes({ query }: Pick<Postgres, "query">): Promise<void> {
  await until(async () => {
    const [[exists]] = (await query(`select to_regclass('${BOSS_SCHEMA}.job') is not null`)) as [[string]];
    return exists === "t";
  });
  await query(`
    create schema chaos;
    create table chaos.takes (unit text, time timestamptz default clock_timestamp());
    create function chaos.note() returns trigger language plpgsql as
      $$ begin insert into chaos.takes (unit) values (new.data ->> 'unit'); return null; end $$;
    create trigger note after update on ${BOSS_SCHEMA}.job for each row
      when (new.state = 'active' and old.state <> 'active') execute function chaos.note()`);
}

/** Times at which workers could not reach the database. */
export class Outages {
  readonly #spans: { readonly start: number; end: number }[] = [];
  /** A statement that gets no answer is given up after this time. */
  static readonly #AFTERMATH_MILLISECONDS = 5000;

  async during(outage: () => Promise<void>): Promise<void> {
    const start = Date.now();
    await outage();
    const last = this.#spans.at(-1);
    if (last) last.end = Math.min(last.end, start);
    this.#spans.push({ start, end: Date.now() + Outages.#AFTERMATH_MILLISECONDS });
  }

  /** How many milliseconds of a time they were. */
  within(start: number, end: number): number {
    const lost = this.#spans.map((span) => Math.max(0, Math.min(end, span.end) - Math.max(start, span.start)));
    return lost.reduce((sum, milliseconds) => sum + milliseconds, 0);
  }
}

export interface TakenAgain {
  readonly seconds: number;
  readonly ofOutages: number;
}

/** How long it took until another worker took the unit of each worker that was killed at one. */
export async function takenAgain(
  { query }: Pick<Postgres, "query">,
  deaths: readonly Death[],
  outages: Outages,
): Promise<TakenAgain[]> {
  const rows = await query("select unit, 1000 * extract(epoch from time) from chaos.takes order by time");
  return deaths.flatMap(({ unit, time }) => {
    if (unit === undefined) return [];
    const again = rows.find(([taken, start]) => taken === unit && Number(start) > time);
    if (again === undefined) return []; // It was settled at the moment of the kill: nobody takes it again.
    const start = Number(again[1]);
    return [{ seconds: (start - time) / 1000, ofOutages: outages.within(time, start) / 1000 }];
  });
}
