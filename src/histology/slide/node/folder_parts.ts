/**
 * Refuses files that are only a part of a slide, which the other files in their folder show: thumbnails of MIRAX slides
 * and pictures of Hamamatsu VMS slides.
 */
import { readdir } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { kindOf, readText } from "../../../system/files.ts";
import { startsWith } from "../../../util/bytes.ts";
import { UserError } from "../../../util/errors.ts";
import { MIRAX, VMS } from "../containers.ts";
import { conversionAdvice, unreadFormat } from "../conversion.ts";
import type { NodeSlideFile } from "./file.ts";

const JPEG = [0xff, 0xd8, 0xff];

/** @throws UserError if the file is a part of a slide. */
export async function refuseFolderParts({ path, head }: NodeSlideFile): Promise<void> {
  if (extname(path).toLowerCase() === ".mrxs") await requireMiraxFolder(path);
  if (startsWith(head, JPEG)) await refusePartOfVms(path);
}

/** A .mrxs file is a JPEG thumbnail. The slide itself is in the folder next to it. */
async function requireMiraxFolder(path: string): Promise<void> {
  const folder = join(dirname(path), basename(path, extname(path)));
  if ((await kindOf(join(folder, "Slidedat.ini"))) === "file") return;
  throw new UserError(
    "slide-incomplete",
    `${path} is the thumbnail of a MIRAX slide whose folder ${folder} with Slidedat.ini is missing: copy that folder ` +
      `too, then ${conversionAdvice(MIRAX.converter, MIRAX.example)}.`,
  );
}

/**
 * Refuses a JPEG file that belongs to a Hamamatsu VMS slide, i.e. that is listed in a .vms file in the same folder.
 */
async function refusePartOfVms(path: string): Promise<void> {
  const folder = dirname(path);
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter((other) => extname(other).toLowerCase() === ".vms")) {
    const list = await readText(join(folder, name), "the list of a slide's files").catch(() => "");
    const parts = list.split(/\r?\n/).map((line) => line.slice(line.indexOf("=") + 1).trim());
    if (!parts.includes(basename(path))) continue;
    throw unreadFormat(join(folder, name), VMS, `of which ${path} is a part; it is not read`);
  }
}
