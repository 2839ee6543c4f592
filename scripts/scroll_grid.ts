/**
 * Measures how the grid of patches scrolls: `node scripts/scroll_grid.ts FOLDER [PATCHES]`. It makes a dataset of
 * 100,000 synthetic patches with probabilities in the folder (once), scrolls through all of it in a real browser by
 * wheel and by fling, and prints frame times, the time of the page's own work per frame, and how long cells were white
 * or without pixels. An empty scroller of the same size is measured in the same way, as the limit of the machine.
 */
import { existsSync, mkdirSync } from "node:fs";
import { open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { CDPSession, Page } from "playwright-core";
import { DATASET_FILES } from "../src/histology/dataset/description.ts";
import type { PatchRow } from "../src/histology/dataset/patch_row.ts";
import { SPLITS } from "../src/histology/dataset/split_names.ts";
import { writeDataset } from "../src/histology/dataset/write.ts";
import { renderSlide } from "../src/histology/synthetic/slide.ts";
import { toCsv } from "../src/util/csv.ts";
import { startBrowser } from "../test/support/browser.ts";
import { startStudio } from "../test/support/studio.ts";

const [folder = "", count = "100000"] = process.argv.slice(2);
const PATCHES = Number(count);
const SIDE = 50;
const BYTES = SIDE * SIDE * 3;
const PER_CASE = 2000;
const SPLIT = "test";

if (!existsSync(join(folder, "dataset", DATASET_FILES.description))) await makeDataset();
const studio = await startStudio(folder);
const browser = await startBrowser();
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.addInitScript({ path: fileURLToPath(new URL("scroll_grid_page.js", import.meta.url)) });
  await page.goto(studio.address);
  await page.getByRole("link", { name: "Datasets" }).click();
  const started = performance.now();
  await page.getByRole("link", { name: "dataset", exact: true }).click();
  await page.waitForSelector("#patch-cell");
  await page.evaluate("scrollMeter.settled()");
  console.log(`${PATCHES} patches: opened and drawn after ${Math.round(performance.now() - started)} ms`);
  await page.locator(".patch-grid").scrollIntoViewIfNeeded();
  for (const kind of ["wheel", "fling"] as const) await measure(page, `grid, ${kind}`, kind);
  await page.evaluate("scrollMeter.empty()");
  for (const kind of ["wheel", "fling"] as const) await measure(page, `empty scroller, ${kind}`, kind);
} finally {
  await browser.close();
  await studio.stop();
}

async function measure(page: Page, title: string, kind: "wheel" | "fling"): Promise<void> {
  const box = (await page.locator(".patch-grid").boundingBox())!;
  const [x, y] = [box.x + box.width / 2, Math.min(box.y + box.height / 2, 700)];
  await page.evaluate("scrollMeter.top()");
  await page.waitForTimeout(500);
  const height = (await page.evaluate("scrollMeter.height()")) as number;
  await page.evaluate("scrollMeter.begin()");
  await page.mouse.move(x, y);
  const client = await page.context().newCDPSession(page);
  await (kind === "wheel" ? wheelThrough(page, height) : flingThrough(client, { x, y, height }));
  const result = (await page.evaluate("scrollMeter.end()")) as Measured;
  const { frames, work, white, missing, reached, settled } = result;
  const at = (list: readonly number[], share: number) =>
    list.toSorted((a, b) => a - b)[Math.floor(list.length * share)]!;
  const ms = (value: number) => value.toFixed(1).padStart(6);
  console.log(
    `${title.padEnd(24)} ${String(frames.length).padStart(5)} frames to ${(100 * reached).toFixed(0)} %: ` +
      `median ${ms(at(frames, 0.5))} p95 ${ms(at(frames, 0.95))} p99 ${ms(at(frames, 0.99))} ms; ` +
      `own work per frame median ${ms(at(work, 0.5))} p95 ${ms(at(work, 0.95))} ms; ` +
      `longest white cell ${ms(white)} ms; frames with placeholders ${((100 * missing) / frames.length).toFixed(0)} %, all pixels ${ms(settled)} ms after the end`,
  );
}

/** What scroll_grid_page.js has noted; times in milliseconds. */
interface Measured {
  readonly frames: readonly number[];
  /** The time of all frame callbacks of the page, per frame. */
  readonly work: readonly number[];
  /** The longest time that a cell was white. */
  readonly white: number;
  /** The number of frames with a cell that showed its average colour. */
  readonly missing: number;
  /** The share of the height that was scrolled through. */
  readonly reached: number;
  /** The time until all pixels had come after the end. */
  readonly settled: number;
}

