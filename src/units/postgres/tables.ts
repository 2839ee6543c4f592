/** Our tables beside those of pg-boss: one row per finished unit, one row per worker. */

/** The schema of pg-boss, which keeps what waits and what runs. */
export const BOSS_SCHEMA = "cancernet_queue";
/** The number changes with the columns, so that two versions can use one database. */
const SCHEMA = "cancernet_units_1";

export const RESULTS = `${SCHEMA}.results`;
export const WORKERS = `${SCHEMA}.workers`;

/** Two workers that start at once must not both make the tables. */
const LOCK = 7_203_115;

/** Makes the tables if they are not there. */
export const MAKE_TABLES = `
BEGIN;
SELECT pg_advisory_xact_lock(${LOCK});
CREATE SCHEMA IF NOT EXISTS ${SCHEMA};
CREATE TABLE IF NOT EXISTS ${RESULTS} (
  number bigint GENERATED ALWAYS AS IDENTITY,
  queue text NOT NULL,
  verb text NOT NULL,
  folder text NOT NULL,
  unit text NOT NULL,
  error text,
  worker text NOT NULL,
  attempt int NOT NULL,
  finished timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (queue, folder, unit)
);
CREATE INDEX IF NOT EXISTS results_number ON ${RESULTS} (queue, folder, number);
CREATE TABLE IF NOT EXISTS ${WORKERS} (
  id text PRIMARY KEY,
  name text NOT NULL,
  host text NOT NULL,
  version text NOT NULL,
  folder text,
  unit text,
  words text NOT NULL DEFAULT '',
  done int NOT NULL DEFAULT 0,
  started timestamptz NOT NULL DEFAULT now(),
  seen timestamptz NOT NULL DEFAULT now()
);
DELETE FROM ${WORKERS} WHERE seen < now() - interval '30 days';
COMMIT;`;
