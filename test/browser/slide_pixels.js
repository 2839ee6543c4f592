/** A page's script: the SHA-256 of regions of slides, as the library for browsers reads them. */
import { openBlobSlide } from "../../src/browser/slides/open.ts";

/** @param plan the address of a slide, and its regions: [level, region] each */
window.hashesOf = async ({ address, regions }) => {
  const slide = await openBlobSlide(await (await fetch(address)).blob(), address);
  const hashes = [];
  for (const [level, region] of regions) {
    const { data } = await slide.readRegion(level, region);
    const digest = await crypto.subtle.digest("SHA-256", data);
    hashes.push([...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join(""));
  }
  await slide.close();
  return hashes;
};
window.refusalOf = (address) =>
  window.hashesOf({ address, regions: [[0, { x: 0, y: 0, width: 1, height: 1 }]] }).then(
    () => "opened",
    ({ message }) => message,
  );
