/** Opens results in the form that their place asks for: a folder, or object storage. */
import { isObjectAddress } from "../system/object_address.ts";
import type { Context } from "../util/context.ts";
import { UserError } from "../util/errors.ts";
import { folderResults } from "./folder_results.ts";
import type { Results } from "./results.ts";
import { storeResults } from "./store_results.ts";

/**
 * The folder of results that lie in one.
 * @throws UserError if they are in object storage.
 */
export function folderOf({ name, folder }: Results): string {
  if (!isObjectAddress(name)) return folder;
  throw new UserError("path-invalid", `${name} is in object storage, where only "slide" keeps results: name a folder.`);
}

/**
 * @param place a folder, or an address such as s3://bucket/name
 * @param copyTo with an address: a folder that keeps what is brought, instead of one that is removed at the end
 * @throws UserError if object storage is not set up, or `copyTo` is not usable.
 */
export async function openResults(place: string, context: Context, copyTo?: string): Promise<Results> {
  if (isObjectAddress(place)) return storeResults(place, context, copyTo);
  if (copyTo === undefined) return folderResults(place);
  throw new UserError(
    "options-conflict",
    `--copy-to copies results from object storage, and ${place} is a folder already: leave it out.`,
  );
}
