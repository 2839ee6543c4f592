/** The studio in a real browser beside pages of other origins: the time to the first page, two studios, and attacks. */
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { after, before, describe, test } from "node:test";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { NO_BROWSER, startBrowser } from "../../support/browser.ts";
import { useFolder } from "../../support/folder.ts";
import { clientOf, type RunningStudio, startStudio } from "../../support/studio.ts";

const at = useFolder("studio foreign pages");
/** The bound; a machine that others load gets some more. */
const FIRST_PAGE_SECONDS = Number(process.env.CANCERNET_FIRST_PAGE_SECONDS ?? 6);

/** What the page of another origin tries against the studio; each gives what it could read or reach, or null. */
const ATTACKS: Readonly<Record<string, string>> = {
  "a fetch": "fetch(O + '/api/items', { credentials: 'include' }).then((a) => a.text()).catch(() => null)",
  "a fetch of the page": "fetch(O + '/').then((a) => a.text()).catch(() => null)",
  "a POST with JSON": `fetch(O + '/api/jobs', { method: 'POST', credentials: 'include', body: JOB,
    headers: { 'content-type': 'application/json' } }).then((a) => a.text()).catch(() => null)`,
  "a POST without CORS": `fetch(O + '/api/jobs', { method: 'POST', mode: 'no-cors', credentials: 'include', body: JOB })
    .then((a) => a.text()).then((text) => text || null).catch(() => null)`,
  "a script": element("script", "src", "/api/items"),
  "a script of the page": element("script", "src", "/assets/"),
  "a picture": element("img", "src", "/icon.svg"),
  "a style sheet": element("link", "href", "/api/items"),
  "an event stream": `new Promise((done) => {
    const stream = new EventSource(O + '/api/stream', { withCredentials: true });
    stream.onmessage = stream.onopen = () => done('open');
    stream.onerror = () => done(null);
  })`,
  "a WebSocket": `new Promise((done) => {
    const socket = new WebSocket(O.replace('http', 'ws') + '/api/stream');
    socket.onopen = () => done('open');
    socket.onerror = () => done(null);
  })`,
  "a frame": `new Promise((done) => {
    const frame = document.createElement('iframe');
    frame.onload = () => { try { done(frame.contentDocument.body.innerText || null) } catch { done(null) } };
    frame.src = O + '/';
    document.body.append(frame);
  })`,
  "a form": `new Promise((done) => {
    const frame = Object.assign(document.createElement('iframe'), { name: 'target' });
    document.body.append(frame);
    const form = Object.assign(document.createElement('form'),
      { action: O + '/api/jobs', method: 'post', enctype: 'text/plain', target: 'target' });
    form.append(Object.assign(document.createElement('input'), { name: JOB.slice(0, -1) + ',"a":"', value: '"}' }));
    document.body.append(form);
    form.submit();
    setTimeout(() => done(null), 500);
  })`,
  "a window": `new Promise((done) => {
    const other = window.open(O + '/');
    setTimeout(() => { try { done(other && !other.closed && other.document.title) } catch { done(null) } }, 800);
  }).then((title) => title || null)`,
};

function element(tag: string, attribute: string, path: string): string {
  return `new Promise((done) => {
    const one = document.createElement('${tag}');
    if ('${tag}' === 'link') one.rel = 'stylesheet';
    one.onload = () => done('loaded');
    one.onerror = () => done(null);
    one.${attribute} = O + '${path}';
    document.body.append(one);
  })`;
}

