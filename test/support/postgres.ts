/**
 * A real PostgreSQL server of Debian for tests. Its data and its unix socket are in a temporary folder, and it listens
 * nowhere else. Tests that need it are skipped by name without it.
 */
import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { after, before } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

const VERSIONS = "/usr/lib/postgresql";

/** The folder of the newest installed server's programs; undefined if there is none. */
const PROGRAMS = (existsSync(VERSIONS) ? readdirSync(VERSIONS) : [])
  .sort((a, b) => Number(b) - Number(a))
  .map((version) => join(VERSIONS, version, "bin"))
  .find((folder) => ["initdb", "postgres", "psql"].every((name) => existsSync(join(folder, name))));

/** For node:test's `skip`: false, or why there is no server. */
export const NO_POSTGRES = PROGRAMS ? false : "needs Debian's postgresql";

/** As root, the server runs as another user, because it refuses root. */
const USER = process.getuid?.() === 0 ? serverUser() : undefined;

/** The server starts within this time, even if it recovers from a crash on a loaded machine. */
const START_MILLISECONDS = 60_000;

export interface Postgres {
  /** The folder of the socket, which is the host for clients. */
  readonly host: string;
  /** The socket, for a proxy. */
  readonly socket: string;
  /** The variables that name the server for a client. */
  readonly environment: Readonly<Record<"PGHOST" | "PGPORT" | "PGUSER" | "PGDATABASE", string>>;
  /**
   * The rows of an SQL statement, as texts. psql runs it in a process of its own.
   * @param host the folder of a proxy's socket; the server's own by default
   */
  query(sql: string, host?: string): Promise<string[][]>;
  /** What the server has logged. */
  log(): string;
  start(): Promise<void>;
  /** Stops the server: "fast" ends it in order, "immediate" is a crash, after which it recovers at its next start. */
  stop(how: "fast" | "immediate"): Promise<void>;
  restart(how: "fast" | "immediate"): Promise<void>;
}

/** A server that the tests of a file or of a `describe` share. @param started is called when it accepts connections */
export function usePostgres(started?: (server: Postgres) => void): () => Postgres {
  let server: Postgres | undefined;
  const ends: (() => unknown)[] = [];
  before(async () => {
    if (NO_POSTGRES) return;
    server = await startPostgres({ after: (end) => ends.push(end) });
    started?.(server);
  });
  after(async () => {
    for (const end of ends) await end();
  });
  return () => server!;
}

/**
 * Makes a server with an empty database and starts it. At the end of the test it is stopped and its folder removed.
 * @param settings of the server, such as "max_connections=20"
 */
export async function startPostgres(
  t: { after(end: () => unknown): void },
  settings: readonly string[] = [],
): Promise<Postgres> {
  const folder = mkdtempSync(join(tmpdir(), "pg-"));
  if (USER) execFileSync("chown", [USER, folder]);
  const [data, logFile] = [join(folder, "data"), join(folder, "log")];
  const environment = { PGHOST: folder, PGPORT: "5432", PGUSER: "cancernet", PGDATABASE: "postgres" };
  let server: ChildProcess | undefined;

  const stop = async (how: "fast" | "immediate") => {
    if (!server || hasEnded(server)) return;
    const ended = once(server, "exit");
    server.kill(how === "fast" ? "SIGINT" : "SIGQUIT");
    await ended;
  };
  t.after(async () => {
    await stop("immediate");
    rmSync(folder, { recursive: true, force: true });
  });
  execFileSync("cp", ["-a", emptyDatabase(environment.PGUSER), data]);
  const query = async (sql: string, host = folder) => {
    const flags = ["-X", "-A", "-t", "-q", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-c", sql];
    const { stdout } = await promisify(execFile)(join(PROGRAMS!, "psql"), flags, {
      env: { ...process.env, ...environment, PGHOST: host },
      maxBuffer: 1 << 28,
    });
    const lines = stdout.split("\n").filter((line) => line !== "");
    return lines.map((line) => line.split("\t"));
  };
  const start = async () => {
    const own = ["listen_addresses=", `unix_socket_directories=${folder}`, "shared_buffers=64MB", ...settings];
    const args = ["-D", data, ...own.flatMap((setting) => ["-c", setting])];
    // If the test is killed, the server ends too.
    const [file, ...words] = commandOf("postgres", args, ["--pdeathsig", "QUIT"]);
    const log = openSync(logFile, "a");
    server = spawn(file!, words, { cwd: folder, stdio: ["ignore", log, log] });
    const end = performance.now() + START_MILLISECONDS;
    while (!(await accepts(query))) {
      const why = hasEnded(server) ? "ended" : "does not accept connections";
      if (hasEnded(server) || performance.now() > end) throw new Error(`The server ${why}: ${readFileSync(logFile)}`);
      await sleep(50);
    }
  };
  await start();
  return {
    host: folder,
    socket: join(folder, ".s.PGSQL.5432"),
    environment,
    query,
    log: () => readFileSync(logFile, "utf8"),
    start,
    stop,
    async restart(how) {
      await stop(how);
      await start();
    },
  };
}

/**
 * A folder with the files of an empty database, to be copied. It is made once and kept beside the other caches, because
 * initdb takes more than a second of processor time.
 */
function emptyDatabase(owner: string): string {
  const kept = resolve("node_modules", ".cache", `postgres-${basename(dirname(PROGRAMS!))}-${USER ?? "own"}`);
  if (existsSync(kept)) return kept;
  mkdirSync(dirname(kept), { recursive: true });
  const made = mkdtempSync(`${kept}-`);
  if (USER) execFileSync("chown", [USER, made]);
  asServerUser("initdb", ["-D", made, "-U", owner, "-A", "trust", "-E", "UTF8", "--no-locale", "-N"]);
  try {
    renameSync(made, kept);
  } catch {
    // Another test file was faster.
    rmSync(made, { recursive: true });
  }
  return kept;
}

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

const accepts = (query: Postgres["query"]): Promise<boolean> =>
  query("select 1").then(
    () => true,
    () => false,
  );

function serverUser(): string {
  const users = readFileSync("/etc/passwd", "utf8").split("\n");
  return users.some((line) => line.startsWith("postgres:")) ? "postgres" : "nobody";
}

/** That other user may read and write what root can, for example below a folder that is closed to others. */
const RIGHTS = ["--inh-caps=-all,+dac_override", "--ambient-caps=-all,+dac_override"];

/** A program of the server as a command line, run by the server's user. */
function commandOf(program: string, args: readonly string[], how: readonly string[] = []): string[] {
  const user = USER ? ["--reuid", USER, "--regid", groupOf(USER), "--clear-groups", ...RIGHTS] : [];
  return ["setpriv", ...user, ...how, join(PROGRAMS!, program), ...args];
}

const groupOf = (user: string): string => execFileSync("id", ["-g", user], { encoding: "utf8" }).trim();

function asServerUser(program: string, args: readonly string[]): void {
  const [file, ...words] = commandOf(program, args);
  execFileSync(file!, words, { cwd: "/", stdio: ["ignore", "ignore", "pipe"] });
}
