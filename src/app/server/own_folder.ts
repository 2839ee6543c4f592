/**
 * The studio's own folder in the folder that it serves: jobs, caches, the port and the token of the last start. A copy
 * of it, for example from an archive of somebody else, has a token that others know and jobs that somebody else wrote.
 * So what it holds counts only at the place where it was made.
 */
import { randomBytes } from "node:crypto";
import { chmod, lstat, readdir, rename, stat } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { fileError, makeFolders, readDescriptionText, writeFileAtomically } from "../../system/files.ts";
import { UserError } from "../../util/errors.ts";
import { STUDIO_FOLDER } from "./workspace/scan.ts";

const LAST_FILE = "server.json";

/** Only the user may read what names the token. */
const [FOLDER_MODE, FILE_MODE] = [0o700, 0o600];

const lastSchema = z.object({
  port: z.int().min(1).max(65_535),
  token: z.string().regex(/^[\w-]{43}$/),
  place: z.string(),
});

/** What the next start takes over, so that an open page goes on after a restart. */
export interface LastStart {
  /** Undefined if the studio has not run here before. */
  readonly port: number | undefined;
  readonly token: string;
  /** Writes them down for the next start. */
  keep(port: number): Promise<void>;
}

/**
 * Makes the studio's own folder, and protects it.
 * @returns its path
 * @throws UserError if the folder is a link, or cannot be written.
 */
export async function ownFolder(root: string): Promise<string> {
  const own = join(root, STUDIO_FOLDER);
  try {
    await makeFolders(own, FOLDER_MODE);
    if ((await lstat(own)).isSymbolicLink()) {
      throw new UserError(
        "path-is-link",
        `${own} is a link: remove it; the studio keeps its token and its jobs there.`,
      );
    }
    await chmod(own, FOLDER_MODE);
    for (const { name, isSymbolicLink } of await entriesOf(own)) {
      if (isSymbolicLink) throw new UserError("path-is-link", `${join(own, name)} is a link: remove it.`);
    }
    return own;
  } catch (error) {
    throw fileError(error, `cannot write in ${root}`, "the studio keeps its jobs there; check the permissions");
  }
}

/** Reads what the last start has left. Jobs of another place are moved aside. Call it with the lock held. */
export async function lastStart(own: string): Promise<LastStart> {
  const place = await placeOf(own);
  const last = await readLast(own);
  const isOurs = last?.place === place;
  if (!isOurs) await moveAside(own);
  const token = isOurs ? last.token : randomBytes(32).toString("base64url");
  return {
    port: last?.port,
    token,
    keep: (port) => {
      const text = `${JSON.stringify({ port, token, place } satisfies z.output<typeof lastSchema>)}\n`;
      return writeFileAtomically(join(own, LAST_FILE), text, FILE_MODE);
    },
  };
}

/** The number that the file system has given to the folder: a copy has another one. */
async function placeOf(own: string): Promise<string> {
  return String((await stat(own, { bigint: true })).ino);
}

async function readLast(own: string): Promise<z.output<typeof lastSchema> | undefined> {
  try {
    return lastSchema.safeParse(JSON.parse(await readDescriptionText(join(own, LAST_FILE), "the studio's last start")))
      .data;
  } catch {
    return undefined;
  }
}

async function moveAside(own: string): Promise<void> {
  const jobs = (await entriesOf(own)).find(({ name }) => name === "jobs");
  if (jobs) await rename(join(own, "jobs"), join(own, `jobs of another place ${Date.now()}`));
}

async function entriesOf(folder: string): Promise<{ readonly name: string; readonly isSymbolicLink: boolean }[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries.map((entry) => ({ name: entry.name, isSymbolicLink: entry.isSymbolicLink() }));
}