describe("in a browser", { skip: NO_BROWSER }, () => {
  let browser: Browser;
  let context: BrowserContext;
  let studio: RunningStudio;
  let foreign: Server;
  let foreignPort: number;

  before(async () => {
    mkdirSync(at("work"));
    mkdirSync(at("other"));
    browser = await startBrowser();
    context = await browser.newContext();
    studio = await startStudio(at("work"));
    foreign = createServer((_, answer) => {
      answer.setHeader("content-type", "text/html").end("<!doctype html><title>foreign</title><body></body>");
    }).listen(0, "127.0.0.1");
    await new Promise((listening) => foreign.once("listening", listening));
    foreignPort = (foreign.address() as { port: number }).port;
  });
  after(async () => {
    foreign?.close();
    await browser?.close();
    assert.equal(await studio?.stop(), 130);
  });

  async function opened({ address }: RunningStudio): Promise<Page> {
    const page = await context.newPage();
    await page.goto(address);
    await page.waitForSelector("main h1");
    return page;
  }

  test("the first page stands soon after the start of the command", async (t) => {
    const started = performance.now();
    const other = await startStudio(at("other"));
    const listening = (performance.now() - started) / 1000;
    const page = await opened(other);
    const seconds = (performance.now() - started) / 1000;
    t.diagnostic(`address after ${listening.toFixed(2)} s, heading after ${seconds.toFixed(2)} s`);
    assert.ok(seconds < FIRST_PAGE_SECONDS, `${seconds} s`);
    await page.close();
    assert.equal(await other.stop(), 130);
  });

  test("two studios work side by side in one browser", async () => {
    const other = await startStudio(at("other"));
    const [one, two] = [await opened(studio), await opened(other)];
    for (const [page, folder] of [
      [one, "work"],
      [two, "other"],
      [one, "work"],
    ] as const) {
      await page.reload();
      await page.waitForSelector("main h1");
      const facts = await page.evaluate(() => fetch("/api/session").then((answer) => answer.json()));
      assert.equal((facts as { folder: string }).folder, folder);
    }
    await one.close();
    await two.close();
    assert.equal(await other.stop(), 130);
  });

  for (const name of ["127.0.0.1", "localhost"]) {
    test(`a page of another port of ${name} reads and changes nothing`, async () => {
      await (await opened(studio)).close();
      const page = await context.newPage();
      await page.goto(`http://${name}:${foreignPort}/`);
      const values = { O: studio.origin, JOB: '{"verb":"demo","options":{"out":"evil"}}' };
      for (const [attack, code] of Object.entries(ATTACKS)) {
        const program = `(() => { const O = ${JSON.stringify(values.O)}, JOB = ${JSON.stringify(values.JOB)}; return ${code}; })()`;
        assert.equal(await page.evaluate(program), null, attack);
      }
      assert.deepEqual(await (await clientOf(studio)).get("/jobs"), []);
      await page.close();
    });
  }

  test("a name that leads to this machine gets nothing", async () => {
    const rebound = await startBrowser(["--host-resolver-rules=MAP evil.example 127.0.0.1"]);
    try {
      const page = await rebound.newPage();
      const { port } = new URL(studio.origin);
      const answer = await page.goto(`http://evil.example:${port}/`);
      assert.equal(answer?.status(), 403);
      assert.match(await page.innerText("body"), /host-refused/);
      await page.goto(`http://evil.example:${foreignPort}/`);
      const read = await page.evaluate(
        (origin) =>
          fetch(`${origin}/api/session`)
            .then((found) => found.text())
            .catch(() => null),
        `http://evil.example:${port}`,
      );
      assert.equal(read, null);
    } finally {
      await rebound.close();
    }
  });

  test("the page itself can run no script from its markup, and the session's cookie is hidden from it", async () => {
    const page = await opened(studio);
    const found = (await page.evaluate(`new Promise((done) => {
      const violations = [];
      document.addEventListener("securitypolicyviolation", (event) => violations.push(event.effectiveDirective));
      document.body.insertAdjacentHTML("beforeend", '<img src="data:," onerror="window.broken = 1"><p style="color: red">');
      const script = document.createElement("script");
      script.textContent = "window.broken = 2";
      document.body.append(script);
      fetch("http://127.0.0.1:9/").catch(() => {});
      setTimeout(() => done([window.broken ?? null, document.cookie, violations.sort()]), 500);
    })`)) as [unknown, string, string[]];
    assert.deepEqual(found.slice(0, 2), [null, ""]);
    assert.deepEqual([...new Set(found[2])], ["connect-src", "script-src-attr", "script-src-elem", "style-src-attr"]);
    await page.close();
  });
});
