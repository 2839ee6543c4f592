/** Slides in object storage: lists them, and copies one to this machine while it is scored. */
import { mkdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, extname, join } from "node:path";
import { isDicomSlide } from "../histology/slide/dicom.ts";
import { SLIDE_EXTENSIONS } from "../histology/slide/open.ts";
import { fileError } from "../system/files.ts";
import { removeLeftovers, temporaryName } from "../system/leftovers.ts";
import { addressText, isObjectAddress, objectAddress } from "../system/object_address.ts";
import { ObjectStore } from "../system/objects/store.ts";
import type { Context } from "../util/context.ts";
import { UserError } from "../util/errors.ts";
import { counted } from "../util/numbers.ts";

/** A slide's DICOM files belong together, and only the file of its name would be copied. */
const MANY_FILES = ".dcm";

/**
 * The addresses of the slides whose names start with an address that ends with "/", sorted, and the number of slides
 * that cannot be scored.
 * @throws UserError if there is none.
 */
export async function listStoredSlides(
  place: string,
  { reporter, signal }: Context,
): Promise<{ readonly places: string[]; readonly leftOut: number }> {
  const { bucket, key: prefix } = objectAddress(place);
  const store = await ObjectStore.open(bucket, signal);
  const places: string[] = [];
  let [others, leftOut] = [0, 0];
  for await (const { key } of store.list(prefix)) {
    const extension = extname(key).toLowerCase();
    const isHidden = key
      .slice(prefix.length)
      .split("/")
      .some((name) => name.startsWith("."));
    if (extension === MANY_FILES) leftOut++;
    else if (isHidden || !SLIDE_EXTENSIONS.includes(extension)) others++;
    else places.push(addressText({ bucket, key }));
  }
  if (leftOut > 0) reporter.warn(`${counted(leftOut, "object")} (.dcm) of ${place} left out: ${COPY_DICOM}.`);
  if (places.length === 0)
    throw new UserError(
      "folder-empty",
      `${place} has no slides (${SLIDE_EXTENSIONS.join(", ")}), only ${counted(others + leftOut, "other object")}: check the address.`,
    );
  if (others > 0) reporter.warn(`Ignored in ${place}: ${counted(others, "object")} not named as slides are.`);
  return { places: places.sort(), leftOut };
}

const COPY_DICOM = "a DICOM slide has several files; copy its folder to this machine, and name that";

export interface LocalSlide {
  readonly path: string;
  /** If it is known already. */
  readonly sha256?: string;
  /** A text for the user, with the slide's place as the user named it. */
  shown(text: string): string;
  /** Removes the copy, if there is one. */
  close(): Promise<void>;
}

/**
 * A slide as a file of this machine. One in object storage is copied to the system's temporary folder, and hashed on
 * the way.
 * @throws UserError if there is no such object, or the disk is full.
 */
export async function localSlide(place: string, { reporter, signal }: Context): Promise<LocalSlide> {
  if (!isObjectAddress(place)) return { path: place, shown: (text) => text, close: async () => {} };
  const { bucket, key } = objectAddress(place);
  const store = await ObjectStore.open(bucket, signal);
  await removeLeftovers(tmpdir(), (line) => reporter.warn(line));
  const folder = join(tmpdir(), temporaryName("cancernet-slide", "partial"));
  const path = join(folder, basename(key));
  const close = () => rm(folder, { recursive: true, force: true });
  await mkdir(folder).catch((error: unknown) => {
    throw fileError(error, `cannot make the folder ${folder}`, "check the system's temporary folder");
  });
  try {
    const { sha256 } = await store.download(key, path);
    if (await isDicomSlide(path)) throw new UserError("slide-incomplete", `Cannot score ${place}: ${COPY_DICOM}.`);
    return { path, sha256, shown: (text) => text.replaceAll(path, place), close };
  } catch (error) {
    await close();
    throw error;
  }
}
