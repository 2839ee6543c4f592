/**
 * Loads sharp when a picture first needs it, with limits on what it reads. Loading it takes longer than all else that
 * starts a short command, and plain PNG files do not need it.
 */
import type Sharp from "sharp";

/**
 * The libvips loaders that may run. The others (SVG, GIF, HEIF and more) would read formats that the documentation does
 * not list as supported.
 */
const LOADERS = ["Png", "Jpeg", "Tiff", "Webp"].map((format) => `VipsForeignLoad${format}`);

let loaded: Promise<typeof Sharp> | undefined;

/** Sharp. It is the only way to it, so that the limits always hold. */
export function codec(): Promise<typeof Sharp> {
  loaded ??= load();
  return loaded;
}

async function load(): Promise<typeof Sharp> {
  const { default: sharp } = await import("sharp");
  sharp.block({ operation: ["VipsForeignLoad"] });
  sharp.unblock({ operation: LOADERS });
  // Patches are small. Many are decoded in parallel, so each uses one thread. None is decoded twice, so a cache is
  // useless.
  sharp.concurrency(1);
  sharp.cache(false);
  return sharp;
}
