/**
 * What the tests of the examples share: small slides, one of them damaged, the results of one process, and the commands
 * of an example as processes, with their volumes as folders of this machine.
 */
import assert from "node:assert/strict";
import { type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { delimiter } from "node:path";
import { cancernet, MAIN } from "../support/command.ts";
import { type At, hashTree } from "../support/folder.ts";
import { isDamaged, writeSmallSlides } from "../support/small_slides.ts";

export const SLIDES = 14;
/** The index of the damaged slide. */
export const DAMAGED = [...Array(SLIDES).keys()].find(isDamaged)!;

/** Which shard, from 1, has the damaged slide. */
export const damagedShard = (shards: number): number => (DAMAGED % shards) + 1;

export interface Places {
  readonly slides: string;
  /** The folder of a process that does everything, in which each example has a folder of its own. */
  readonly results: string;
  /** A path on which "cancernet" is this program. */
  readonly path: string;
}

/** Makes the slides, a program named cancernet, and the results of one process. */
export async function makePlaces(at: At): Promise<Places> {
  writeSmallSlides(at("slides"), SLIDES);
  mkdirSync(at("bin"));
  writeFileSync(at("bin", "cancernet"), `#!/bin/sh\nexec '${process.execPath}' '${MAIN}' "$@"\n`);
  chmodSync(at("bin", "cancernet"), 0o755);
  const places = {
    slides: at("slides"),
    results: at("one", "slides"),
    path: `${at("bin")}${delimiter}${process.env.PATH}`,
  };
  const { code, err } = await cancernet(["slide", "idc", places.slides, "--out", places.results]);
  assert.equal(code, 2, err);
  return places;
}

/** Fails unless a folder holds what one process has written, with the same bytes, and no attempt at a unit. */
export async function assertSameAsOne(results: string, { results: one }: Places): Promise<void> {
  const visible = async (folder: string) =>
    [...(await hashTree(folder))].filter(([path]) => !path.startsWith(".units/") || path.includes("parts"));
  const expected = await visible(one);
  assert.ok(expected.length > SLIDES, `${expected.length} files`);
  assert.deepEqual(new Map(await visible(results)), new Map(expected));
}

export interface Ran {
  readonly code: number | null;
  /** Both streams. */
  readonly printed: string;
}

/** Runs a command, such as a container's. */
export function run(command: readonly string[], options: SpawnOptions = {}): Promise<Ran> {
  const { promise, resolve, reject } = Promise.withResolvers<Ran>();
  const [file, ...args] = command;
  const child = spawn(file!, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
  let printed = "";
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.setEncoding("utf8").on("data", (part: string) => {
      printed += part;
    });
  }
  child.on("error", reject);
  child.on("close", (code) => resolve({ code, printed }));
  return promise;
}

/** Words of a container's command, in which each path below a volume is a path of this machine. */
export function onThisMachine(words: readonly string[], volumes: ReadonlyMap<string, string>): string[] {
  return words.map((word) =>
    [...volumes].reduce((text, [mounted, folder]) => {
      const path = new RegExp(`(?<![\\w/.-])${mounted}(?=$|[\\s/"])`, "g");
      return text.replaceAll(path, word === text && text.startsWith(mounted) ? folder : `'${folder}'`);
    }, word),
  );
}

/**
 * Starts several processes of a worker. They are killed at the end of the test.
 * @returns a function that stops them as a container runtime does, and fails unless they end in order
 */
export function startWorkers(
  t: { after(end: () => unknown): void },
  [file, ...args]: readonly string[],
  env: NodeJS.ProcessEnv,
  count: number,
): { stop(): Promise<void> } {
  const workers = Array.from({ length: count }, () => {
    const child = spawn(file!, args, { env, stdio: ["ignore", "ignore", "pipe"] });
    let errors = "";
    child.stderr.setEncoding("utf8").on("data", (part: string) => {
      errors += part;
    });
    t.after(() => child.kill("SIGKILL"));
    return { child, ended: once(child, "close"), errors: () => errors };
  });
  return {
    async stop() {
      for (const { child } of workers) child.kill("SIGTERM");
      for (const { ended, errors } of workers) assert.equal((await ended)[0], 143, errors());
    },
  };
}
