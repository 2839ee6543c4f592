/** How long a step of the threshold slider takes in a real browser: numbers, page and layout. */
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import type { Items } from "../../../src/app/api/items.ts";
import { NO_BROWSER, startBrowser } from "../../support/browser.ts";
import { cancernet } from "../../support/command.ts";
import { useFolder } from "../../support/folder.ts";
import { staysBelow } from "../../support/repeated.ts";
import { type RunningStudio, startStudio } from "../../support/studio.ts";
import { writeEvaluation } from "./written_evaluation.ts";

const DATA = process.env.IDC_DATA;
/** One picture of a screen that is drawn 60 times per second. */
const FRAME_MILLISECONDS = 16;
const STEPS = 200;
/**
 * The median of the yardstick's processor time on a machine that must draw a step in time, in milliseconds. On a slower
 * machine a step may take as much longer as the yardstick does.
 */
const USUAL_YARDSTICK = 15;

describe("a step of the threshold slider", { skip: NO_BROWSER }, () => {
  const at = useFolder("slider");
  let studio: RunningStudio;
  let browser: Browser;

  before(async () => {
    writeEvaluation(at("many"), { cases: 275, patchesPerCase: 200 });
    if (DATA) {
      const source = [join(DATA, "idc-subset.zip"), "--split-lists", join(DATA, "splits")];
      await cancernet(["prepare", ...source, "--out", at("dataset")]);
      await cancernet(["evaluate", "idc", "--dataset", at("dataset"), "--out", at("real")]);
    }
    studio = await startStudio(at());
    browser = await startBrowser();
  });
  after(async () => {
    await browser?.close();
    await studio?.stop();
  });

  /** The 95 % value of a step's work in milliseconds, on a machine as fast as the one of USUAL_YARDSTICK. */
  async function measured(name: string): Promise<number> {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    await page.goto(studio.address);
    await page.waitForSelector("main h1");
    const { items } = (await page.evaluate(() => fetch("/api/items").then((answer) => answer.json()))) as Items;
    const { id } = items.find(({ path }) => path === name)!;
    await page.goto(`${studio.origin}/evaluations/${id}`);
    await page.waitForSelector(".figures svg");
    await page.waitForTimeout(1000);
    const { frame, step, yardstick } = await stepsOn(page);
    await page.close();
    const slowness = Math.max(1, of(yardstick, 0.5) / USUAL_YARDSTICK);
    const text = (times: readonly number[]) =>
      `median ${of(times, 0.5).toFixed(1)} ms, p95 ${of(times, 0.95).toFixed(1)} ms`;
    console.log(
      `${name}: the work of a step, with its picture: ${text(frame)}; by the clock, up to the layout: ${text(step)}; the yardstick: ${text(yardstick)}`,
    );
    return of(frame, 0.95) / slowness;
  }

  test("on the test split of the real subset, 5,221 patches, it fits into a picture of the screen", {
    skip: DATA === undefined && "IDC_DATA is not set",
  }, async () => {
    await staysBelow(FRAME_MILLISECONDS, () => measured("real"));
  });

  test("on 55,000 patches of 275 cases it takes less than two pictures", async () => {
    await staysBelow(2 * FRAME_MILLISECONDS, () => measured("many"));
  });
});

/** The value below which this share of the times lies. */
const of = (times: readonly number[], share: number) =>
  times.toSorted((a, b) => a - b)[Math.floor(share * times.length)]!;

/**
 * Moves the slider 200 times. Of each step it measures the processor time of the page's main thread, from the event to
 * the painted picture, with what the browser's own tools take; other programs on the machine do not change it much. By
 * the clock it measures from the event to the new numbers in the page, laid out. Between the steps it measures a fixed
 * piece of work, which shows how fast the machine is. Fails if a step changes no number.
 */
async function stepsOn(page: Page): Promise<{ frame: number[]; step: number[]; yardstick: number[] }> {
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  const taken = async () => {
    const { metrics } = await session.send("Performance.getMetrics");
    return 1000 * metrics.find(({ name }) => name === "TaskDuration")!.value;
  };
  const [frame, step, yardstick]: [number[], number[], number[]] = [[], [], []];
  for (let i = 0; i < STEPS; i++) {
    const start = await taken();
    step.push((await page.evaluate(stepTo(0.05 + ((i * 37) % 900) / 1000))) as number);
    const stepped = await taken();
    frame.push(stepped - start);
    await page.evaluate(YARDSTICK);
    yardstick.push((await taken()) - stepped);
  }
  return { frame, step, yardstick };
}

/** Sorts 20,000 numbers and lays out a table of 400 rows, which the page does not keep. */
const YARDSTICK = `(() => {
  const numbers = Float64Array.from({ length: 20000 }, (_, i) => (i * 7919) % 20011);
  const sorted = Array.from(numbers).sort((a, b) => a - b);
  const table = document.createElement("table");
  for (let i = 0; i < 400; i++) table.insertRow().insertCell().textContent = String(sorted[i * 50]);
  document.body.append(table);
  const { height } = table.getBoundingClientRect();
  table.remove();
  return height;
})()`;

const stepTo = (threshold: number) => `(async () => {
  const slider = document.querySelector('[aria-label="Threshold"]');
  const numbers = document.querySelector(".confusion");
  const before = numbers.textContent;
  const start = performance.now();
  slider.value = "${threshold}";
  slider.dispatchEvent(new InputEvent("input", { bubbles: true }));
  while (numbers.textContent === before) {
    if (performance.now() - start > 2000) throw new Error("A step to ${threshold} changed nothing.");
    await Promise.resolve();
  }
  document.body.getBoundingClientRect();
  const taken = performance.now() - start;
  await new Promise(requestAnimationFrame);
  await new Promise((resolve) => setTimeout(resolve));
  return taken;
})()`;
