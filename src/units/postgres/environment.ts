/**
 * The variables of the environment that name the PostgreSQL server, so that no password is on a command line. "pg" reads
 * PGUSER, PGPASSWORD, PGPORT and the others of libpq itself.
 */
import { UserError } from "../../util/errors.ts";

export const URL_VARIABLE = "CANCERNET_DATABASE_URL";
const HOST_VARIABLE = "PGHOST";

/** @throws UserError if the environment names no server. */
export function requireServer(): void {
  if (process.env[URL_VARIABLE] || process.env[HOST_VARIABLE]) return;
  throw new UserError(
    "database-unnamed",
    `The environment names no PostgreSQL server: set PGHOST, PGUSER, PGPASSWORD and PGDATABASE, or ${URL_VARIABLE}.`,
  );
}

/** The address of the server, if it is given as one; it comes before the other variables. */
export const serverAddress = (): string | undefined => process.env[URL_VARIABLE] || undefined;

/** What no message may contain: the address and the passwords. */
export function secretsOfEnvironment(): string[] {
  const address = serverAddress();
  return [address, process.env.PGPASSWORD, ...passwordsIn(address)].filter(
    (secret) => secret !== undefined && secret !== "",
  ) as string[];
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
