/**
 * Results in object storage. An attempt uploads its files, and publishes them with one write of the unit's manifest,
 * which the server accepts only if there is none. So a unit is published once and whole, as in a folder.
 */
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join, sep } from "node:path";
import { fileError, kindOf, makeFolders } from "../system/files.ts";
import { removeLeftovers, temporaryName } from "../system/leftovers.ts";
import { objectAddress, placeIn } from "../system/object_address.ts";
import { ObjectStore } from "../system/objects/store.ts";
import { createOutputFolder } from "../system/output_folder.ts";
import type { Context } from "../util/context.ts";
import { UserError } from "../util/errors.ts";
import { firstDifference, type Manifest, manifestText, parseManifest } from "./manifest.ts";
import { filesIn, UNITS_FOLDER } from "./parts.ts";
import type { Results } from "./results.ts";

/** How many units are read at the same time. */
const AT_ONCE = 8;

const PARTS = `${UNITS_FOLDER}/parts/`;
const CONFLICTS = `${UNITS_FOLDER}/conflicts/`;

/** An object of an attempt: the attempt, and its unit. */
const ATTEMPT = /^(?<at>\.units\/parts\/(?<unit>.+?)\/\.attempt\.[^/]+)\//;

/** @throws UserError if object storage is not set up, or `copyTo` is not usable. */
export async function storeResults(
  place: string,
  { reporter, signal }: Context,
  copyTo?: string,
): Promise<StoreResults> {
  const { bucket } = objectAddress(place);
  const store = await ObjectStore.open(bucket, signal);
  const warn = (line: string) => reporter.warn(line);
  if (copyTo !== undefined) {
    await createOutputFolder(copyTo, "--copy-to");
    return new StoreResults(place, store, copyTo, async () => {});
  }
  await removeLeftovers(tmpdir(), warn);
  const scratch = join(tmpdir(), temporaryName("cancernet-results", "partial"));
  await mkdir(scratch).catch((error: unknown) => {
    throw fileError(error, `cannot make the folder ${scratch}`, "check the system's temporary folder");
  });
  return new StoreResults(place, store, scratch, () => rm(scratch, { recursive: true, force: true }));
}

class StoreResults implements Results {
  readonly name: string;
  readonly folder: string;
  readonly close: () => Promise<void>;
  readonly #store: ObjectStore;
  readonly #prefix: string;
  /** Manifests never change. */
  readonly #manifests = new Map<string, Manifest>();
  #isChecked = false;

  constructor(place: string, store: ObjectStore, folder: string, close: () => Promise<void>) {
    const { key } = objectAddress(place);
    this.name = place;
    this.folder = folder;
    this.close = close;
    this.#store = store;
    this.#prefix = key === "" || key.endsWith("/") ? key : `${key}/`;
  }

  placeOf(path: string): string {
    return placeIn(this.name, path);
  }

  read(path: string): Promise<string | undefined> {
    return this.#store.read(this.#prefix + path);
  }

  write(path: string, text: string): Promise<void> {
    return this.#store.write(this.#prefix + path, text);
  }

  async writeFirst(path: string, text: string): Promise<void> {
    await this.#requireOwn(path);
    await this.#writeUnlessThere(path, text);
  }

  remove(path: string): Promise<void> {
    return this.#store.remove(this.#prefix + path);
  }

  stamp(path: string): Promise<string | undefined> {
    return this.#store.stamp(this.#prefix + path);
  }

  async shareFile(path: string): Promise<void> {
    if ((await this.stamp(path)) === undefined) await this.#store.upload(join(this.folder, path), this.#prefix + path);
  }

  async bringFile(path: string): Promise<void> {
    if ((await this.stamp(path)) !== undefined) await this.#download(path, path, () => {});
  }

