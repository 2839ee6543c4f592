/**
 * The connection to PostgreSQL. The environment names the server, so that no password is on a command line. The
 * packages are optional: they are loaded only here.
 */
import type * as Pg from "pg";
import type * as Boss from "pg-boss";
import { codeOf, messageOf, UserError } from "../../util/errors.ts";

/** A network that swallows what is sent must not stop a worker for longer. */
const QUERY_MILLISECONDS = 5000;
const CONNECT_MILLISECONDS = 4000;

/** The variables that name a server. PGPASSWORD, PGPORT and the others of libpq are used too. */
const URL_VARIABLE = "CANCERNET_DATABASE_URL";
const NEEDED = ["PGHOST", "PGDATABASE"] as const;

export interface Packages {
  readonly pg: typeof Pg;
  readonly boss: typeof Boss;
}

/** @throws UserError if the packages are not installed. */
export async function loadPackages(): Promise<Packages> {
  try {
    const [pg, boss] = await Promise.all([import("pg"), import("pg-boss")]);
    return { pg: pg.default as unknown as typeof Pg, boss };
  } catch (error) {
    if (codeOf(error) !== "ERR_MODULE_NOT_FOUND") throw error;
    throw new UserError(
      "package-missing",
      'The queue needs two packages that are not installed: run "npm install pg pg-boss" beside cancernet.',
    );
  }
}

/** @throws UserError if the packages are not installed, or the environment names no server. */
export async function requireQueue(): Promise<void> {
  await loadPackages();
  requireServer(process.env);
}

/** @throws UserError if the environment names no server. */
function requireServer(environment: NodeJS.ProcessEnv): void {
  if (environment[URL_VARIABLE] || NEEDED.some((name) => environment[name])) return;
  throw new UserError(
    "database-unnamed",
    `The environment names no PostgreSQL server: set PGHOST, PGUSER, PGPASSWORD and PGDATABASE, or ${URL_VARIABLE}.`,
  );
}

/** What `pg` needs besides its own variables. */
function connectionOf(environment: NodeJS.ProcessEnv): Pg.PoolConfig {
  const url = environment[URL_VARIABLE];
  return {
    ...(url ? { connectionString: url } : {}),
    application_name: "cancernet",
    query_timeout: QUERY_MILLISECONDS,
    connectionTimeoutMillis: CONNECT_MILLISECONDS,
    keepAlive: true,
  };
}

/** The class of pg's clients, without its search for a password in the home folder (~/.pgpass). */
function clientWithoutFiles({ Client }: typeof Pg): typeof Client {
  return class extends Client {
    constructor(config?: string | Pg.ClientConfig) {
      super(config);
      // pg calls it if the server wants a password.
      const own = this as unknown as { password: unknown };
      own.password ??= () => {
        // Otherwise pg leaves the connection open until the server gives up waiting, after a minute.
        setImmediate(() => void this.end().catch(() => {}));
        throw new UserError(
          "database-refused",
          `The PostgreSQL server wants a password: set PGPASSWORD, or a password in ${URL_VARIABLE}.`,
        );
      };
    }
  };
}

/** Runs statements; the rows of an answer are objects by column. */
export interface Database {
  executeSql(text: string, values?: unknown[]): Promise<{ rows: Record<string, unknown>[] }>;
}

/** A pool of connections that are made when they are needed, and made again after they were lost. */
export interface Connections extends Database {
  /** Runs statements in one transaction, which is undone if `work` throws. */
  transaction<T>(work: (database: Database) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Opens the connections lazily: nothing is sent yet. @throws UserError if the environment names no server. */
export function openConnections({ pg }: Packages, most = 3): Connections {
  const environment = process.env;
  requireServer(environment);
  const pool = new pg.Pool({ ...connectionOf(environment), max: most, Client: clientWithoutFiles(pg) });
  // A connection that breaks while it is idle is replaced at its next use.
  pool.on("error", () => {});
  const run = async (client: Pick<Pg.ClientBase, "query">, text: string, values?: unknown[]) => {
    const answer: unknown = await client.query(text, values);
    // Several statements give several answers; the last one counts.
    const last = (Array.isArray(answer) ? answer.at(-1) : answer) as { rows?: Record<string, unknown>[] };
    return { rows: last?.rows ?? [] };
  };
  return {
    executeSql: (text, values) => run(pool, text, values),
    async transaction(work) {
      const client = await pool.connect();
      let broken = true;
      try {
        await client.query("BEGIN");
        const result = await work({ executeSql: (text, values) => run(client, text, values) });
        await client.query("COMMIT");
        broken = false;
        return result;
      } finally {
        // A connection whose transaction has failed is closed, which undoes the transaction.
        client.release(broken);
      }
    },
    close: () => pool.end(),
  };
}

/** Errors of Node and of PostgreSQL that say that the server is away for now, not that the statement is wrong. */
const AWAY =
  /^(ECONN|EPIPE|ENOENT|ETIMEDOUT|EHOST|ENET|EAI_|08|57P0|53)|timeout|Connection terminated|terminating|not queryable/i;

/** Whether an error means that the database cannot be reached now; it may come back. */
export function isAway(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isAway);
  if (!(error instanceof Error) || error instanceof UserError) return false;
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  return AWAY.test(code) || AWAY.test(error.message);
}

/** An error of the database as one sentence without the address of the server and without credentials. */
export function databaseError(error: unknown): unknown {
  if (error instanceof UserError) return error;
  if (isAway(error))
    return new UserError(
      "database-away",
      `The PostgreSQL server that the environment names does not answer (${reasonOf(error)}): check that it runs, and PGHOST and PGPORT.`,
    );
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (/^28|^3D/.test(code))
    return new UserError(
      "database-refused",
      "The PostgreSQL server refuses the connection: check PGUSER, PGPASSWORD and PGDATABASE.",
    );
  if (/^42501/.test(code))
    return new UserError(
      "database-refused",
      `The database user may not do this (${messageOf(error)}): grant it the right to create a schema in the database.`,
    );
  return error;
}

/** Only the code: messages of connection errors contain the address. */
function reasonOf(error: unknown): string {
  const first = error instanceof AggregateError ? error.errors[0] : error;
  const code = first instanceof Error && "code" in first && typeof first.code === "string" ? first.code : "timeout";
  return code;
}
