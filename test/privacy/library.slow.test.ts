/** The library under strace: what a program that idles after its work still does, in the main thread and in worker threads. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { encodePng } from "../../src/histology/image/decode.ts";
import { renderSlide } from "../../src/histology/synthetic/slide.ts";
import { CANNOT_TRACE, traceNode } from "./trace.ts";

const INDEX = JSON.stringify(pathToFileURL(resolve("src/index.ts")));
/** ONNX Runtime's telemetry, where it is on, looks up a server after some seconds. */
const IDLE_MILLISECONDS = 15_000;

const PREDICT = `
  const { predict, predictOptions, silent } = await import(${INDEX});
  const context = { reporter: silent, signal: new AbortController().signal };
  const { predictions } = await predict(predictOptions.parse({ model: "idc", images: ["patch.png"] }), context);
  console.log("probability", predictions[0].probability);
`;
/** So many images that the classifier starts threads. */
const CLASSIFY_MANY = `
  const { locateModel, openModel } = await import(${INDEX});
  const { classifier } = await openModel((await locateModel("idc")).modelPath, { threads: 2 });
  const { probabilities } = await classifier.classify(4200, (first, count, into) => into.fill(first % 255));
  console.log("probability", probabilities[4199]);
`;
const IDLE = `await new Promise((done) => setTimeout(done, ${IDLE_MILLISECONDS}));`;
const inWorker = (code: string) => `
  const { Worker } = await import("node:worker_threads");
  const { once } = await import("node:events");
  await once(new Worker(new URL("data:text/javascript," + encodeURIComponent(${JSON.stringify(code)}))), "exit");
`;

let root = "";
const cwd = () => join(root, "work");

before(async () => {
  root = mkdtempSync(join(tmpdir(), "cancernet-privacy-"));
  mkdirSync(cwd());
  const slide = renderSlide({ seed: 2, caseId: "slide", columns: 1, rows: 1, idcShare: 0.4 });
  writeFileSync(join(cwd(), "patch.png"), await encodePng(slide));
});

after(() => rmSync(root, { recursive: true, force: true }));

const run = (code: string, more: { flags?: string[]; env?: Record<string, string> } = {}) =>
  traceNode([...(more.flags ?? []), "--input-type=module", "--eval", code], {
    cwd: cwd(),
    writes: [],
    env: more.env ?? {},
  });

describe("a program that idles", { skip: CANNOT_TRACE, concurrency: true }, () => {
  const programs = {
    "predicts in the main thread": PREDICT,
    "classifies so many images that threads start": CLASSIFY_MANY,
    "predicts in a worker thread": inWorker(PREDICT),
    "predicts in a worker thread of a worker thread": inWorker(inWorker(PREDICT)),
    "classifies many images in a worker thread": inWorker(CLASSIFY_MANY),
  };
  for (const [name, code] of Object.entries(programs)) {
    test(`${name}: no connection, no look-up, no file`, async () => {
      const { exitCode, output, deeds } = await run(code + IDLE);
      assert.equal(exitCode, 0, output);
      assert.match(output, /probability \d/);
      assert.deepEqual(deeds, []);
    });
  }
});

describe("telemetry", { skip: CANNOT_TRACE }, () => {
  test("is on where the user says so, and then the trace shows it", async () => {
    const { output, deeds } = await run(PREDICT, { env: { ORT_DISABLE_TELEMETRY: "0" } });
    assert.match(output, /probability \d/);
    assert.ok(deeds.some((deed) => deed.includes("onnxruntime.db")));
    assert.ok(deeds.some((deed) => deed.startsWith("left: ")));
  });

  const locked = ["--permission", "--allow-addons", "--allow-worker", "--allow-fs-read=*"];
  test("a worker thread that cannot switch it off refuses to open a model", async () => {
    const code = `try { ${PREDICT} } catch (error) { console.log(error.message) }`;
    const { output, deeds } = await run(inWorker(code), { flags: locked });
    assert.match(
      output,
      /^ONNX Runtime's telemetry cannot be switched off from this worker thread: import "cancernet" in the main/m,
    );
    assert.deepEqual(deeds, []);
    const set = await run(inWorker(code), { flags: locked, env: { ORT_DISABLE_TELEMETRY: "1" } });
    assert.match(set.output, /probability \d/);
  });
});

test("the trace shows connections, look-ups and files", { skip: CANNOT_TRACE }, async () => {
  const deedsOf = async (code: string) => (await run(code)).deeds.join("\n");
  assert.match(
    await deedsOf(`(await import("node:net")).connect(9, "127.0.0.1").on("error", () => {});`),
    /connect\(.*127\.0\.0\.1/,
  );
  assert.match(await deedsOf(`(await import("node:dns")).lookup("localhost", () => {});`), /\/etc\/(hosts|nsswitch)/);
  assert.match(await deedsOf(`(await import("node:fs")).writeFileSync("new.txt", "");`), /new\.txt/);
  assert.match(await deedsOf(`(await import("node:fs")).renameSync("new.txt", "other.txt");`), /other\.txt/);
  assert.match(
    await deedsOf(`const { tmpdir } = await import("node:os");
    (await import("node:fs")).writeFileSync(tmpdir() + "/debug.log", "");`),
    /^left: .*debug\.log/,
  );
});
