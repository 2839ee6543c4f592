/**
 * Draws benign structures with many nuclei: lobules of small glands, ducts, and groups of lymphocytes. tumour.ts draws
 * tumour.
 */
import type { RandomStream } from "../../system/random.ts";
import type { Anatomy } from "./anatomy.ts";
import { type Canvas, fillEllipse, isOpen } from "./canvas.ts";
import { drawNucleus, EPITHELIAL, LYMPHOCYTE, strew } from "./nuclei.ts";
import { isTissue, isTumour } from "./stroma.ts";

type Place = { x: number; y: number };
type Gland = Place & { radiusPixels: number; aspect: number };

/** Draws lobules in benign tissue: ellipses packed with round glands in pale, loose stroma. */
export function drawLobules(canvas: Canvas, anatomy: Anatomy, random: RandomStream, abundance: number): void {
  for (const centre of strew(random, whole(anatomy), 90, 0.8)) {
    if (random.uniform() > abundance || !isBenign(anatomy, centre)) continue;
    const [long, short, angle] = [random.uniform(30, 58), random.uniform(20, 34), random.uniform(0, Math.PI)];
    const glands: Gland[] = [];
    for (const local of strew(random, { left: -long, top: -short, width: 2 * long, height: 2 * short }, 7, 0.9)) {
      if (Math.hypot(local.x / long, local.y / short) > 1) continue;
      const place = turned(centre, local, angle);
      const gland = { ...place, radiusPixels: random.uniform(3.7, 6.5), aspect: random.uniform(1, 1.6) };
      if (!hasRoom(anatomy, gland) || glands.some((other) => touches(other, gland))) continue;
      glands.push(gland);
      drawGland(canvas, random, gland);
    }
  }
}

/** Draws single ducts in benign tissue. They are larger than glands, often elongated, and have a wide lumen. */
export function drawDucts(canvas: Canvas, anatomy: Anatomy, random: RandomStream): void {
  for (const place of strew(random, whole(anatomy), 120, 0.8)) {
    const duct = { ...place, radiusPixels: random.uniform(9, 16), aspect: random.uniform(1.1, 3) };
    if (random.uniform() < 0.5 && hasRoom(anatomy, duct)) drawGland(canvas, random, duct);
  }
}

/** Draws one gland: a pale rim of stroma, one regular ring of nuclei in cytoplasm, and an open lumen. */
function drawGland(canvas: Canvas, random: RandomStream, gland: Gland): void {
  const { radiusPixels, aspect } = gland;
  const shape = { ...gland, angle: random.uniform(0, Math.PI) };
  fillEllipse(canvas, { ...shape, radiusPixels: radiusPixels + 2.5 }, { hematoxylin: 0.13, eosin: 0.2, opacity: 0.75 });
  fillEllipse(canvas, shape, { hematoxylin: 0.3, eosin: 0.25 });
  const lumen = { ...shape, radiusPixels: Math.max(1.5, radiusPixels - 3.2) };
  fillEllipse(canvas, lumen, { hematoxylin: 0.02, eosin: random.uniform(0.02, 0.12) });
  const ring = radiusPixels - 1.2;
  const [long, short] = [ring * Math.sqrt(aspect), ring / Math.sqrt(aspect)];
  // Steps have equal arc length instead of equal angle, so that the nuclei are evenly spaced on an elongated ring.
  for (let turn = 0; turn < 2 * Math.PI; turn += 2.8 / Math.hypot(long * Math.sin(turn), short * Math.cos(turn))) {
    const place = turned(gland, { x: long * Math.cos(turn), y: short * Math.sin(turn) }, shape.angle);
    drawNucleus(canvas, random, EPITHELIAL, place);
  }
}

/** Draws groups of lymphocytes, mostly in benign tissue. They are dense in the middle and sparse at the edge. */
export function drawLymphocytes(canvas: Canvas, anatomy: Anatomy, random: RandomStream, abundance: number): void {
  for (const centre of strew(random, whole(anatomy), 90, 1)) {
    const chance = isTumour(anatomy, centre.x, centre.y) ? abundance / 6 : abundance;
    if (random.uniform() > chance) continue;
    const half = random.uniform(15, 50);
    const box = { left: centre.x - half, top: centre.y - half, width: 2 * half, height: 2 * half };
    for (const { x, y } of strew(random, box, 2.7, 0.95)) {
      const distance = Math.hypot(x - centre.x, y - centre.y) / half;
      if (random.uniform() > 1.4 * (1 - distance) || !isTissue(anatomy, x, y) || isOpen(canvas, x, y)) continue;
      drawNucleus(canvas, random, LYMPHOCYTE, { x, y });
    }
  }
}

/** Returns whether two glands would overlap. */
function touches(one: Gland, other: Gland): boolean {
  return Math.hypot(one.x - other.x, one.y - other.y) < one.radiusPixels + other.radiusPixels;
}

/** Rotates a point, given relative to a centre, around that centre by an angle in radians. */
function turned(centre: Place, { x, y }: Place, angle: number): Place {
  const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
  return { x: centre.x + x * cosine - y * sine, y: centre.y + x * sine + y * cosine };
}

/** Returns whether a gland's centre and its four sides would all be in benign tissue. */
function hasRoom(anatomy: Anatomy, { x, y, radiusPixels, aspect }: Gland): boolean {
  const reach = radiusPixels * Math.sqrt(aspect);
  const sides = [
    { x, y },
    { x: x - reach, y },
    { x: x + reach, y },
    { x, y: y - reach },
    { x, y: y + reach },
  ];
  return sides.every((place) => isBenign(anatomy, place));
}

function isBenign(anatomy: Anatomy, { x, y }: Place): boolean {
  return isTissue(anatomy, x, y) && !isTumour(anatomy, x, y);
}

function whole(anatomy: Anatomy): { left: number; top: number; width: number; height: number } {
  return { left: 0, top: 0, width: anatomy.width, height: anatomy.height };
}
