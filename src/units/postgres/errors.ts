/** Errors of the database as sentences: whether it is away for now, or refuses, without addresses and passwords. */
import { inspect } from "node:util";
import { codeOf, messageOf, printable, UserError } from "../../util/errors.ts";
import { secretsOfEnvironment, URL_VARIABLE } from "./environment.ts";

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
  let shown = text;
  for (const secret of secretsOfEnvironment()) shown = shown.replaceAll(secret, "***");
  return printable(shown);
}

/** Only the code: messages of connection errors contain the address. */
function reasonOf(error: unknown): string {
  const first = error instanceof AggregateError ? error.errors[0] : error;
  return codeOf(first) ?? "timeout";
}
