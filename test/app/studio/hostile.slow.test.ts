/**
 * Hostile requests to a real studio, byte for byte through a socket: each must be refused in one sentence, nothing
 * outside the studio's folder may be read or written, and the server must go on.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { after, before, describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import type { Item, Items } from "../../../src/app/api/items.ts";
import type { JobFacts } from "../../../src/app/api/jobs.ts";
import { drawDataset } from "../../support/cohort.ts";
import { useFolder } from "../../support/folder.ts";
import { slidePng } from "../../support/inputs.ts";
import { clientOf, type RunningStudio, type StudioClient, startStudio } from "../../support/studio.ts";

const at = useFolder("hostile studio");
const SECRET = "the-secret-outside-of-the-folder";

let studio: RunningStudio;
let client: StudioClient;
let items: readonly Item[];

before(async () => {
  await drawDataset(at, { cases: 6, patchesPerCase: 4 });
  mkdirSync(at("work"));
  cpSync(at("dataset"), at("work/dataset"), { recursive: true });
  mkdirSync(at("outside/run"), { recursive: true });
  writeFileSync(at("outside/secret.json"), JSON.stringify({ secret: SECRET }));
  writeFileSync(at("outside/secret.png"), await slidePng());
  // Links that lead out, descriptions that name places outside, and files that are too large or none.
  symlinkSync(at("dataset"), at("work/linked dataset"));
  symlinkSync(at("outside/secret.png"), at("work/linked.png"));
  symlinkSync(at("outside"), at("work/linked"));
  mkdirSync(at("work/evil run"));
  const run = { format: 1, status: "finished", model: "compact", recipe: "default", options: { seed: 1, epochs: 1 } };
  const facts = { ...run, dataset: { folder: "../../outside", sha256: { manifest: SECRET, patches: "" } } };
  writeFileSync(at("work/evil run/run.json"), JSON.stringify(facts));
  mkdirSync(at("work/huge run"));
  writeFileSync(at("work/huge run/run.json"), "");
  truncateSync(at("work/huge run/run.json"), 10 * 1024 ** 3);
  mkdirSync(at("work/deep run"));
  writeFileSync(at("work/deep run/run.json"), "[".repeat(1_000_000));
  mkdirSync(at("work/folder run/run.json"), { recursive: true });
  mkdirSync(at("work/pipe run"));
  execFileSync("mkfifo", [at("work/pipe run/run.json"), at("work/pipe.svs")]);
  mkdirSync(at("work/linked run"));
  symlinkSync(at("work/evil run/run.json"), at("work/linked run/run.json"));
  studio = await startStudio(at("work"));
  client = await clientOf(studio);
  items = (await client.get<Items>("/items")).items;
});
after(async () => {
  assert.equal(await studio.stop(), 130);
});

interface Answer {
  readonly status: number;
  readonly headers: string;
  readonly body: string;
}

/** Sends bytes and reads the answer until the server closes, or the answer is complete. */
function send(bytes: string | Buffer): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const { hostname, port } = new URL(studio.origin);
  const socket = connect(Number(port), hostname);
  let text = "";
  const finish = () => {
    const [headers = "", body = ""] = text.split(/\r\n\r\n(.*)/s);
    resolve({ status: Number(/^HTTP\/1\.1 (\d+)/.exec(headers)?.[1] ?? 0), headers, body });
    socket.destroy();
  };
  const isHead = String(bytes.slice(0, 5)) === "HEAD ";
  socket.setTimeout(20_000, () => reject(new Error(`no answer to ${String(bytes).slice(0, 200)}`)));
  socket.on("error", finish);
  socket.on("close", finish);
  socket.on("data", (part) => {
    text += part.toString("latin1");
    const length = /^content-length: (\d+)/im.exec(text)?.[1];
    const start = text.indexOf("\r\n\r\n");
    if (isHead && start >= 0) finish();
    else if (length !== undefined && start >= 0 && text.length >= start + 4 + Number(length)) finish();
    else if (/^transfer-encoding: chunked/im.test(text) && text.endsWith("0\r\n\r\n")) finish();
  });
  socket.write(bytes);
  return promise;
}

