/**
 * The connection to PostgreSQL. The environment names the server, so that no password is on a command line. The
 * packages are optional: they are loaded only here.
 */
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { inspect } from "node:util";
import type * as Pg from "pg";
import type * as Boss from "pg-boss";
import { codeOf, messageOf, printable, UserError } from "../../util/errors.ts";

/** A network that swallows what is sent must not stop a worker for longer. */
const QUERY_MILLISECONDS = 5000;
const CONNECT_MILLISECONDS = 4000;
/** How long orderly farewells may take before connections are cut. */
const FAREWELL_MILLISECONDS = 1000;

/** The variables that name a server. PGPASSWORD, PGPORT and the others of libpq are used too. */
const URL_VARIABLE = "CANCERNET_DATABASE_URL";
const HOST_VARIABLE = "PGHOST";

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
  if (environment[URL_VARIABLE] || environment[HOST_VARIABLE]) return;
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
  const sockets = new Set<Duplex>();
  const pool = new pg.Pool({
    ...connectionOf(environment),
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

/** SQLSTATEs that pass: connection lost, shutdown, start, too many connections, no space, deadlock, timeouts. */
const PASSING = /^(08|53|57|58|40|25P0[23]|55P03)/;
const OF_LOGIN = /^(28|3D)/;
const NO_RIGHT = /^42501/;
const SQLSTATE = /^[0-9A-Z]{5}$/;
/** Errors of "pg" and Node about passwords and encryption, most of which have no code. */
const OF_ENCRYPTION = /password|SASL|SCRAM|SSL|TLS|certificate|self.signed/i;

/** The server's code of an error; undefined if the error is not the server's. */
function stateOf(error: unknown): string | undefined {
  const code = codeOf(error);
  return code !== undefined && SQLSTATE.test(code) && "severity" in (error as object) ? code : undefined;
}

/** Whether an error means that the database cannot be reached now; it may come back. */
export function isAway(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isAway);
  if (!(error instanceof Error) || error instanceof UserError) return false;
  const state = stateOf(error);
  if (state !== undefined) return PASSING.test(state);
  return AWAY.test(codeOf(error) ?? "") || (AWAY.test(error.message) && !OF_ENCRYPTION.test(error.message));
}

/** Errors of Node and of "pg" that say that the connection does not exist any more, or not yet. */
const AWAY =
  /^(ECONN|EPIPE|ENOENT|ETIMEDOUT|EHOST|ENET|EAI_|ENOTFOUND)|timeout|Connection terminated|terminating|not queryable|Client was closed/i;

/** An error of the database as one sentence without the address of the server and without credentials. */
export function databaseError(error: unknown): unknown {
  if (error instanceof UserError) return error;
  if (isAway(error))
    return new UserError(
      "database-away",
      `The PostgreSQL server that the environment names does not answer (${reasonOf(error)}): check that it runs, and PGHOST and PGPORT.`,
    );
  const state = stateOf(error);
  const message = withoutSecrets(messageOf(error));
  if (state !== undefined ? OF_LOGIN.test(state) : OF_ENCRYPTION.test(`${codeOf(error)} ${message}`))
    return new UserError(
      "database-refused",
      `The PostgreSQL server refuses the connection (${state ?? message}): check PGUSER, PGPASSWORD, PGDATABASE and PGSSLMODE, or ${URL_VARIABLE}.`,
    );
  if (codeOf(error) === "ERR_INVALID_URL")
    return new UserError(
      "database-unnamed",
      `${URL_VARIABLE} is not the address of a server: expected postgres://user:password@host:port/database.`,
    );
  if (state !== undefined && NO_RIGHT.test(state))
    return new UserError(
      "database-refused",
      `The database user may not do this (${message}): grant it the right to create a schema in the database.`,
    );
  // A bug, which is printed with all its members.
  const details = inspect(error);
  return withoutSecrets(details) === printable(details) ? error : new Error(message);
}

/** Removes the address and the passwords of the environment from a text. */
function withoutSecrets(text: string): string {
  const { [URL_VARIABLE]: url, PGPASSWORD: password } = process.env;
  let shown = text;
  for (const secret of [url, password, ...passwordsIn(url)]) if (secret) shown = shown.replaceAll(secret, "***");
  return printable(shown);
}

/** The password of an address, as it is written and as it is meant. */
function passwordsIn(url = ""): string[] {
  const written = /^[^:]+:[/][/][^:@/]*:(.*)@/.exec(url)?.[1] ?? "";
  const [, inQuery = ""] = /[?&]password=([^&#]*)/.exec(url) ?? [];
  return [written, inQuery].flatMap((text) => {
    try {
      return [text, decodeURIComponent(text)];
    } catch {
      return [text];
    }
  });
}

/** Only the code: messages of connection errors contain the address. */
function reasonOf(error: unknown): string {
  const first = error instanceof AggregateError ? error.errors[0] : error;
  return codeOf(first) ?? "timeout";
}