  async bring(units: readonly string[], files?: readonly string[]): Promise<void> {
    await this.#forEach(units, async (unit) => {
      const manifest = await this.#manifestOf(unit);
      for (const file of manifest?.files ?? []) {
        if (files === undefined || files.includes(file.name)) await this.#bringFile(unit, manifest!, file);
      }
    });
  }

  async forget(unit: string): Promise<void> {
    this.#manifests.delete(unit);
    await rm(join(this.folder, unit), { recursive: true, force: true });
  }

  async publish(place: string, unit: string): Promise<void> {
    const at = `${PARTS}${unit}/${basename(place)}`;
    const files: Manifest["files"] = [];
    for (const path of (await filesIn(place)).sort()) {
      const name = path.replaceAll(sep, "/");
      files.push({ name, ...(await this.#store.upload(join(place, path), `${this.#prefix}${at}/${name}`)) });
    }
    const own: Manifest = { format: 1, at, files };
    const written = await this.#writeUnlessThere(`${unit}.json`, manifestText(own));
    const published = written ? own : await this.#manifestOf(unit);
    if (published?.at !== at) await this.#settle(unit, own, published);
    await rm(place, { recursive: true, force: true });
  }

  /** The unit has a result of another process: ours is dropped if it is equal, and kept if it differs. */
  async #settle(unit: string, own: Manifest, published: Manifest | undefined): Promise<void> {
    const manifest = this.placeOf(`${unit}.json`);
    if (published === undefined)
      throw new UserError(
        "store-failed",
        `${manifest} was removed by somebody meanwhile: give the same command again.`,
      );
    const difference = firstDifference(own, published);
    if (difference === undefined) {
      for (const { name } of own.files) await this.remove(`${own.at}/${name}`);
      return;
    }
    const kept = `${CONFLICTS}${unit}/${basename(own.at)}.json`;
    await this.write(kept, manifestText(own));
    throw new UserError(
      "results-differ",
      `Two processes have made ${manifest}, and ${difference} differs: the other result is ${this.placeOf(kept)}; compare them, and remove the wrong one.`,
    );
  }

  async requireNoConflict(): Promise<void> {
    for await (const path of this.#paths(CONFLICTS)) {
      const unit = dirname(path.slice(CONFLICTS.length));
      throw new UserError(
        "results-differ",
        `${this.placeOf(path)} names another result than ${this.placeOf(`${unit}.json`)}: compare them, remove the wrong one (or copy the first over the second), and gather again.`,
      );
    }
  }

  async finish(units: readonly string[], unfinished: readonly string[]): Promise<void> {
    for (const entry of await readdir(this.folder, { withFileTypes: true })) {
      if (entry.isFile() && !entry.name.startsWith("."))
        await this.#store.upload(join(this.folder, entry.name), this.#prefix + entry.name);
    }
    // An attempt at a unit without a manifest may be about to be published, so it stays.
    const open = new Set(unfinished);
    const published = new Map<string, string>();
    await this.#forEach(units, async (unit) => {
      const manifest = open.has(unit) ? undefined : await this.#manifestOf(unit);
      if (manifest !== undefined) published.set(unit, manifest.at);
    });
    for await (const path of this.#paths(PARTS)) {
      const { at, unit } = ATTEMPT.exec(path)?.groups ?? {};
      const isOver = unit !== undefined && published.has(unit) && published.get(unit) !== at;
      if (isOver) await this.remove(path);
    }
  }

  async #manifestOf(unit: string): Promise<Manifest | undefined> {
    const known = this.#manifests.get(unit);
    if (known !== undefined) return known;
    const text = await this.read(`${unit}.json`);
    if (text === undefined) return undefined;
    const manifest = parseManifest(text, this.placeOf(`${unit}.json`));
    this.#manifests.set(unit, manifest);
    return manifest;
  }

  async #bringFile(unit: string, { at }: Manifest, { name, sha256 }: Manifest["files"][number]): Promise<void> {
    await this.#download(`${at}/${name}`, join(unit, name), (found) => {
      if (found === sha256) return;
      throw new UserError(
        "output-mismatch",
        `${this.placeOf(`${at}/${name}`)} was changed: its SHA-256 is not that of the manifest; restore it, or remove ${this.placeOf(`${unit}.json`)} and give the same command again.`,
      );
    });
  }

  /** Copies an object to a path in the folder, unless it is there. */
  async #download(from: string, to: string, check: (sha256: string) => void): Promise<void> {
    const path = join(this.folder, to);
    if ((await kindOf(path)) === "file") return;
    await makeFolders(dirname(path));
    const temporary = join(dirname(path), temporaryName(basename(to), "tmp"));
    check((await this.#store.download(this.#prefix + from, temporary)).sha256);
    await rename(temporary, path);
  }

  async *#paths(start: string): AsyncGenerator<string, undefined> {
    for await (const { key } of this.#store.list(this.#prefix + start)) yield key.slice(this.#prefix.length);
  }

  async #forEach(units: readonly string[], work: (unit: string) => Promise<void>): Promise<void> {
    const waiting = units.values();
    const worker = async () => {
      for (const unit of waiting) await work(unit);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  }

  /** @returns whether this call is known to have written the file. */
  async #writeUnlessThere(path: string, text: string): Promise<boolean> {
    await this.#requireConditions();
    return this.#store.writeFirst(this.#prefix + path, text);
  }

  /** Some servers ignore the condition of a write, and two processes would publish over each other unseen. */
  async #requireConditions(): Promise<void> {
    if (this.#isChecked) return;
    const key = `${this.#prefix}${UNITS_FOLDER}/conditional-write`;
    await this.#store.writeFirst(key, "");
    if (await this.#store.writeFirst(key, ""))
      throw new UserError(
        "store-failed",
        `The server of ${this.name} ignores the condition of a write (If-None-Match): results need one that follows it, or a folder.`,
      );
    this.#isChecked = true;
  }

  /** A work begins only where nothing of others lies. @throws UserError if something does. */
  async #requireOwn(path: string): Promise<void> {
    for await (const found of this.#paths("")) {
      if (found.startsWith(`${UNITS_FOLDER}/`)) return;
      if ((await this.read(path)) !== undefined) return;
      throw new UserError(
        "output-exists",
        `${this.name} is not empty (${found}): choose another address with --out, or remove what is there.`,
      );
    }
  }
}