interface Sent {
  readonly method?: string;
  readonly path?: string;
  /** Replaces the headers of the page; undefined removes one. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: string;
}

/** A request as the page makes it, with changes. */
function request({ method = "GET", path = "/api/items", headers = {}, body }: Sent): string {
  const { origin } = studio;
  const all: Record<string, string | undefined> = {
    Host: new URL(origin).host,
    Cookie: client.headers.cookie,
    "Sec-Fetch-Site": "same-origin",
    ...(method === "POST" ? { Origin: origin, "Content-Type": "application/json" } : {}),
    ...(body === undefined ? {} : { "Content-Length": String(Buffer.byteLength(body)) }),
    ...headers,
  };
  const lines = Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`]));
  return `${method} ${path} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n${body ?? ""}`;
}

const post = (path: string, body: unknown, headers: Sent["headers"] = {}): Sent => ({
  method: "POST",
  path,
  headers,
  body: typeof body === "string" ? body : JSON.stringify(body),
});
const job = (options: unknown, verb = "train"): Sent => post("/api/jobs", { verb, options });
const idOf = (kind: Item["kind"]) => items.find((item) => item.kind === kind && !item.problem)!.id;
const host = () => new URL(studio.origin).host;
const port = () => new URL(studio.origin).port;

/** Each request, by what is wrong with it, with the statuses that refuse it. */
const HOSTILE: readonly (readonly [name: string, sent: () => Sent | string, ...statuses: number[]])[] = [
  ["another host name", () => ({ headers: { Host: `evil.example:${port()}` } }), 403],
  ["a host name that leads here", () => ({ headers: { Host: `localhost.evil.example:${port()}` } }), 403],
  ["the host without its port", () => ({ headers: { Host: "127.0.0.1" } }), 403],
  ["the host with another port", () => ({ headers: { Host: "127.0.0.1:1" } }), 403],
  ["a host with a trailing dot", () => ({ headers: { Host: `localhost.:${port()}` } }), 403],
  ["an IPv6 host", () => ({ headers: { Host: `[::1]:${port()}` } }), 403],
  ["an IPv4-mapped IPv6 host", () => ({ headers: { Host: `[::ffff:127.0.0.1]:${port()}` } }), 400, 403],
  ["another form of the address", () => ({ headers: { Host: `127.1:${port()}` } }), 403],
  ["a decimal address", () => ({ headers: { Host: `2130706433:${port()}` } }), 403],
  ["all addresses", () => ({ headers: { Host: `0.0.0.0:${port()}` } }), 403],
  ["a user in the host", () => ({ headers: { Host: `127.0.0.1:${port()}@evil.example` } }), 400, 403],
  ["an empty host", () => ({ headers: { Host: "" } }), 400, 403],
  ["no host", () => ({ headers: { Host: undefined } }), 400, 403],
  ["two hosts", () => request({}).replace("\r\n", `\r\nHost: evil.example\r\n`), 400, 403],
  ["a target that is a whole address", () => ({ path: "http://evil.example/api/items" }), 403, 404, 400],
  [
    "a user in a target that is a whole address",
    () => ({ path: `http://a@${host()}/api/items`, headers: { Host: "evil.example" } }),
    403,
  ],
  ["a host with a path", () => ({ headers: { Host: `${host()}/evil.example` } }), 400, 403],
  ["a host with a tab before another", () => ({ headers: { Host: `${host()}\tevil.example` } }), 400, 403],
  [
    "HTTP/1.0 with another host",
    () => request({ headers: { Host: "evil.example" } }).replace("HTTP/1.1", "HTTP/1.0"),
    403,
  ],
  ["HTTP/2 by its preface", () => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400],
  ["CONNECT, which names a host and a port", () => `CONNECT evil.example:443 HTTP/1.1\r\nHost: ${host()}\r\n\r\n`, 405],
  ["OPTIONS *", () => ({ method: "OPTIONS", path: "*" }), 400, 405],
  [
    "an upgrade to a WebSocket",
    () => ({
      path: "/api/stream/",
      headers: { Connection: "Upgrade", Upgrade: "websocket", Origin: "http://evil.example" },
    }),
    403,
  ],
  ["an expectation", () => ({ headers: { Expect: "the-unexpected" } }), 417],
  ["HTTP/1.0 without a host", () => "GET /api/items HTTP/1.0\r\n\r\n", 400, 403],
  ["a foreign origin", () => ({ headers: { Origin: "http://evil.example" } }), 403],
  ["the null origin", () => ({ headers: { Origin: "null" } }), 403],
  ["an origin with another port", () => ({ headers: { Origin: "http://127.0.0.1:1" } }), 403],
  ["an origin with https", () => ({ headers: { Origin: `https://${host()}` } }), 403],
  ["an origin by the other name", () => ({ headers: { Origin: `http://localhost:${port()}` } }), 403],
  ["a cross-site fetch", () => ({ headers: { "Sec-Fetch-Site": "cross-site" } }), 403],
  ["a same-site fetch", () => ({ headers: { "Sec-Fetch-Site": "same-site" } }), 403],
  ["a POST that is a navigation", () => ({ ...job({}), headers: { "Sec-Fetch-Site": "none" } }), 403],
  ["a POST without an origin", () => post("/api/jobs", {}, { Origin: undefined, "Sec-Fetch-Site": undefined }), 403],
  ["no cookie", () => ({ headers: { Cookie: undefined } }), 401],
  ["a wrong cookie", () => ({ headers: { Cookie: `cancernet-${port()}=wrong` } }), 401],
  ["the token as cookie", () => ({ headers: { Cookie: `cancernet-${port()}=${studio.token}` } }), 401],
  ["the cookie of another port", () => ({ headers: { Cookie: client.headers.cookie!.replace(port(), "1") } }), 401],
  ["the token in the query", () => ({ path: `/api/items?token=${studio.token}`, headers: { Cookie: undefined } }), 401],
  ["the token as bearer", () => ({ headers: { Cookie: undefined, Authorization: `Bearer ${studio.token}` } }), 401],
  ["a wrong token", () => post("/api/session", { token: "a".repeat(43) }), 401],
  ["no token", () => post("/api/session", {}), 400],
  ["a token that is a list", () => post("/api/session", { token: ["a"] }), 400],
  ["a token of 10,000 characters", () => post("/api/session", { token: "a".repeat(10_000) }), 400],
  ["PUT", () => ({ method: "PUT" }), 405],
  ["DELETE", () => ({ method: "DELETE", path: `/api/datasets/${idOf("dataset")}` }), 405],
  ["OPTIONS", () => ({ method: "OPTIONS" }), 405],
  ["TRACE", () => ({ method: "TRACE" }), 405],
  ["PATCH", () => ({ method: "PATCH" }), 405],
  ["a method of its own", () => ({ method: "BREW" }), 400],
  ["a form", () => post("/api/jobs", "verb=demo", { "Content-Type": "application/x-www-form-urlencoded" }), 415],
  ["a text", () => post("/api/jobs", "{}", { "Content-Type": "text/plain" }), 415],
  ["a multipart form", () => post("/api/jobs", "{}", { "Content-Type": "multipart/form-data; boundary=a" }), 415],
  ["no content type", () => post("/api/jobs", "{}", { "Content-Type": undefined }), 415],
  ["a type that begins like JSON", () => post("/api/jobs", "{}", { "Content-Type": "application/json-evil" }), 415],
  ["a body that is not JSON", () => post("/api/jobs", "{"), 400],
  ["an empty body", () => post("/api/jobs", ""), 400],
  ["a body that is null", () => post("/api/jobs", "null"), 400],
  ["a body that is a list", () => post("/api/jobs", "[]"), 400],
  ["a body of 100,000 lists", () => post("/api/jobs", "[".repeat(100_000)), 400],
  ["a body over 1 MB", () => post("/api/jobs", `{"verb":"${"a".repeat(1_100_000)}"}`), 413],
  ["a body that pretends to be huge", () => post("/api/jobs", "{}", { "Content-Length": "999999999" }), 413],
  [
    "a body over 1 MB in chunks",
    () =>
      `${request(post("/api/jobs", undefined as never, { "Transfer-Encoding": "chunked", "Content-Length": undefined }))}${"8000\r\n".concat("a".repeat(0x8000), "\r\n").repeat(40)}0\r\n\r\n`,
    413,
  ],
  [
    "a compressed body",
    () => post("/api/jobs", gzipSync("{}").toString("latin1"), { "Content-Encoding": "gzip" }),
    415,
  ],
  ["the same key twice", () => post("/api/jobs", '{"verb":"demo","options":{"out":"new"},"verb":"rm"}'), 400],
  [
    "100,000 lists in an option",
    () => post("/api/jobs", `{"verb":"demo","options":{"out":${"[".repeat(1e5)}${"]".repeat(1e5)}}}`),
    400,
  ],
  [
    "200 lists in an option",
    () => post("/api/jobs", `{"verb":"demo","options":{"seed":${"[".repeat(200)}${"]".repeat(200)}}}`),
    400,
  ],
  ["a negative length", () => post("/api/jobs", "{}", { "Content-Length": "-1" }), 400],
  ["two lengths", () => request(post("/api/jobs", "{}")).replace("\r\n", "\r\nContent-Length: 1\r\n"), 400],
  ["a length and chunks", () => post("/api/jobs", "{}", { "Transfer-Encoding": "chunked" }), 400],
  ["a line that is no header", () => "GET / HTTP/1.1\r\nnonsense\r\n\r\n", 400],
  ["no HTTP at all", () => "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400],
  ["headers of 100 KB", () => ({ headers: { "X-Long": "a".repeat(100_000) } }), 431],
  ["an address of 10 KB", () => ({ path: `/api/items?a=${"a".repeat(10_000)}` }), 414, 431],
  ["a path with ..", () => ({ path: "/../package.json" }), 404],
  ["a path with encoded ..", () => ({ path: "/%2e%2e/%2e%2e/etc/passwd.txt" }), 404],
  ["a path with encoded slashes", () => ({ path: "/..%2f..%2f..%2fetc%2fpasswd.txt" }), 404],
  ["a path with double encoding", () => ({ path: "/%252e%252e%252fpackage.json" }), 404],
  ["a path with backslashes", () => ({ path: "/..\\..\\package.json" }), 404, 400],
  ["a path with a NUL", () => ({ path: "/assets/a%00.js" }), 404, 400],
  ["a path that is not UTF-8", () => ({ path: "/assets/%ff%fe.js" }), 404, 400],
  ["the server's own state", () => ({ path: "/.cancernet-studio/server.json" }), 404],
  ["a source map", () => ({ path: "/assets/index.js.map" }), 404],
  ["an unknown route", () => ({ path: "/api/files?path=/etc/passwd" }), 404],
  ["a dataset by its path", () => ({ path: "/api/datasets/dataset" }), 404],
  ["a dataset by a path that leads out", () => ({ path: "/api/datasets/..%2f..%2foutside" }), 404],
  ["a dataset by the id of a run", () => ({ path: `/api/datasets/${idOf("run")}` }), 404],
  ["an evaluation by the id of a dataset", () => ({ path: `/api/evaluations/${idOf("dataset")}` }), 404],
  ["an id with a quote", () => ({ path: "/api/datasets/%27%22%3Cscript%3E" }), 404],
  ["an id of a prototype", () => ({ path: "/api/datasets/__proto__" }), 404],
  ["pixels of no record", () => ({ path: `/api/datasets/${idOf("dataset")}/pixels?records=999999` }), 400, 404],
  ["pixels of -1", () => ({ path: `/api/datasets/${idOf("dataset")}/pixels?records=-1` }), 400, 404],
  [
    "pixels of 10,000 records",
    () => ({
      path: `/api/datasets/${idOf("dataset")}/pixels?records=${"1,".repeat(2000)}1`,
    }),
    400,
    404,
    414,
  ],
  ["a job by a path", () => ({ path: "/api/jobs/..%2f..%2fserver.json/events" }), 404],
  ["a job that is a prototype", () => ({ path: "/api/jobs/constructor" }), 404],
  ["events from -1", () => ({ path: "/api/jobs/a/events?from=-1" }), 400, 404],
  ["a stream of nonsense", () => ({ path: "/api/stream?follow=../../a:1" }), 400],
  ["a stream from nonsense", () => ({ path: "/api/stream", headers: { "Last-Event-ID": "a:b" } }), 400],
  ["a stream of 1,000 jobs", () => ({ path: `/api/stream?follow=${"a:1,".repeat(1000)}a:1` }), 400],
  ["a verb that is none", () => job({}, "rm"), 400],
  ["a verb that the page may not start", () => job({}, "studio"), 400],
  ["a verb with options in it", () => job({}, "train --out /etc"), 400],
  ["a key that nobody knows", () => post("/api/jobs", { verb: "demo", options: {}, command: "rm -rf /" }), 400],
  ["an option that nobody knows", () => job({ dataset: idOf("dataset"), out: "new", nonsense: 1 }), 400],
  ["an option of the prototype", () => post("/api/jobs", '{"verb":"train","options":{"__proto__":{"a":1}}}'), 400],
  ["a dataset that is a path", () => job({ dataset: "../outside", out: "new" }), 400],
  ["a dataset that is an absolute path", () => job({ dataset: "/etc", out: "new" }), 400],
  ["a dataset that is a flag", () => job({ dataset: "--out=/etc", out: "new" }), 400],
  ["an output that is a path", () => job({ dataset: idOf("dataset"), out: "../new" }), 400],
  ["an output that is an absolute path", () => job({ dataset: idOf("dataset"), out: "/new" }), 400],
  ["an output that is a flag", () => job({ dataset: idOf("dataset"), out: "--resume" }), 400],
  ["an output with a line end", () => job({ dataset: idOf("dataset"), out: "a\nb" }), 400],
  ["an output with a NUL", () => job({ dataset: idOf("dataset"), out: "a\u0000b" }), 400],
  ["an output of a device's name", () => job({ dataset: idOf("dataset"), out: "NUL" }), 400],
  ["an output of a device's name with an ending", () => job({ dataset: idOf("dataset"), out: "com1.run" }), 400],
  ["an output with another separator", () => job({ dataset: idOf("dataset"), out: "a\\b" }), 400],
  ["an output with a colon", () => job({ dataset: idOf("dataset"), out: "C:new" }), 400],
  ["an output that ends with a dot", () => job({ dataset: idOf("dataset"), out: "new." }), 400],
  ["an output that changes the direction of writing", () => job({ dataset: idOf("dataset"), out: "a\u202egnp" }), 400],
  ["a text with a NUL", () => job({ dataset: idOf("dataset"), out: "new", threshold: "a\u0000b" }), 400],
  [
    "a text of 200,000 characters",
    () => job({ dataset: idOf("dataset"), out: "new", threshold: "a".repeat(2e5) }),
    400,
  ],
  ["a link that leads out as a slide", () => job({ model: "idc", slides: ["linked.png"], out: "new" }, "slide"), 400],
  ["a stream of a job that is none", () => ({ path: "/api/stream?follow=20260101-000000-abcdef:0" }), 404],
  ["a tile of a slide that is none", () => ({ path: "/api/slides/..%2f..%2foutside/tiles/0/0/0" }), 404],
  ["an output that is hidden", () => job({ dataset: idOf("dataset"), out: ".cancernet-studio" }), 400],
  ["an output of 1,000 characters", () => job({ dataset: idOf("dataset"), out: "a".repeat(1000) }), 400],
  ["an output that is a list", () => job({ dataset: idOf("dataset"), out: ["new"] }), 400],
  ["a plot, which is a path", () => job({ dataset: idOf("dataset"), out: "new", plot: "/plot.png" }), 400],
  ["a source, which is a path", () => job({ source: "/etc", out: "new" }, "prepare"), 400],
  ["labels, which are a path", () => job({ model: "idc", slides: [], labels: "/etc/passwd", out: "n" }, "slide"), 400],
  ["a model that is a path", () => job({ model: "../outside/run", dataset: idOf("dataset") }, "evaluate"), 400],
  ["1,000,000 epochs of text", () => job({ dataset: idOf("dataset"), out: "new", epochs: "1; rm -rf /" }), 400],
  ["a job after one that is none", () => post("/api/jobs", { verb: "demo", options: {}, after: "../../a" }), 404],
  ["an output of a job that is none", () => job({ dataset: { job: "../../a" }, out: "new" }), 400, 404],
];

describe("hostile requests", () => {
  for (const [name, sent, ...statuses] of HOSTILE) {
    test(name, async () => {
      const hostile = sent();
      const { status, body, headers } = await send(typeof hostile === "string" ? hostile : request(hostile));
      assert.ok(statuses.includes(status), `status ${status}: ${body}`);
      assert.doesNotMatch(headers, /access-control-/i);
      for (const word of [SECRET, at(), "node_modules", "at async", "root:x:"]) assert.ok(!body.includes(word), body);
      assertProtected(headers);
      const { code, message, ...rest } = JSON.parse(body);
      assert.match(code, /^[a-z-]+$/);
      assert.match(message, /^[A-Z<"-].*[.]$/s);
      assert.doesNotMatch(message, /\n/);
      assert.deepEqual(rest, {});
      assert.ok(await client.get("/session"));
    });
  }

  test("HEAD, which could open a stream that nobody reads", async () => {
    const { status, headers, body } = await send(request({ method: "HEAD", path: "/api/stream" }));
    assert.deepEqual([status, body], [405, ""]);
    assertProtected(headers);
  });

  test("nothing was started and nothing was written", async () => {
    assert.deepEqual(await client.get<JobFacts[]>("/jobs"), []);
    assert.deepEqual(
      readdirSync(at("work")).sort(),
      ["dataset", "deep run", "evil run", "folder run", "huge run", "linked", "linked dataset", "linked.png"]
        .concat(".cancernet-studio", "linked run", "pipe run", "pipe.svs")
        .sort(),
    );
    assert.ok(!existsSync(at("new")));
    assert.deepEqual(readdirSync(at("outside")).sort(), ["run", "secret.json", "secret.png"]);
    assert.deepEqual(readdirSync(at("outside/run")), []);
  });

  test("links that lead out are no items, and descriptions that are too large or damaged are named", () => {
    const paths = items.map(({ path, problem }) => `${path}${problem ? ": problem" : ""}`).sort();
    assert.deepEqual(paths, ["dataset", "deep run: problem", "evil run", "huge run: problem"]);
    const run = items.find(({ path }) => path === "evil run");
    assert.equal(run?.kind === "run" && run.dataset, null);
  });

  test("a client that sends its headers slowly is cut off", async () => {
    const started = performance.now();
    const { status } = await send("GET /api/items HTTP/1.1\r\nHost: ");
    assert.ok([0, 408].includes(status), String(status));
    assert.ok(performance.now() - started < 16_000);
  });

  test("more streams than the server takes are refused, and closed ones are taken back", async () => {
    const controller = new AbortController();
    const open = () => fetch(`${studio.origin}/api/stream`, { headers: client.headers, signal: controller.signal });
    const answers = await Promise.all(Array.from({ length: 30 }, open));
    const refused = answers.filter(({ status }) => status === 503).length;
    assert.equal(refused, 6);
    controller.abort();
    for (let tries = 0; ; tries++) {
      const again = await fetch(`${studio.origin}/api/stream`, { headers: client.headers });
      await again.body?.cancel();
      if (again.status === 200) break;
      assert.ok(tries < 50, "streams stay taken");
      await new Promise((go) => setTimeout(go, 100));
    }
  });
});

test("every answer has the headers that protect the page", async () => {
  const page = await send(request({ path: "/" }));
  const tag = /^etag: (.*)$/im.exec(page.headers)![1];
  const assets = [...page.body.matchAll(/\/assets\/[\w.-]+/g)].map(([path]) => path);
  assert.ok(assets.length > 1);
  const answers: readonly (readonly [number, Sent])[] = [
    [200, { path: "/" }],
    [304, { path: "/datasets", headers: { "If-None-Match": tag } }],
    ...assets.map((path) => [200, { path }] as const),
    [404, { path: "/nothing.js" }],
    [200, { path: "/api/items" }],
    [404, { path: "/api/nothing" }],
    [401, { path: "/api/session", headers: { Cookie: undefined } }],
    [200, { path: `/api/datasets/${idOf("dataset")}/pixels?records=0` }],
    [200, post("/api/session", { token: studio.token })],
  ];
  for (const [status, sent] of answers) {
    const answer = await send(request(sent));
    assert.equal(answer.status, status, sent.path);
    assertProtected(answer.headers);
  }
});

function assertProtected(headers: string): void {
  for (const line of [
    /^content-security-policy: default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self';/im,
    /^content-security-policy: .*frame-ancestors 'none'/im,
    /^cross-origin-opener-policy: same-origin/im,
    /^cross-origin-embedder-policy: require-corp/im,
    /^cross-origin-resource-policy: same-origin/im,
    /^x-content-type-options: nosniff/im,
    /^x-frame-options: DENY/im,
    /^referrer-policy: no-referrer/im,
  ]) {
    assert.match(headers, line);
  }
  assert.doesNotMatch(headers, /unsafe-inline|'unsafe-eval'/);
}
