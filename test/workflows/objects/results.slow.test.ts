/** The command "slide" with results in object storage, on a real server: one process, shards, killed ones, gathered and copied. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { encodePng } from "../../../src/histology/image/decode.ts";
import { slideOptions } from "../../../src/options/slide.ts";
import { Connection } from "../../../src/system/objects/connection.ts";
import { storeSettings } from "../../../src/system/objects/settings.ts";
import { ObjectStore } from "../../../src/system/objects/store.ts";
import { crossvalidate } from "../../../src/workflows/crossvalidate.ts";
import { gather } from "../../../src/workflows/gather.ts";
import { slide } from "../../../src/workflows/slide.ts";
import { context } from "../../support/cohort.ts";
import { MAIN } from "../../support/command.ts";
import { type Files, readTree, useFolder } from "../../support/folder.ts";
import { NO_OBJECT_SERVER, type ObjectServer, startObjectServer } from "../../support/object_server.ts";
import { refused } from "../../support/refused.ts";
import { drawSlide } from "../slide/scored.ts";

const BUCKET = "many";
const SLIDES = 6;
const at = useFolder("slide results");

describe("results of slides in object storage", { skip: NO_OBJECT_SERVER }, () => {
  let server: ObjectServer;
  let store: ObjectStore;
  let expected: Files;
  const score = (out: string, more: object = {}) =>
    slide(slideOptions.parse({ model: "idc", slides: ["s3://many/slides/"], out, threads: 2, ...more }), context);
  /** The results of a folder, without the place that the command line in reports names. */
  const comparable = (files: Files, place: string): Map<string, string> =>
    new Map(
      [...files]
        .filter(([name]) => !name.startsWith(".units"))
        .map(([name, bytes]) => [name, bytes.toString("latin1").replaceAll(`--out ${place}`, "--out OUT")]),
    );
  const requireExpected = async (copy: string, place: string) => {
    const files = comparable(await readTree(copy), place);
    assert.deepEqual(
      [...files.keys()],
      [...expected.keys()].filter((name) => !name.startsWith(".units")),
    );
    for (const [name, text] of comparable(expected, "local")) assert.ok(files.get(name) === text, name);
  };

  before(async () => {
    server = await startObjectServer();
    mkdirSync(at("temporary"));
    mkdirSync(at("files"));
    Object.assign(process.env, server.environment, { TMPDIR: at("temporary") });
    await (await Connection.open(BUCKET, storeSettings(), context.signal)).send({ method: "PUT", key: "" });
    store = await ObjectStore.open(BUCKET, context.signal);
    for (let seed = 0; seed < SLIDES; seed++) {
      writeFileSync(at("files", `s${seed}.png`), await encodePng(drawSlide({ seed, columns: 4, rows: 3 })));
      await store.upload(at("files", `s${seed}.png`), `slides/s${seed}.png`);
    }
    await store.write("slides/s9.png", "damaged");
    await score(at("local"));
    expected = await readTree(at("local"));
  });
  after(() => server?.stop());

  test("are those of a folder, done once, and can be copied", async () => {
    const first = await score("s3://many/one");
    assert.deepEqual([first.folder, first.summary], ["s3://many/one", "s3://many/one/slides.csv"]);
    assert.equal(first.outcomes[0]!.folder, "s3://many/one/s0");
    assert.equal(await store.read("one/slides.csv"), expected.get("slides.csv")!.toString());
    const again = await score("s3://many/one");
    assert.deepEqual(
      again.outcomes.map(({ was_done, error }) => was_done || error !== null),
      Array(SLIDES + 1).fill(true),
    );
    await gather({ folder: "s3://many/one", copyTo: at("copy") }, context);
    await requireExpected(at("copy"), "s3://many/one");
    await assert.rejects(gather({ folder: "s3://many/one", copyTo: at("copy") }, context), refused("output-exists"));
    await assert.rejects(score("s3://many/one", { stride: 25 }), refused("output-mismatch", "stride"));
  });

  test("are the same from shards of which one is killed again and again", { timeout: 300_000 }, async () => {
    const shard = (number: number) =>
      spawn(
        process.execPath,
        [
          MAIN,
          "slide",
          "idc",
          "s3://many/slides/",
          "--out",
          "s3://many/shards",
          "--threads",
          "1",
          "--shard",
          `${number}/2`,
        ],
        { stdio: "ignore", env: { ...process.env } },
      );
    const ended = async (child: ChildProcess) => child.exitCode ?? (await once(child, "exit"))[0];
    const second = shard(2);
    for (const wait of [2000, 3000, 4000, 6000]) {
      const child = shard(1);
      await setTimeout(wait);
      child.kill("SIGKILL");
      await ended(child);
    }
    // Two processes at the same shard, too.
    const codes = await Promise.all([second, shard(1), shard(1)].map(ended));
    assert.deepEqual(
      [...new Set(codes)].every((code) => code === 0 || code === 2),
      true,
    );
    await gather({ folder: "s3://many/shards", copyTo: at("shards") }, context);
    await requireExpected(at("shards"), "s3://many/shards");
    const keys: string[] = [];
    for await (const { key } of store.list("shards/.units/parts/")) keys.push(key);
    assert.equal(keys.length, SLIDES * [...expected.keys()].filter((name) => name.startsWith("s0/")).length);
  });

  test("of one slide are a unit too", async () => {
    const { outcomes } = await score("s3://many/alone", { slides: ["s3://many/slides/s0.png"] });
    assert.equal(outcomes[0]!.folder, "s3://many/alone/s0");
    assert.ok((await store.read("alone/s0.json"))!.includes("probabilities.csv"));
  });

  test("are refused by name where they cannot lie", async () => {
    await assert.rejects(score("s3://absent-bucket/q"), refused("object-missing", "absent-bucket"));
    await assert.rejects(score("s3://many/a/../b"), refused("path-invalid", "s3://many/a/../b"));
    await assert.rejects(gather({ folder: at("local"), copyTo: at("x") }, context), refused("options-conflict"));
    await assert.rejects(
      gather({ folder: "s3://many/nothing" }, context),
      refused("results-missing", "s3://many/nothing"),
    );
    await assert.rejects(
      crossvalidate({ dataset: at("files"), out: "s3://many/cv" }, context),
      refused("path-invalid", 'only "slide" writes'),
    );
  });

  test("leave nothing on this machine", async () => {
    await score("s3://many/one");
    assert.deepEqual(readdirSync(at("temporary")), []);
  });
});
