/** The connections to the PostgreSQL server that environment.ts names. The packages are optional: they are loaded here. */
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type * as Pg from "pg";
import type * as Boss from "pg-boss";
import { codeOf, UserError } from "../../util/errors.ts";
import { requireServer, serverAddress, URL_VARIABLE } from "./environment.ts";

/** A network that swallows what is sent must not stop a worker for longer. */
const QUERY_MILLISECONDS = 5000;
const CONNECT_MILLISECONDS = 4000;
/** How long orderly farewells may take before connections are cut. */
const FAREWELL_MILLISECONDS = 1000;

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
  requireServer();
}

/** What `pg` needs besides its own variables. */
function poolSettings(): Pg.PoolConfig {
  const url = serverAddress();
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
  requireServer();
  const sockets = new Set<Duplex>();
  const pool = new pg.Pool({
    ...poolSettings(),
    max: most,
    Client: clientWithoutFiles(pg),
    async onConnect(client) {
      const { stream } = (client as unknown as { readonly connection: { readonly stream: Duplex } }).connection;
      sockets.add(stream);
      stream.once("close", () => sockets.delete(stream));
      // The server gives up what this side has given up, and frees its locks.
      await client.query(
        `SET statement_timeout = ${QUERY_MILLISECONDS}; SET idle_in_transaction_session_timeout = ${2 * QUERY_MILLISECONDS}`,
      );
    },
  });
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
      // If the connection breaks, the statement that waits gets the error too.
      const onError = (): void => {};
      client.on("error", onError);
      let broken = true;
      try {
        await client.query("BEGIN");
        const result = await work({ executeSql: (text, values) => run(client, text, values) });
        await client.query("COMMIT");
        broken = false;
        return result;
      } finally {
        // A connection whose transaction has failed is closed, which undoes the transaction.
        client.off("error", onError);
        client.release(broken);
      }
    },
    async close() {
      const ended = pool.end().catch(() => {});
      await Promise.race([ended, sleep(FAREWELL_MILLISECONDS, undefined, { ref: false })]);
      for (const socket of sockets) socket.destroy();
    },
  };
}
