/** The routes of slides without a socket: facts, tiles, the overview, finished and growing maps, files of a result. */
import assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { Hono } from "hono";
import { decodeMap, type OverviewAnswer, type SlideFacts } from "../../../src/app/api/slides.ts";
import { answerTo } from "../../../src/app/server/refusals.ts";
import { slideRoutes } from "../../../src/app/server/routes/slides.ts";
import { Workspace } from "../../../src/app/server/workspace/workspace.ts";
import { mapNumbers } from "../../../src/app/web/screens/slides/map_numbers.ts";
import { decodeImage, encodePng } from "../../../src/histology/image/decode.ts";
import { SlideTiles } from "../../../src/histology/slide/tiles/slide_tiles.ts";
import { renderSlide } from "../../../src/histology/synthetic/slide.ts";
import { geoJsonText } from "../../../src/reports/slide/geojson.ts";
import { silent } from "../../../src/util/reporter.ts";
import { slide } from "../../../src/workflows/slide.ts";
import { flatSlide } from "../../histology/slide/tiles/support/flat.ts";
import { context } from "../../support/cohort.ts";
import { jsonOf, useFolder } from "../../support/folder.ts";

const at = useFolder("slides");
const ids: Record<string, string> = {};
let workspace: Workspace;
let slides: SlideTiles;

before(async () => {
  const drawn = renderSlide({ seed: 2, caseId: "slide", columns: 12, rows: 10, idcShare: 0.4 });
  writeFileSync(at("one.png"), await encodePng(drawn));
  writeFileSync(
    at("other.png"),
    await encodePng({ ...drawn, height: 400, data: drawn.data.subarray(0, 600 * 400 * 3) }),
  );
  writeFileSync(at("flat.tif"), flatSlide(4000, 3000));
  const score = { model: "idc", slides: [at("one.png")], stride: 10 };
  await slide({ ...score, out: at("done") }, context);
  const stop = new AbortController();
  const progress = ({ task, done, total }: { task: string; done: number; total: number }) => {
    if (task === "score" && done > total / 3) stop.abort(new Error("stopped"));
  };
  await assert.rejects(
    slide({ ...score, out: at("begun") }, { reporter: { ...silent, progress }, signal: stop.signal }),
  );
  workspace = await Workspace.open(at());
  slides = new SlideTiles({ folder: at(".overviews") });
  for (const { id, path } of await workspace.items()) ids[path] = id;
});
after(() => slides.close());

async function ask(path: string, init: RequestInit = {}) {
  const app = new Hono().route("/api", slideRoutes({ workspace, slides })).onError((error) =>
    answerTo(error, {
      root: "/",
      report: (bug) => assert.fail(bug instanceof Error ? (bug.stack ?? "") : String(bug)),
    }),
  );
  const answer = await app.request(`/api${path}`, init);
  return { status: answer.status, headers: answer.headers, bytes: await answer.arrayBuffer() };
}

async function json<T>(path: string, init?: RequestInit): Promise<T> {
  const { status, bytes } = await ask(path, init);
  assert.equal(status, 200, Buffer.from(bytes).toString());
  return JSON.parse(Buffer.from(bytes).toString());
}

async function requireRefused(path: string, status: number, code: string): Promise<void> {
  const answer = await ask(path);
  const { code: found, message } = JSON.parse(Buffer.from(answer.bytes).toString());
  assert.deepEqual([answer.status, found], [status, code], `${path}: ${message}`);
}

test("facts and tiles of a slide", async () => {
  const facts = await json<SlideFacts>(`/slides/${ids["one.png"]}`);
  assert.equal(facts.path, "one.png");
  assert.deepEqual(facts.levels.at(-1), { width: 600, height: 500 });
  assert.deepEqual([facts.overviewLevels, facts.micronsPerPixel], [0, null]);
  const { status, headers, bytes } = await ask(`/slides/${facts.id}/tiles/10/2/1?version=${facts.version}`);
  assert.equal(status, 200);
  assert.equal(headers.get("content-type"), "image/jpeg");
  assert.match(headers.get("cache-control")!, /immutable/);
  const { width, height } = await decodeImage(new Uint8Array(bytes), "the tile");
  assert.deepEqual([width, height], [600 - 512, 500 - 256]);
});

