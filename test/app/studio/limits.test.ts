/** The bounds on requests at a time and on the time of an answer, and the token that works once. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Hono } from "hono";
import { answerTo } from "../../../src/app/server/refusals.ts";
import { limits } from "../../../src/app/server/security/limits.ts";
import { BrowserSession } from "../../../src/app/server/security/session.ts";

function appWith(bounds: Parameters<typeof limits>[0], work: () => Promise<void>) {
  const app = new Hono().use(limits(bounds)).get("/", async (context) => {
    await work();
    return context.json({});
  });
  return app.onError((error) => answerTo(error, { root: "/", report: (bug) => assert.fail(String(bug)) }));
}

test("requests beyond the bound are refused, and those that have ended make room", async () => {
  const ends: (() => void)[] = [];
  const app = appWith({ atOnce: 2 }, () => new Promise((end) => void ends.push(end)));
  const taken = [app.request("/"), app.request("/")];
  const refused = await app.request("/");
  assert.equal(refused.status, 503);
  assert.deepEqual(await refused.json(), {
    code: "server-busy",
    message: "The server works on 2 requests already: try again soon.",
  });
  for (const end of ends) end();
  for (const answer of await Promise.all(taken)) assert.equal(answer.status, 200);
  const again = app.request("/");
  while (ends.length < 3) await new Promise(setImmediate);
  ends[2]!();
  assert.equal((await again).status, 200);
});

test("a request that fails makes room", async () => {
  const app = appWith({ atOnce: 1 }, () => Promise.reject(Object.assign(new Error("gone"), { name: "AbortError" })));
  for (let tries = 0; tries < 3; tries++) assert.equal((await app.request("/")).status, 499);
});

test("an answer that takes too long is refused, and its work counts until it ends", async () => {
  let end = () => {};
  const app = appWith({ atOnce: 1, seconds: 0.02 }, () => new Promise((done) => (end = done)));
  const late = await app.request("/");
  assert.equal(late.status, 503);
  assert.match(((await late.json()) as { message: string }).message, /^The answer takes longer than/);
  assert.match(
    ((await (await app.request("/")).json()) as { message: string }).message,
    /^The server works on 1 request/,
  );
  end();
});

test("a token for once begins one session; the cookie is sent to the routes only", () => {
  const session = new BrowserSession("t".repeat(43), () => 4000);
  const [first, second] = [session.tokenForOnce(), session.tokenForOnce()];
  assert.equal(session.cookieFor(first), undefined);
  const cookie = session.cookieFor(second)!;
  assert.match(cookie, /^cancernet-4000=[\w-]{43}; Path=\/api; HttpOnly; SameSite=Strict$/);
  assert.equal(session.cookieFor(second), undefined);
  assert.equal(session.cookieFor("t".repeat(43)), cookie);
  assert.equal(session.cookieFor(""), undefined);
});
