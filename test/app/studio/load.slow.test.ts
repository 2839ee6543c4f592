/** 10,000 requests for tiles and pixels and 1,000 aborted ones: the server's memory stays bounded, and no file stays open. */
import assert from "node:assert/strict";
import { cpSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Items } from "../../../src/app/api/items.ts";
import { flatSlide } from "../../histology/slide/tiles/support/flat.ts";
import { drawDataset } from "../../support/cohort.ts";
import { useFolder } from "../../support/folder.ts";
import { clientOf, startStudio } from "../../support/studio.ts";

const at = useFolder("studio load");
const [REQUESTS, ABORTED] = [10_000, 1000];
const MOST_MEGABYTES = 600;

const skip = process.platform !== "linux" && "needs /proc";

test("10,000 tiles and 1,000 aborted requests", { skip }, async (t) => {
  await drawDataset(at, { cases: 8, patchesPerCase: 60 });
  mkdirSync(at("work"));
  cpSync(at("dataset"), at("work/dataset"), { recursive: true });
  writeFileSync(at("work/flat.tif"), flatSlide(4096, 4096));
  const studio = await startStudio(at("work"));
  t.after(() => studio.process.kill("SIGKILL"));
  const { get, headers } = await clientOf(studio);
  const { items } = await get<Items>("/items");
  const idOf = (kind: string) => items.find((item) => item.kind === kind)!.id;
  const [dataset, slide] = [idOf("dataset"), idOf("slide")];
  const counts = new Map<number, number>();
  const paths = [
    (number: number) => `/api/slides/${slide}/tiles/12/${number % 16}/${(number >> 4) % 16}`,
    (number: number) => `/api/datasets/${dataset}/pixels?records=${number % 400},${(number * 7) % 400}`,
  ];
  let asked = 0;
  const ask = async () => {
    while (asked < REQUESTS) {
      const number = asked++;
      const answer = await fetch(studio.origin + paths[number % 2]!(number >> 1), { headers });
      await answer.arrayBuffer();
      counts.set(answer.status, (counts.get(answer.status) ?? 0) + 1);
    }
  };
  const started = performance.now();
  await Promise.all(Array.from({ length: 6 }, ask));
  const seconds = (performance.now() - started) / 1000;
  for (let number = 0; number < ABORTED; number += 50) {
    await Promise.all(Array.from({ length: 50 }, (_, place) => abort(paths[place % 2]!(number + place))));
  }
  await sleep(1000);
  const { pid } = studio.process;
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const megabytes = Number(/VmHWM:\s+(\d+)/.exec(status)![1]) / 1024;
  t.diagnostic(`${[...counts].join(" ")}; ${seconds.toFixed(1)} s; at most ${megabytes.toFixed(0)} MB`);
  assert.deepEqual([...counts.keys()], [200]);
  assert.ok(megabytes < MOST_MEGABYTES, `${megabytes} MB`);
  await fetch(`${studio.origin}/`, { headers: { connection: "close" } });
  await sleep(6000);
  const links = readdirSync(`/proc/${pid}/fd`).flatMap((name) => {
    try {
      return [readlinkSync(`/proc/${pid}/fd/${name}`)];
    } catch {
      return [];
    }
  });
  const files = links.filter((link) => link.startsWith(at("work"))).map((link) => link.slice(at("work").length + 1));
  t.diagnostic(`open: ${links.length}, of the folder: ${files.join(", ")}`);
  const usual = [".cancernet-studio/studio.lock", ".cancernet-studio/studio.lock-journal"];
  const perItem = Map.groupBy(
    files.filter((file) => !usual.includes(file)),
    (file) => file,
  );
  for (const [file, open] of perItem) assert.ok(open.length <= 4, `${file}: ${open.length} times`);
  assert.ok(links.filter((link) => link.startsWith("socket:")).length < 12, links.join("\n"));
  assert.ok(await get("/session"));
  assert.equal(await studio.stop(), 130);

  /** Breaks a connection just after its request has left. */
  function abort(path: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const one = request(studio.origin + path, { headers, agent: false });
    one.on("error", () => {});
    one.on("close", resolve);
    one.end(() => setTimeout(() => one.destroy(), Math.random() * 5));
    return promise;
  }
});