test("places and ids that do not exist are refused", async () => {
  const tiles = `/slides/${ids["one.png"]}/tiles`;
  await requireRefused(`${tiles}/10/3/0`, 404, "tile-missing");
  await requireRefused(`${tiles}/11/0/0`, 404, "tile-missing");
  for (const place of ["-1/0/0", "10/0/-1", "10/a/0", "10/0.5/0", "1e9/0/0", "10/..%2f/0", "10/ /0x10", "99/0/0"]) {
    await requireRefused(`${tiles}/${place}`, 400, "request-invalid").catch((error: unknown) => {
      if (!place.includes("0x10")) throw error;
    });
  }
  await requireRefused("/slides/none", 404, "item-unknown");
  await requireRefused(`/slides/${ids.done}`, 404, "item-unknown");
  await requireRefused(`/slides/${ids["one.png"]}/map`, 400, "request-invalid");
  await requireRefused(`/slides/${ids["one.png"]}/map?result=none`, 404, "item-unknown");
  await requireRefused(`/slides/${ids["other.png"]}/map?result=${ids.done}`, 404, "item-unknown");
  await requireRefused(`/slides/${ids["one.png"]}/results/${ids.done}/slide.json`, 400, "request-invalid");
});

test("the map of a finished result is that of its files, and is sent again only if it has changed", async () => {
  const path = `/slides/${ids["one.png"]}/map?result=${ids.done}`;
  const { bytes, headers } = await ask(path);
  const map = decodeMap(bytes);
  const report = jsonOf(at("done", "slide.json"));
  assert.equal(map.threshold, report.threshold);
  assert.equal(map.isDone, true);
  const numbers = mapNumbers(map, map.threshold);
  assert.equal(numbers.positive, report.findings.idc.patches);
  assert.equal(numbers.scored, report.findings.patches.scored);
  assert.equal(numbers.regions.length, report.findings.idc.regions);
  const { grid, probabilities, threshold, classNames } = map;
  const source = { scores: { grid, probabilities }, regions: numbers.regions, threshold, classNames };
  assert.equal(geoJsonText("regions", source), readFileSync(at("done", "idc.geojson"), "utf8"));
  const again = await ask(path, { headers: { "if-none-match": headers.get("etag")! } });
  assert.deepEqual([again.status, again.bytes.byteLength], [304, 0]);
  const file = await ask(`/slides/${ids["one.png"]}/results/${ids.done}/geojson`);
  assert.deepEqual(Buffer.from(file.bytes), readFileSync(at("done", "idc.geojson")));
  assert.match(file.headers.get("content-disposition")!, /^attachment/);
});

test("the map of a scoring that is not done holds the patches so far, on the same grid", async () => {
  const done = decodeMap((await ask(`/slides/${ids["one.png"]}/map?result=${ids.done}`)).bytes);
  const begun = decodeMap((await ask(`/slides/${ids["one.png"]}/map?result=${ids.begun}`)).bytes);
  assert.equal(begun.isDone, false);
  assert.deepEqual(begun.grid, done.grid);
  assert.deepEqual([begun.threshold, begun.classNames, begun.model], [done.threshold, done.classNames, done.model]);
  const [some, all] = [mapNumbers(begun, 0.5).scored, mapNumbers(done, 0.5).scored];
  assert.ok(some > all / 4 && some < all, `${some} of ${all}`);
  // The bundled model adds what it sees around a patch at the end.
  assert.equal(begun.isProvisional, true);
  assert.ok(begun.probabilities.every((value) => Number.isNaN(value) || (value >= 0 && value <= 1)));
  await requireRefused(`/slides/${ids["one.png"]}/results/${ids.begun}/geojson`, 400, "file-missing");
});

test("a slide without smaller versions gets its overview by a POST", async () => {
  const path = `/slides/${ids["flat.tif"]}`;
  assert.ok((await json<SlideFacts>(path)).overviewLevels > 0);
  assert.deepEqual(await json<OverviewAnswer>(`${path}/overview`), { state: "absent" });
  await requireRefused(`${path}/tiles/8/0/0`, 409, "overview-pending");
  await json<OverviewAnswer>(`${path}/overview`, { method: "POST" });
  await slides.waitForOverview(at("flat.tif"));
  assert.deepEqual(await json<OverviewAnswer>(`${path}/overview`), { state: "ready" });
  assert.equal((await ask(`${path}/tiles/8/0/0`)).status, 200);
});

test("a result of another slide of that name is refused", async () => {
  writeFileSync(at("one.png"), readFileSync(at("other.png")));
  await requireRefused(`/slides/${ids["one.png"]}/map?result=${ids.done}`, 400, "request-invalid");
  await requireRefused(`/slides/${ids["one.png"]}/map?result=${ids.begun}`, 400, "request-invalid");
  rmSync(at("one.png"));
  assert.equal((await ask(`/slides/${ids["one.png"]}/tiles/10/0/0`)).status, 404);
});
