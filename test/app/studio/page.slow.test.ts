/** The studio serves the page of "export --page": with a model of the package and with that of a run. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import type { Browser } from "playwright-core";
import type { Items } from "../../../src/app/api/items.ts";
import { predict } from "../../../src/workflows/predict.ts";
import { INPUTS, rowsOf, textOf, untilDone } from "../../browser/exported_page.ts";
import { NO_BROWSER, startBrowser, untilTrue } from "../../support/browser.ts";
import { context, randomPng } from "../../support/cohort.ts";
import { cancernet } from "../../support/command.ts";
import { useInputs } from "../../support/inputs.ts";
import { clientOf, type RunningStudio, startStudio } from "../../support/studio.ts";

describe("the page that classifies images", { skip: NO_BROWSER }, () => {
  const at = useInputs(async () => {
    const short = ["--model", "compact", "--epochs", "1", "--views", "1"];
    await cancernet(["train", at("dataset"), "--out", at("work/run"), ...short]);
    writeFileSync(at("image.png"), randomPng("image"));
  });
  let [studio, browser]: [RunningStudio?, Browser?] = [];

  before(async () => {
    studio = await startStudio(at("work"));
    browser = await startBrowser();
  });
  after(async () => {
    await browser?.close();
    await studio?.stop();
  });

  for (const model of ["idc", "run"]) {
    test(`with the model ${model}: the probability of predict, and no image is sent`, async () => {
      const { origin, token } = studio!;
      const page = await browser!.newPage();
      const [requests, complaints]: [string[], string[]] = [[], []];
      page.on("console", (message) => void (message.type() === "error" && complaints.push(message.text())));
      await page.goto(`${origin}/#token=${token}`);
      await page.waitForSelector("main h1");
      const { items } = await (await clientOf(studio!)).get<Items>("/items");
      const name = model === "run" ? items.find(({ kind }) => kind === "run")!.id : model;
      page.on("request", (request) => void requests.push(`${request.method()} ${request.url()}`));
      await page.goto(`${origin}/api/pages/${name}/`);
      await untilTrue(page, "document.querySelector('details') !== null");
      await page.setInputFiles(INPUTS.images, at("image.png"));
      await untilDone(page, "1 image");
      const path = model === "run" ? at("work/run") : model;
      const { predictions } = await predict({ model: path, images: [at("image.png")] }, context);
      assert.equal((await rowsOf(page))[0]![2], predictions[0]!.probability.toFixed(4));
      await untilTrue(page, `${textOf("footer")}.includes("also works without a network")`);
      const own = [`GET ${origin}/api/pages/${name}/`, `GET blob:${origin}/`];
      assert.deepEqual(
        requests.filter((request) => !own.some((start) => request.startsWith(start))),
        [],
      );
      assert.deepEqual(complaints, []);
      await page.close();
    });
  }

  test("needs the session, and serves only its own files", async () => {
    const { origin } = studio!;
    assert.equal((await fetch(`${origin}/api/pages/idc/`)).status, 401);
    const { headers } = await clientOf(studio!);
    const statusOf = async (path: string) => (await fetch(`${origin}/api/pages/${path}`, { headers })).status;
    assert.equal(await statusOf("idc/page.js"), 200);
    assert.equal(await statusOf("idc/absent.js"), 404);
    assert.equal(await statusOf("idc/..%2Findex.html"), 404);
    assert.equal(await statusOf("unknown/"), 404);
  });
});
