/**
 * The items of the studio's folder by id. The page names items only by these ids, so it can never name a path. The
 * folder is searched again when a question comes after the last search has become old.
 */
import { createHash } from "node:crypto";
import { readFile, realpath, stat } from "node:fs/promises";
import { basename, join, sep } from "node:path";
import { UserError } from "../../../util/errors.ts";
import type { Item, ItemKind } from "../../api/items.ts";
import { describeItem } from "./describe.ts";
import { type FoundItem, findItems } from "./scan.ts";

const FRESH_MILLISECONDS = 1500;
const LARGEST_DESCRIPTION = 8 * 1024 * 1024;
/** The longest text that is kept for the next search. */
const LARGEST_KEPT = 256 * 1024;

type ItemOf<K extends ItemKind> = Extract<Item, { readonly kind: K }>;

export class Workspace {
  /** The real path of the studio's folder. */
  readonly root: string;
  #items = new Map<string, Item>();
  #searched = Number.NEGATIVE_INFINITY;
  #search: Promise<void> | undefined;
  /** The contents of the descriptions that were read last, by path. */
  #contents = new Map<string, FileContent>();

  private constructor(root: string) {
    this.root = root;
  }

  static async open(folder: string): Promise<Workspace> {
    return new Workspace(await realpath(folder));
  }

  /** All items, in the order of their paths. */
  async items(): Promise<readonly Item[]> {
    await this.#refresh();
    return [...this.#items.values()];
  }

  /**
   * The item with that id.
   * @throws UserError if there is none, or it is of another kind.
   */
  async item<K extends ItemKind>(kind: K, id: string): Promise<ItemOf<K>> {
    let item = this.#items.get(id);
    if (!item) {
      this.forget();
      await this.#refresh();
      item = this.#items.get(id);
    }
    if (item?.kind === kind) return item as ItemOf<K>;
    throw new UserError("item-unknown", `There is no ${kind} of that id in the studio's folder: load the page again.`);
  }

  /**
   * The absolute path of an item. Its real path lies in the studio's folder.
   * @throws UserError if the item has become a link out of the folder, or is gone.
   */
  async pathOf(item: Pick<Item, "path">): Promise<string> {
    const real = await realpath(join(this.root, item.path)).catch(() => undefined);
    if (real === this.root || real?.startsWith(this.root + sep)) return real;
    throw new UserError(
      "item-unknown",
      `${item.path} is gone, or leads out of the studio's folder: load the page again.`,
    );
  }

  /** Makes the next question search the folder again. */
  forget(): void {
    this.#searched = Number.NEGATIVE_INFINITY;
  }

  async #refresh(): Promise<void> {
    if (performance.now() - this.#searched < FRESH_MILLISECONDS) return;
    this.#search ??= this.#read().finally(() => {
      this.#search = undefined;
    });
    await this.#search;
  }

  async #read(): Promise<void> {
    const started = performance.now();
    const found = await findItems(this.root);
    const ids = new Map(found.map(({ kind, path }) => [`${kind} ${path}`, idOf(kind, path)]));
    const contents = new Map<string, FileContent>();
    const about = {
      root: this.root,
      text: async (file: string) => {
        const content = await readContent(join(this.root, file), this.#contents.get(file));
        if (content.text.length <= LARGEST_KEPT) contents.set(file, content);
        return content.text;
      },
      idAt: (kind: ItemKind, path: string) => ids.get(`${kind} ${path}`) ?? null,
      slideNamed: (name: string) => {
        const slide = found.find(({ kind, path }) => kind === "slide" && basename(path) === name);
        return slide ? idOf("slide", slide.path) : null;
      },
    };
    const items = new Map<string, Item>();
    // One after the other, so that damaged descriptions, which can be large, are not all in memory.
    for (const one of found) {
      const item = await describe(one, about);
      // Of several attempts at a unit, and of its result, the newest is shown.
      if (item && !((items.get(item.id)?.changed ?? 0) > item.changed)) items.set(item.id, item);
    }
    this.#items = items;
    this.#contents = contents;
    this.#searched = started;
  }
}

/** The text of a file, and its size and time of change. */
interface FileContent {
  readonly stamp: string;
  readonly text: string;
}

/**
 * Reads a description, unless it is the same as before.
 * @throws UserError if it is too large or no ordinary file.
 */
async function readContent(path: string, before: FileContent | undefined): Promise<FileContent> {
  const found = await stat(path);
  const stamp = `${found.size} ${found.mtimeMs}`;
  if (stamp === before?.stamp) return before;
  if (!found.isFile()) throw new UserError("path-not-ordinary", "Its description is not an ordinary file.");
  if (found.size > LARGEST_DESCRIPTION) throw new UserError("file-too-large", "Its description is larger than 8 MB.");
  return { stamp, text: await readFile(path, "utf8") };
}

/** A file that disappears while it is read is no item. */
async function describe(found: FoundItem, about: Parameters<typeof describeItem>[2]): Promise<Item | undefined> {
  return describeItem(idOf(found.kind, found.path), found, about).catch(() => undefined);
}

/** An attempt at a unit: the folder that becomes the unit's. */
const ATTEMPT = /(^|\/)\.units\/parts\/(.+?)\/\.[^/]+\.partial(?=\/|$)/;

/**
 * 12 characters from the kind and the path; the same in every session. An attempt has the id that its result will have,
 * so that a page that follows it stays.
 */
function idOf(kind: ItemKind, path: string): string {
  return createHash("sha256")
    .update(`${kind}\n${path.replace(ATTEMPT, "$1$2")}`)
    .digest("base64url")
    .slice(0, 12);
}