/** Wheel events of 400 pixels, one per frame. */
async function wheelThrough(page: Page, height: number): Promise<void> {
  for (let top = 0; top < height; top += 400) {
    await Promise.all([page.mouse.wheel(0, 400), new Promise((resolve) => setTimeout(resolve, 16))]);
  }
}

/** One movement of 30,000 pixels per second. */
async function flingThrough(
  client: CDPSession,
  { x, y, height }: { readonly x: number; readonly y: number; readonly height: number },
): Promise<void> {
  await client.send("Input.synthesizeScrollGesture", { x, y, yDistance: -height, speed: 30_000, preventFling: false });
}

async function makeDataset(): Promise<void> {
  const dataset = join(folder, "dataset");
  mkdirSync(dataset, { recursive: true });
  const drawn = renderSlide({ seed: 1, caseId: "drawn", columns: 40, rows: 50, idcShare: 0.3 });
  const rows: PatchRow[] = [];
  const file = await open(join(dataset, DATASET_FILES.patches), "w");
  for (let first = 0; first < PATCHES; first += PER_CASE) {
    const own = Math.min(PER_CASE, PATCHES - first);
    const block = Buffer.alloc(own * BYTES);
    const number = 1000 + first / PER_CASE;
    for (let cell = 0; cell < own; cell++) {
      const [column, row] = [cell % 40, Math.floor(cell / 40)];
      for (let y = 0; y < SIDE; y++) {
        const from = ((row * SIDE + y) * drawn.width + column * SIDE) * 3;
        block.set(drawn.data.subarray(from, from + SIDE * 3), cell * BYTES + y * SIDE * 3);
      }
      rows.push(rowAt(String(number), { column, row, label: drawn.labels[cell] === 1 ? 1 : 0 }));
    }
    for (let at = 0; at < block.length; at++) block[at] = Math.min(250, Math.max(0, block[at]! - (number % 40)));
    await file.write(block);
  }
  await file.close();
  const description = await writeDataset(dataset, {
    rows,
    rejections: [],
    split: { method: "case", seed: 1 },
    software: "scroll_grid",
    side: SIDE,
    classNames: ["no IDC", "IDC"],
  });
  await writeAnswers(rows, description.sha256);
}

function rowAt(
  caseId: string,
  { column, row, label }: { readonly column: number; readonly row: number; readonly label: 0 | 1 },
): PatchRow {
  const [x, y] = [column * SIDE + 1, row * SIDE + 1];
  const id = `${caseId}_idx5_x${x}_y${y}_class${label}`;
  const split = SPLITS[Number(caseId) % 3]!;
  return { id, caseId, x, y, label, split, width: SIDE, height: SIDE, source: `${caseId}/${label}/${id}.png` };
}

/** The evaluation of no model: probabilities that depend on the label and on the position. */
async function writeAnswers(rows: readonly PatchRow[], sha256: { manifest: string; patches: string }): Promise<void> {
  const confusion = { tn: 0, fp: 0, fn: 0, tp: 0 };
  const cells = rows.map(({ id, caseId, x, y, label }, record) => {
    const probability = (((record * 7919) % 1000) / 1000) * 0.7 + 0.3 * label;
    const predicted = probability >= 0.5 ? 1 : 0;
    confusion[label === 1 ? (predicted === 1 ? "tp" : "fn") : predicted === 1 ? "fp" : "tn"]++;
    return [id, caseId, x ?? "", y ?? "", label, probability, predicted];
  });
  const evaluation = join(folder, "evaluation");
  mkdirSync(evaluation);
  const columns = ["id", "case", "x", "y", "label", "probability", "predicted"];
  await writeFile(join(evaluation, "predictions.csv"), toCsv(columns, cells));
  const report = {
    split: SPLIT,
    patches: rows.length,
    cases: 1,
    threshold: 0.5,
    confusion,
    metrics: { auroc: { value: 0.9 } },
    model: { name: "drawn numbers", architecture: "none", dataset_sha256: null },
    model_sha256: "0".repeat(64),
    dataset: { folder: "dataset", sha256: sha256.manifest, records_sha256: sha256.patches },
    command: "cancernet evaluate",
  };
  await writeFile(join(evaluation, "report.json"), JSON.stringify(report));
}
