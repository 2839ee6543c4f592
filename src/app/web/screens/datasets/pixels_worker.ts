/** Off the page's own thread: fetches the pixels of a block of patches, and makes a picture of them for the canvas. */

/** A block of records to fetch; the picture holds them one below the other. */
export interface BlockRequest {
  readonly block: number;
  readonly address: string;
  /** Pixels per side of a record. */
  readonly side: number;
  readonly count: number;
  /** Pixels per side in the picture. */
  readonly shown: number;
}

export interface BlockAnswer {
  readonly block: number;
  /** Null if it could not be fetched. */
  readonly picture: ImageBitmap | null;
}

addEventListener("message", async ({ data }: MessageEvent<BlockRequest>) => {
  const picture = await pictureOf(data).catch(() => null);
  const answer: BlockAnswer = { block: data.block, picture };
  postMessage(answer, { transfer: picture ? [picture] : [] });
});

async function pictureOf({ address, side, count, shown }: BlockRequest): Promise<ImageBitmap> {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`status ${response.status}`);
  const pixels = withAlpha(new Uint8Array(await response.arrayBuffer()), side, side * count);
  if (shown === side) return createImageBitmap(pixels, { colorSpaceConversion: "none" });
  return createImageBitmap(pixels, {
    colorSpaceConversion: "none",
    resizeWidth: shown,
    resizeHeight: shown * count,
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
