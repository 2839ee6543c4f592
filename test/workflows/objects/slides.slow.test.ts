/** Slides in object storage, on a real server: found, copied, scored as files are, and removed. */
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { listSlides } from "../../../src/artifacts/find_slides.ts";
import { encodePng } from "../../../src/histology/image/decode.ts";
import { slideOptions } from "../../../src/options/slide.ts";
import { Connection } from "../../../src/system/objects/connection.ts";
import { storeSettings } from "../../../src/system/objects/settings.ts";
import { ObjectStore } from "../../../src/system/objects/store.ts";
import { silent } from "../../../src/util/reporter.ts";
import { slide } from "../../../src/workflows/slide.ts";
import { context } from "../../support/cohort.ts";
import { readTree, useFolder } from "../../support/folder.ts";
import { NO_OBJECT_SERVER, type ObjectServer, startObjectServer } from "../../support/object_server.ts";
import { refused } from "../../support/refused.ts";
import { drawSlide } from "../slide/scored.ts";

const BUCKET = "slides";
const at = useFolder("stored slides");

/** A context that keeps warnings. */
function keepsWarnings() {
  const warnings: string[] = [];
  return {
    warnings,
    context: { ...context, reporter: { ...silent, warn: (line: string) => void warnings.push(line) } },
  };
}

describe("slides in object storage", { skip: NO_OBJECT_SERVER }, () => {
  let server: ObjectServer;
  let store: ObjectStore;

  before(async () => {
    server = await startObjectServer();
    mkdirSync(at("temporary"));
    Object.assign(process.env, server.environment, { TMPDIR: at("temporary") });
    await (await Connection.open(BUCKET, storeSettings(), context.signal)).send({ method: "PUT", key: "" });
    store = await ObjectStore.open(BUCKET, context.signal);
    mkdirSync(at("files"));
    for (const [seed, name] of ["a", "b"].entries()) {
      writeFileSync(at("files", `${name}.png`), await encodePng(drawSlide({ seed, columns: 4, rows: 3 })));
      await store.upload(at("files", `${name}.png`), `day 1/ü/${name}.png`);
    }
    await store.write("day 1/notes.txt", "no slide");
    await store.write("day 1/.a.png", "no slide");
    await store.write("day 1/c.dcm", "one of many");
    await store.write("broken/d.png", "no picture");
  });
  after(() => server?.stop());

  test("are found by their names, and what is no slide is named", async () => {
    const { warnings, context: keeping } = keepsWarnings();
    const found = await listSlides(["s3://slides/day 1/"], keeping);
    assert.deepEqual(found.paths, ["s3://slides/day 1/ü/a.png", "s3://slides/day 1/ü/b.png"]);
    assert.deepEqual([found.single, found.leftOut], [false, 1]);
    assert.match(warnings.join("\n"), /1 object \(\.dcm\).*\n.*2 objects not named/);
    assert.equal((await listSlides(["s3://slides/day 1/ü/a.png"], context)).single, true);
    writeFileSync(at("list.txt"), "s3://slides/day 1/ü/b.png\nfiles/a.png\n");
    assert.deepEqual((await listSlides([at("list.txt")], context)).paths, [
      "s3://slides/day 1/ü/b.png",
      at("files/a.png"),
    ]);
    await assert.rejects(listSlides(["s3://slides/none/"], context), refused("folder-empty", "s3://slides/none/"));
    await assert.rejects(listSlides(["s3://slides/list.csv"], context), refused("slide-unsupported", "list.csv"));
  });

  test("give the files that the same slides give from a folder, and leave no copy", async () => {
    const options = { model: "idc", threads: 2 };
    const of = async (slides: string[], out: string) =>
      slide(slideOptions.parse({ ...options, slides, out: at(out) }), context);
    const stored = await of(["s3://slides/day 1/"], "from-store");
    const local = await of([at("files")], "from-folder");
    assert.deepEqual([stored.left_out, stored.outcomes.map(({ was_done }) => was_done)], [1, [false, false]]);
    const [one, other] = [await readTree(at("from-store")), await readTree(at("from-folder"))];
    assert.deepEqual([...one.keys()], [...other.keys()]);
    for (const [path, bytes] of one) {
      if (/\.(png|geojson|tif)$|probabilities\.csv$/.test(path)) assert.ok(bytes.equals(other.get(path)!), path);
    }
    assert.equal(local.outcomes[0]!.report!.slide.sha256, stored.outcomes[0]!.report!.slide.sha256);
    assert.match(one.get("slides.csv")!.toString(), /^s3:\/\/slides\/day 1\/ü\/a\.png,a,/m);
    const again = await of(["s3://slides/day 1/"], "from-store");
    assert.deepEqual(
      again.outcomes.map(({ was_done }) => was_done),
      [true, true],
    );
    assert.deepEqual(readdirSync(at("temporary")), []);
    assert.ok(![...one.values()].some((bytes) => bytes.includes(at("temporary"))));
  });

  test("fail by their own names", async () => {
    const { warnings, context: keeping } = keepsWarnings();
    const slides = ["s3://slides/broken/d.png", "s3://slides/day 1/ü/a.png", "s3://slides/missing.png"];
    const { outcomes } = await slide(slideOptions.parse({ model: "idc", slides, out: at("failing") }), keeping);
    assert.match(outcomes[0]!.error!, /^s3:\/\/slides\/broken\/d\.png /);
    assert.equal(outcomes[1]!.error, null);
    assert.match(outcomes[2]!.error!, /no object s3:\/\/slides\/missing\.png/);
    assert.ok(warnings.every((line) => !line.includes(at("temporary"))));
    assert.match(readFileSync(at("failing", ".units/failed/d.json"), "utf8"), /s3:\/\/slides\/broken\/d\.png/);
    assert.deepEqual(readdirSync(at("temporary")), []);
    const alone = slideOptions.parse({ model: "idc", slides: [slides[0]!], out: at("alone") });
    await assert.rejects(slide(alone, context), refused("slide-unsupported", "s3://slides/broken/d.png"));
    assert.ok(!readdirSync(at()).includes("alone"));
  });

  test("are scored alone into a folder", async () => {
    const options = slideOptions.parse({ model: "idc", slides: ["s3://slides/day 1/ü/a.png"], out: at("one") });
    assert.equal((await slide(options, context)).outcomes[0]!.report!.slide.file, "a.png");
    assert.ok(
      readFileSync(join(at("one"), "probabilities.csv")).equals(readFileSync(at("from-folder/a/probabilities.csv"))),
    );
  });
});
