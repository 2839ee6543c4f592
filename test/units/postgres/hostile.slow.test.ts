/**
 * Hostile rows in the queue, and hostile folders of results: each is refused by name, nothing outside the worker's
 * folders is read or written, and the worker goes on with what is sound.
 */

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { QUEUE, VERSION } from "../../../src/units/postgres/row.ts";
import { RESULTS } from "../../../src/units/postgres/tables.ts";
import { takeUnits } from "../../../src/units/postgres/take_loop.ts";
import { OpenWorks } from "../../../src/workflows/open_works.ts";
import { work } from "../../../src/workflows/work.ts";
import { WORKS } from "../../../src/workflows/works.ts";
import { cancernet } from "../../support/command.ts";
import { hashTree, jsonOf, temporaryFolder } from "../../support/folder.ts";
import { NO_POSTGRES, type Postgres, usePostgres } from "../../support/postgres.ts";
import { writeSmallSlides } from "../../support/small_slides.ts";
import { describeToys, listen, offerUnits, startWorker, useServer, withQueue } from "./queue_fixture.ts";

const sound = { verb: "toy", folder: "sound", unit: "a", version: VERSION };

/** Rows that must be refused, and what the refusal names. The folder "away" is a link that leads out. */
const ROWS: readonly (readonly [data: unknown, named: RegExp])[] = [
  [null, /Refused a row/],
  [[], /Refused a row/],
  ["text", /Refused a row/],
  [5, /Refused a row/],
  [{}, /verb/],
  [{ ...sound, verb: undefined }, /verb/],
  [{ ...sound, folder: undefined }, /folder/],
  [{ ...sound, unit: undefined }, /unit/],
  [{ ...sound, version: undefined }, /version/],
  [{ ...sound, version: "cancernet 9.9.9, Node v99.0.0" }, /version/],
  [{ ...sound, more: "rm -rf /" }, /Unrecognized key/],
  [{ ...sound, verb: "x".repeat(41) }, /verb/],
  [{ ...sound, verb: 7 }, /verb/],
  [{ ...sound, verb: "train" }, /no work of units "train"/],
  [{ ...sound, verb: "__proto__" }, /no work of units/],
  [{ ...sound, verb: "constructor" }, /no work of units/],
  [{ ...sound, verb: "\u001b[2J" }, /no work of units "\\u001b/],
  [{ ...sound, folder: "" }, /folder/],
  [{ ...sound, folder: "x".repeat(1001) }, /folder/],
  [{ ...sound, folder: "../outside" }, /climbs out/],
  [{ ...sound, folder: "sound/../../outside" }, /climbs out/],
  [{ ...sound, folder: "/etc" }, /not a path from the folder on/],
  [{ ...sound, folder: "C:/Windows" }, /not a path from the folder on/],
  [{ ...sound, folder: "..\\outside" }, /not a path from the folder on/],
  [{ ...sound, folder: "away" }, /a link leads outside/],
  [{ ...sound, folder: "away/deeper" }, /a link leads outside/],
  [{ ...sound, unit: "" }, /unit/],
  [{ ...sound, unit: ".." }, /unit/],
  [{ ...sound, unit: "../outside" }, /unit/],
  [{ ...sound, unit: "/etc/passwd" }, /unit/],
  [{ ...sound, unit: ".units" }, /unit/],
  [{ ...sound, unit: "a/b/c" }, /unit/],
  [{ ...sound, unit: "a\\b" }, /unit/],
  [{ ...sound, unit: "other" }, /no such unit/],
  [{ ...sound, folder: "linked-units" }, /\.units is a link/],
  [{ ...sound, folder: "linked-unit" }, /a is a link/],
  [{ ...sound, folder: "linked-parts" }, /\.units\/parts is a link/],
  [{ ...sound, folder: "linked-failed" }, /\.units\/failed is a link/],
  [{ ...sound, folder: "linked-description" }, /work\.json is a link/],
  [{ ...sound, folder: "no-json" }, /not JSON/],
  [{ ...sound, folder: "climbing-names" }, /units\.0\.name/],
  [{ ...sound, folder: "other-program" }, /begun by cancernet 9/],
  [{ ...sound, folder: "other-verb" }, /the folder holds the work of "slide"/],
];

async function insertRow({ query }: Postgres, data: unknown): Promise<void> {
  const text = JSON.stringify(data).replaceAll("'", "''");
  await query(
    `insert into cancernet_queue.job (name, data, heartbeat_seconds, retry_limit) values ('${QUEUE}', '${text}', 10, 3)`,
  );
}

/** Folders that lie in the worker's folder and lead out of it, or whose descriptions are not sound. */
async function makeHostileFolders(results: string, outside: string): Promise<void> {
  for (const name of ["linked-units", "linked-unit", "linked-parts", "linked-failed", "linked-description"])
    await describeToys(results, name, ["a"]);
  const units = (name: string, ...more: string[]) => join(results, name, ".units", ...more);
  cpSync(units("linked-units"), join(outside, "units"), { recursive: true });
  rmSync(units("linked-units"), { recursive: true });
  symlinkSync(join(outside, "units"), units("linked-units"));
  symlinkSync(join(outside, "empty"), join(results, "linked-unit", "a"));
  symlinkSync(join(outside, "empty"), units("linked-parts", "parts"));
  symlinkSync(join(outside, "empty"), units("linked-failed", "failed"));
  cpSync(units("linked-description", "work.json"), join(outside, "work.json"));
  rmSync(units("linked-description", "work.json"));
  symlinkSync(join(outside, "work.json"), units("linked-description", "work.json"));
  symlinkSync(outside, join(results, "away"));
  for (const [name, text] of [
    ["no-json", "{"],
    ["climbing-names", JSON.stringify({ ...described(results), units: [{ name: "../../outside/a" }] })],
    ["other-program", JSON.stringify({ ...described(results), cancernet: "cancernet 9.9.9" })],
    ["other-verb", JSON.stringify({ ...described(results), verb: "slide" })],
  ] as const) {
    mkdirSync(units(name), { recursive: true });
    writeFileSync(units(name, "work.json"), text);
  }
}

/** Paths that neither a row nor a description may name below an address. */
const OUTSIDE_AN_ADDRESS = [
  "..",
  "../outside",
  "sound/../../outside",
  "/etc",
  "C:/Windows",
  "..\\outside",
  "s3://elsewhere/results",
  "s3://lab/results/many",
  ".",
  "./many",
  "many/",
  "a//b",
  "a\nb",
  "a\u007fb",
  "",
];

/** A worker of addresses that is not let near a server: without its variables, any request would fail by another name. */
async function takeAt(results: string, root: string) {
  for (const name of Object.keys(process.env)) if (name.startsWith("AWS_")) delete process.env[name];
  const { reporter, warnings } = listen();
  const context = { reporter, signal: new AbortController().signal };
  const open = new OpenWorks(WORKS, { results, root, threads: 1 }, context);
  const worker = { id: randomUUID(), name: "of addresses", untilEmpty: true };
  const counts = await takeUnits({ ...worker, do: (unit) => open.do(unit) }, context);
  await open.close();
  return { counts, warnings };
}

const described = (results: string): object => jsonOf(join(results, "sound", ".units", "work.json"));

describe("hostile input", { skip: NO_POSTGRES }, () => {
  const server = usePostgres();

  test(`${ROWS.length} rows are refused by name, and the worker goes on`, async (t) => {
    useServer(server());
    const top = await temporaryFolder(t);
    const [results, outside] = [join(top, "results"), join(top, "outside")];
    for (const folder of [results, join(outside, "empty"), join(outside, "deeper")])
      mkdirSync(folder, { recursive: true });
    await describeToys(results, "sound", ["a"]);
    await makeHostileFolders(results, outside);
    await withQueue(async () => {});
    for (const [data] of ROWS) await insertRow(server(), data);
    await offerUnits("sound", ["a"]);
    const before = await hashTree(outside);
    const worker = startWorker(results);
    const { done } = await worker.ended;
    assert.equal(done, 1);
    assert.equal(worker.warnings.length, ROWS.length, worker.warnings.join("\n"));
    for (const [index, [data, named]] of ROWS.entries())
      assert.match(worker.warnings[index]!, named, JSON.stringify(data));
    assert.deepEqual(await hashTree(outside), before);
    assert.deepEqual(await server().query(`select state, count(*) from cancernet_queue.job group by 1`), [
      ["completed", String(ROWS.length + 1)],
    ]);
    assert.equal(readFileSync(join(results, "sound/a/result.txt"), "utf8"), "a");
  });

  test("slides that a description names outside the root are refused by name", async (t) => {
    useServer(server());
    const top = await temporaryFolder(t);
    const [root, results, outside] = [join(top, "root"), join(top, "results"), join(top, "outside")];
    writeSmallSlides(root, 2);
    writeSmallSlides(outside, 1);
    const [slide] = readdirSync(outside);
    mkdirSync(results);
    const args = [
      "slide",
      "idc",
      root,
      "--scale",
      "1",
      "--threads",
      "1",
      "--root",
      root,
      "--out",
      join(results, "all"),
    ];
    await cancernet([...args, "--shard", "2/2"]);
    symlinkSync(join(outside, slide!), join(root, "link.png"));
    const place = join(results, "all", ".units", "work.json");
    const description = jsonOf(place);
    const [unit] = description.units;
    const paths = [
      "a\0.png",
      `../outside/${slide}`,
      join(outside, slide!),
      `x/../../outside/${slide}`,
      "link.png",
      "..\\outside",
      "",
    ];
    const inFolder = paths.map((path, index) => ({ ...unit, name: `hostile-${index}`, path }));
    const elsewhere = ["s3://elsewhere/slide.png", join(outside, slide!)].map((place, index) => ({
      name: `elsewhere-${index}`,
      slide: place,
    }));
    const hostile = [...inFolder, ...elsewhere];
    writeFileSync(place, JSON.stringify({ ...description, units: [...description.units, ...hostile] }));
    await withQueue((queue) =>
      queue.offer(hostile.map(({ name }) => ({ verb: "slide", folder: "all", unit: name, version: VERSION }))),
    );
    const { reporter } = listen();
    const context = { reporter, signal: new AbortController().signal };
    const ended = await work({ results, root, threads: 1, untilEmpty: true }, context);
    assert.deepEqual(ended, { done: 0, failed: hostile.length });
    const rows = await server().query(`select unit, error from ${RESULTS} where folder = 'all' order by unit`);
    for (const [name, error] of rows) assert.match(error!, /^Refused the slide /, name);
    assert.equal(rows.length, hostile.length);

    const stored = OUTSIDE_AN_ADDRESS.map((path, index) => ({ ...unit, name: `stored-${index}`, path }));
    cpSync(join(results, "all"), join(results, "stored"), { recursive: true });
    const units = [...stored, ...elsewhere];
    writeFileSync(join(results, "stored", ".units", "work.json"), JSON.stringify({ ...description, units }));
    await withQueue((queue) =>
      queue.offer(units.map(({ name }) => ({ verb: "slide", folder: "stored", unit: name, version: VERSION }))),
    );
    const { counts } = await takeAt(results, "s3://lab/slides");
    assert.deepEqual(counts, { done: 0, failed: units.length });
    const refusals = await server().query(`select error from ${RESULTS} where folder = 'stored'`);
    assert.equal(refusals.length, units.length);
    for (const [error] of refusals) assert.match(error!, /^Refused the slide /);

    const facts = { ...description.facts, model_sha256: "/../../../outside/model" };
    cpSync(join(results, "all"), join(results, "model"), { recursive: true });
    writeFileSync(join(results, "model", ".units", "work.json"), JSON.stringify({ ...description, facts }));
    await withQueue((queue) => queue.offer([{ verb: "slide", folder: "model", unit: unit.name, version: VERSION }]));
    assert.match((await takeAt(results, root)).warnings.join("\n"), /work\.json.*model_sha256: must be a SHA-256/);
  });

  test("results that a row names outside an address are refused by name, before any request", async () => {
    useServer(server());
    await withQueue(async () => {});
    const folders = OUTSIDE_AN_ADDRESS.filter((path) => path !== "");
    for (const folder of folders) await insertRow(server(), { ...sound, verb: "slide", folder });
    const { counts, warnings } = await takeAt("s3://lab/results", "s3://lab/slides");
    assert.deepEqual(counts, { done: 0, failed: folders.length });
    assert.equal(warnings.length, folders.length);
    for (const warning of warnings)
      assert.match(warning, /^a: Refused the folder of results .* only what lies in s3:/s);
  });
});
