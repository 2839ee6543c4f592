/** Off the page's own thread: fetches the pixels of a block of patches, and makes a picture of them for the canvas. */

/** Records to fetch, in blocks; the picture of a block holds its records one below the other. */
export interface BlockRequest {
  /** The blocks that follow each other from this one on. */
  readonly first: number;
  readonly blocks: number;
  /** Records per block; the last block may have fewer. */
  readonly perBlock: number;
  readonly address: string;
  /** Pixels per side of a record. */
  readonly side: number;
  readonly count: number;
  /** Pixels per side in the picture. */
  readonly shown: number;
}

export interface BlockAnswer {
  readonly first: number;
  readonly blocks: number;
  /** One per block; null if they could not be fetched. */
  readonly pictures: readonly ImageBitmap[] | null;
}

addEventListener("message", async ({ data }: MessageEvent<BlockRequest>) => {
  const pictures = await picturesOf(data).catch(() => null);
  const answer: BlockAnswer = { first: data.first, blocks: data.blocks, pictures };
  postMessage(answer, { transfer: pictures ?? [] });
});

async function picturesOf({ address, side, count, shown, blocks, perBlock }: BlockRequest): Promise<ImageBitmap[]> {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`status ${response.status}`);
  const bytes = new Uint8Array(await response.arrayBuffer());
  const pictures: ImageBitmap[] = [];
  for (let block = 0; block < blocks; block++) {
    const own = Math.min(perBlock, count - block * perBlock);
    const rgb = bytes.subarray(block * perBlock * side * side * 3);
    pictures.push(await pictureOf(withAlpha(rgb, side, side * own), { own, side, shown }));
  }
  return pictures;
}

function pictureOf(
  pixels: ImageData,
  { own, side, shown }: { readonly own: number; readonly side: number; readonly shown: number },
): Promise<ImageBitmap> {
  if (shown === side) return createImageBitmap(pixels, { colorSpaceConversion: "none" });
  return createImageBitmap(pixels, {
    colorSpaceConversion: "none",
    resizeWidth: shown,
    resizeHeight: shown * own,
    resizeQuality: shown > side ? "pixelated" : "medium",
  });
}

/** RGB bytes as the canvas takes them. */
function withAlpha(rgb: Uint8Array, width: number, height: number): ImageData {
  const image = new ImageData(width, height);
  const { data } = image;
  for (let from = 0, to = 0; to < data.length; from += 3, to += 4) {
    data[to] = rgb[from]!;
    data[to + 1] = rgb[from + 1]!;
    data[to + 2] = rgb[from + 2]!;
    data[to + 3] = 255;
  }
  return image;
}
