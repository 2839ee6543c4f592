/**
 * Places inside what the user has named: a folder, or an address in object storage. Paths from a description or a queue
 * must lead there.
 */
import { lstat, realpath } from "node:fs/promises";
import { dirname, join, resolve, sep } from "node:path";
import { kindOf } from "../system/files.ts";
import { isObjectAddress, objectAddress, placeIn } from "../system/object_address.ts";
import { ObjectStore } from "../system/objects/store.ts";
import { pathFrom } from "../system/paths.ts";
import type { Context } from "../util/context.ts";
import { UserError } from "../util/errors.ts";
import { WORK_FILE } from "./description.ts";
import { UNITS_FOLDER } from "./parts.ts";

/**
 * The path from a root on, with "/"; undefined if it leads outside.
 * @param root a folder or an address
 * @param place a path or an address
 */
export function pathInRoot(root: string, place: string): string | undefined {
  if (isObjectAddress(root) || isObjectAddress(place)) return keyInRoot(root, place);
  const inRoot = pathFrom(root, place);
  const isOutside = inRoot === ".." || inRoot.startsWith("../") || inRoot.startsWith("/") || /^[A-Za-z]:/.test(inRoot);
  return isOutside ? undefined : inRoot;
}

function keyInRoot(root: string, place: string): string | undefined {
  const start = placeIn(root, "");
  const isInside = isObjectAddress(root) && place.startsWith(start) && place !== start;
  return isInside ? place.slice(start.length).replace(/\/$/, "") : undefined;
}

/** The folder or address that contains a place. That of a whole bucket is the bucket. */
export function placeAbove(place: string): string {
  if (!isObjectAddress(place)) return dirname(resolve(place));
  const above = place.replace(/\/[^/]+\/?$/, "");
  return isObjectAddress(above) ? above : place;
}

/**
 * Checks a place that the user has named, so that a wrong name does not make every unit fail.
 * @throws UserError if there is no such folder, or no such bucket, or the server refuses.
 */
export async function requirePlace(place: string, flag: string, { signal }: Context): Promise<void> {
  if (isObjectAddress(place)) {
    const { bucket, key } = objectAddress(place);
    const store = await ObjectStore.open(bucket, signal);
    for await (const _ of store.list(key)) return;
  } else if ((await kindOf(place)) !== "folder")
    throw new UserError("file-missing", `There is no folder ${place}: name an existing one with ${flag}.`);
}

/**
 * The place of a path below a root. In a folder, it exists. Of an address, only the text is checked.
 * @param root a folder or an address
 * @param path relative to the root, with "/"
 * @param what names it in errors: "the slide"
 * @throws UserError if the path is absolute, climbs, leads outside through a link, or does not exist.
 */
export async function placeInside(root: string, path: string, what: string): Promise<string> {
  if (!isObjectAddress(root)) return insideRoot(root, path, what);
  const refusal = requirePath(root, path, what);
  if (path.split("/").some((part) => part === "" || part === ".")) throw refusal('a part of it is empty or "."');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are refused
  if (/[\0-\x1f\x7f]/.test(path)) throw refusal("it holds a control character");
  const place = placeIn(root, path);
  objectAddress(place);
  return place;
}

/**
 * The path of a file or folder that exists inside a folder.
 * @throws UserError like `placeInside`, and if the root is an address.
 */
export async function insideRoot(root: string, path: string, what: string): Promise<string> {
  if (isObjectAddress(root))
    throw new UserError(
      "file-missing",
      `Cannot read ${what} ${path}: only slides are read from object storage, and the root is ${root}; name a folder with --root.`,
    );
  const refusal = requirePath(root, path, what);
  const place = join(root, path);
  const [top, real] = await Promise.all([root, place].map((one) => realpath(one).catch(() => undefined)));
  if (top === undefined) throw new UserError("file-missing", `There is no folder ${root}: name another one.`);
  if (real === undefined)
    throw new UserError(
      "file-missing",
      `There is no ${what.replace(/^the /, "")} ${path} in ${root}: check the folder.`,
    );
  if (real !== top && !real.startsWith(top.endsWith(sep) ? top : top + sep)) throw refusal("a link leads outside");
  return place;
}

/** @returns how to refuse the path for another reason. @throws UserError if the text alone leads elsewhere. */
function requirePath(root: string, path: string, what: string): (why: string) => UserError {
  const refusal = (why: string) =>
    new UserError("path-invalid", `Refused ${what} ${path}: ${why}; only what lies in ${root} may be named.`);
  const isAbsolute = isObjectAddress(path) || /^([/]|[A-Za-z]:)/.test(path);
  if (path === "" || path.includes("\0") || path.includes("\\") || isAbsolute)
    throw refusal(`it is not a path from the ${isObjectAddress(root) ? "address" : "folder"} on`);
  if (path.split("/").includes("..")) throw refusal("it climbs out");
  return refusal;
}

/** @throws UserError if a link would lead the unit's files out of the folder of the results. */
export async function requireNoLinks(folder: string, unit: string): Promise<void> {
  const beside = ["parts", "failed", "conflicts"].map((name) => `${UNITS_FOLDER}/${name}/${unit}`);
  for (const path of [unit, ...beside, WORK_FILE, `${UNITS_FOLDER}/failed/${unit}.json`]) {
    const names = path.split("/");
    for (let depth = 1; depth <= names.length; depth++) {
      const part = names.slice(0, depth).join("/");
      const found = await lstat(join(folder, part)).catch(() => undefined);
      if (found === undefined) break;
      if (found.isSymbolicLink())
        throw new UserError("path-invalid", `Refused the unit ${unit} of ${folder}: ${part} is a link.`);
    }
  }
}
