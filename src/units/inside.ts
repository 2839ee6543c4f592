/** Paths from a description or a queue: they must lead to a place inside a folder that the user has named. */
import { realpath } from "node:fs/promises";
import { join, sep } from "node:path";
import { pathFrom } from "../system/paths.ts";
import { UserError } from "../util/errors.ts";

/** The path from a root on, with "/"; undefined if it leads outside. */
export function pathInRoot(root: string, path: string): string | undefined {
  const inRoot = pathFrom(root, path);
  const isOutside = inRoot === ".." || inRoot.startsWith("../") || inRoot.startsWith("/") || /^[A-Za-z]:/.test(inRoot);
  return isOutside ? undefined : inRoot;
}

/**
 * The path of a file or folder that exists inside a root.
 * @param path relative to the root, with "/"
 * @param what names it in errors: "the slide"
 * @throws UserError if the path is absolute, climbs, leads outside through a link, or does not exist.
 */
export async function insideRoot(root: string, path: string, what: string): Promise<string> {
  const refusal = (why: string) =>
    new UserError("path-invalid", `Refused ${what} ${path}: ${why}; only what lies in ${root} may be named.`);
  if (path === "" || path.includes("\0") || path.includes("\\") || /^([/]|[A-Za-z]:)/.test(path))
    throw refusal("it is not a path from the folder on");
  if (path.split("/").includes("..")) throw refusal("it climbs out of the folder");
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
