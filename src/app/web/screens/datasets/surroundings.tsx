/** The patches around a patch, where they lie on the slide. */
import { useEffect, useRef } from "preact/hooks";
import { counted } from "../../../../util/numbers.ts";
import type { PatchFacts, PatchNeighbour } from "../../../api/datasets.ts";
import "./datasets.css";

/** Patches to each side, as the server sends them. */
const REACH = 3;
/** Device pixels per side of the picture. */
const SIDE = 350;

interface SurroundingsProps {
  /** Pixels per side of a record. */
  readonly side: number;
  readonly patch: Pick<PatchFacts, "record" | "x" | "width" | "height" | "neighbours">;
  /** The records of the patch and of its neighbours, one after the other. */
  readonly pixels: Uint8Array;
  /** Opens a neighbour; without it, they can only be seen. */
  readonly openRecord?: (record: number) => void;
}

export function Surroundings({ side, patch, pixels, openRecord }: SurroundingsProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { neighbours, width, height } = patch;
  const scale = SIDE / ((2 * REACH + 1) * Math.max(width, height));
  const own: PatchNeighbour = { record: patch.record, right: 0, down: 0, width, height };
  useEffect(() => {
    const context = canvas.current!.getContext("2d")!;
    context.clearRect(0, 0, SIDE, SIDE);
    context.imageSmoothingEnabled = false;
    for (const [index, one] of [own, ...neighbours].entries()) {
      const picture = pictureOf(pixels, side, index);
      const { x, y, across, down } = boxOf(one, own, scale);
      context.drawImage(picture, x, y, across, down);
    }
    const { x, y, across, down } = boxOf(own, own, scale);
    context.lineWidth = 3;
    context.strokeStyle = getComputedStyle(canvas.current!).getPropertyValue("--accent");
    context.strokeRect(x - 1.5, y - 1.5, across + 3, down + 3);
  }, [patch, pixels]);
  if (patch.x === null) {
    return <p class="muted">Where the patch lies on its slide is not known, so its neighbours cannot be shown.</p>;
  }
  return (
    <figure>
      <canvas
        ref={canvas}
        class="surroundings"
        width={SIDE}
        height={SIDE}
        role="img"
        aria-label={`The patch among ${counted(neighbours.length, "neighbour")} on the slide`}
        onClick={(event) => {
          const box = event.currentTarget.getBoundingClientRect();
          const [x, y] = [event.clientX - box.left, event.clientY - box.top].map((at) => (at * SIDE) / box.width);
          const hit = neighbours.find((one) => {
            const place = boxOf(one, own, scale);
            return x! >= place.x && x! < place.x + place.across && y! >= place.y && y! < place.y + place.down;
          });
          if (hit) openRecord?.(hit.record);
        }}
      />
      <figcaption class="muted">
        On the slide, with {counted(neighbours.length, "neighbour")} of the dataset.
        {openRecord && " Shift and an arrow key open the next one."}
      </figcaption>
    </figure>
  );
}

function boxOf({ right, down, width, height }: PatchNeighbour, own: PatchNeighbour, scale: number) {
  const [x0, y0] = [(SIDE - own.width * scale) / 2, (SIDE - own.height * scale) / 2];
  const [x, y] = [Math.round(x0 + right * scale), Math.round(y0 + down * scale)];
  return { x, y, across: Math.round(width * scale), down: Math.round(height * scale) };
}

function pictureOf(pixels: Uint8Array, side: number, index: number): OffscreenCanvas {
  const canvas = new OffscreenCanvas(side, side);
  const image = new ImageData(side, side);
  for (let from = index * side * side * 3, to = 0; to < image.data.length; from += 3, to += 4) {
    image.data.set([pixels[from]!, pixels[from + 1]!, pixels[from + 2]!, 255], to);
  }
  canvas.getContext("2d")!.putImageData(image, 0, 0);
  return canvas;
}

/** The record of the nearest neighbour in a direction, such as 1, 0 for the right. */
export function nearestNeighbour(
  neighbours: readonly PatchNeighbour[],
  right: number,
  down: number,
): number | undefined {
  const ahead = neighbours.filter((one) => {
    const along = one.right * right + one.down * down;
    return along > 0 && Math.abs(one.right * down - one.down * right) < along;
  });
  const distance = (one: PatchNeighbour) => Math.hypot(one.right, one.down);
  return ahead.sort((a, b) => distance(a) - distance(b))[0]?.record;
}
