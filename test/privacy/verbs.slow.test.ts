/**
 * Every command of the command line under strace: no connection but to the server of a queue, no look-up, no file but
 * those that it was asked for.
 */
import assert from "node:assert/strict";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { COMMANDS } from "../../src/app/cli/commands.ts";
import { drawCohort } from "../support/cohort.ts";
import { MAIN } from "../support/command.ts";
import { extractorBytes, kerasBytes, slidePng } from "../support/inputs.ts";
import { smallJournal } from "../support/journal.ts";
import { NO_POSTGRES, usePostgres } from "../support/postgres.ts";
import { offer } from "../support/queue.ts";
import { CANNOT_TRACE, traceNode } from "./trace.ts";

const PATCH = "patches/90001/1/90001_idx5_x1_y251_class1.png";

/** Command lines in the order of the work, and what each may write. */
const LINES: readonly (readonly [line: string, ...writes: string[]])[] = [
  ["prepare patches --out dataset", "dataset"],
  ["correct dataset journal.jsonl --out corrected", "corrected"],
  ["train dataset --out run --epochs 1", "run"],
  ["train --resume run --epochs 2", "run"],
  ["crossvalidate dataset --out folds --folds 3 --epochs 1 --model compact --views 1", "folds"],
  ["sweep dataset settings.csv --out rows", "rows"],
  ["calibrate run --out calibrated.onnx", "calibrated.onnx"],
  ["add-context run --reach 1 --out neighbours.onnx", "neighbours.onnx"],
  ["evaluate run", "run"],
  ["compare run run"],
  ["probe dataset --features extractor.onnx --out probe", "probe"],
  ["predict idc patches/90001/1"],
  [`explain idc ${PATCH} --out explained`, "explained"],
  ["slide idc slide.png --out slide", "slide"],
  ["slide idc slides --out many --shard 1/1", "many"],
  ["gather many", "many"],
  ["export run --out plain.onnx", "plain.onnx"],
  ["export run --page page", "page"],
  ["import cancernet.keras --out imported.onnx", "imported.onnx"],
  ["demo --out demo --cases 6 --epochs 1", "demo"],
  ["doctor --json"],
];

/** Command lines of the queue, in the order of the work. */
const QUEUE_LINES: typeof LINES = [
  ["queue"],
  ["work --until-empty --root . --results .", "queued"],
  ["slide idc slides --out queued --queue postgres", "queued"],
  ["queue retry"],
];

let root = "";
const at = (name: string) => join(root, "work", name);

before(async () => {
  if (CANNOT_TRACE) return;
  root = mkdtempSync(join(tmpdir(), "cancernet-privacy-"));
  mkdirSync(at("."));
  writeFileSync(at("cancernet.keras"), await kerasBytes());
  writeFileSync(at("extractor.onnx"), extractorBytes());
  writeFileSync(at("settings.csv"), "name,model,epochs,views\nsmall,compact,1,1\n");
  await drawCohort(at, { patchesPerCase: 40 });
  mkdirSync(at("slides"));
  for (const name of ["slide.png", "slides/one.png", "slides/two.png"]) writeFileSync(at(name), await slidePng());
});

after(() => {
  if (root) rmSync(root, { recursive: true, force: true });
});

test("every command has a line here", () => {
  const traced = new Set([...[...LINES, ...QUEUE_LINES].map(([line]) => line.split(" ")[0]), "studio"]);
  assert.deepEqual([...traced].sort(), COMMANDS.map(({ name }) => name).sort());
});

for (const [line, ...writes] of LINES) {
  test(`nothing beyond what was asked for: cancernet ${line}`, { skip: CANNOT_TRACE }, async () => {
    if (line.startsWith("correct ")) await smallJournal(at("journal.jsonl"), at("dataset"));
    const { exitCode, output, deeds } = await traceNode([MAIN, ...line.split(" ")], { cwd: at("."), writes });
    assert.equal(exitCode, 0, output);
    assert.deepEqual(deeds, []);
  });
}

const server = usePostgres();
/** What libpq reads in the home folder: a password for any server, a certificate, and names of servers. */
const HOME = {
  ".pgpass": "*:*:*:*:secret\n",
  ".postgresql/postgresql.crt": "no certificate\n",
  ".postgresql/postgresql.key": "no key\n",
  ".postgresql/root.crt": "no certificate\n",
  ".pg_service.conf": "[service]\nhost=nowhere\n",
};
/** Node reads these before it listens on any address, and when pg loads its resolver; it asks nobody. */
const SETTINGS = /^\d+ +openat\(.*"\/etc\/(resolv|nsswitch)\.conf", O_RDONLY[ )]/;
const SOCKET = /^\d+ +socket\(AF_UNIX, SOCK_STREAM/;
const isConnection = (deed: string) => /^\d+ +connect\(/.test(deed) && deed.includes(`sun_path="${server().socket}"`);
/** With the settings, Node reads the network interfaces of this machine from its kernel. */
const INTERFACES = /^\d+ +(socket\(AF_NETLINK, SOCK_RAW\|SOCK_CLOEXEC, NETLINK_ROUTE|bind\(.*\{sa_family=AF_NETLINK,)/;
/** The deeds that are not a connection to the server's socket. */
const beyond = (deeds: readonly string[]) =>
  deeds.filter((deed) => ![SOCKET, SETTINGS, INTERFACES].some((usual) => usual.test(deed)) && !isConnection(deed));

test("nothing beyond what was asked for: the commands of a queue connect to its socket alone", {
  skip: CANNOT_TRACE || NO_POSTGRES,
}, async () => {
  const slides = QUEUE_LINES[2]![0].split(" ");
  const given = slides.map((word) => (["slides", "queued"].includes(word) ? at(word) : word));
  const { code, text } = await offer(server(), [...given, "--root", at(".")]);
  assert.equal(code, 130, text);
  for (const [line, ...writes] of QUEUE_LINES) {
    const surroundings = { cwd: at("."), writes, env: server().environment, home: HOME };
    const { exitCode, output, deeds } = await traceNode([MAIN, ...line.split(" ")], surroundings);
    assert.equal(exitCode, 0, `${line}\n${output}`);
    assert.ok(deeds.some(isConnection), line);
    assert.deepEqual(beyond(deeds), [], line);
  }
  // The first command named the slides by absolute paths, of which a table shows the last part.
  const shards = readFileSync(at("many/slides.csv"), "utf8").replaceAll("slides/", "");
  assert.equal(readFileSync(at("queued/slides.csv"), "utf8"), shards);
});

test("a server that wants a password gets the one of the environment, never one of the home folder", {
  skip: CANNOT_TRACE || NO_POSTGRES,
}, async () => {
  const { host, environment, query } = server();
  await query("ALTER USER cancernet PASSWORD 'secret'");
  writeFileSync(join(host, "data", "pg_hba.conf"), "local all all scram-sha-256\n");
  await query("SELECT pg_reload_conf()");
  const url = `postgres:///postgres?host=${encodeURIComponent(host)}&user=cancernet`;
  for (const [env, expected] of [
    [environment, 2],
    [{ CANCERNET_DATABASE_URL: url }, 2],
    [{ ...environment, PGPASSWORD: "wrong" }, 2],
    [{ ...environment, PGPASSWORD: "secret" }, 0],
    [{ CANCERNET_DATABASE_URL: url, PGPASSWORD: "secret" }, 0],
  ] as const) {
    const surroundings = { cwd: at("."), writes: [], env, home: HOME };
    const { exitCode, output, deeds } = await traceNode([MAIN, "queue"], surroundings);
    assert.equal(exitCode, expected, output);
    if (expected === 2)
      assert.match(output, /^cancernet: The PostgreSQL server (wants a password|refuses).*PGPASSWORD.*\n$/);
    assert.doesNotMatch(output, /secret/);
    assert.deepEqual(beyond(deeds), []);
  }
});

/** A preloaded script that asks the studio for its page, starts a job, waits for its end, and then sends Ctrl-C. */
const VISIT = `
  import { readFileSync } from "node:fs";
  import { setTimeout as sleep } from "node:timers/promises";
  if (process.argv.includes("studio")) void visit();
  async function visit() {
    const file = "studio/.cancernet-studio/server.json";
    let last;
    while (!last) { await sleep(200); try { last = JSON.parse(readFileSync(file, "utf8")); } catch {} }
    const origin = "http://127.0.0.1:" + last.port;
    const page = { origin, "sec-fetch-site": "same-origin", "content-type": "application/json" };
    const post = (path, body, headers) => fetch(origin + path, { method: "POST", headers, body: JSON.stringify(body) });
    const session = await post("/api/session", { token: last.token }, page);
    const headers = { ...page, cookie: session.headers.get("set-cookie").split(";")[0] };
    const get = async (path) => (await fetch(origin + path, { headers })).json();
    const { items } = await get("/api/items");
    const dataset = items.find(({ kind }) => kind === "dataset").id;
    const options = { dataset, out: "from-studio", epochs: 1, model: "compact", views: 1 };
    const job = await (await post("/api/jobs", { verb: "train", options }, headers)).json();
    for (let state = ""; state !== "done"; await sleep(200)) {
      ({ state } = await get("/api/jobs/" + job.id));
      if (state === "failed" || state === "killed") break;
    }
    console.log("job", (await get("/api/jobs/" + job.id)).state);
    process.kill(process.pid, "SIGINT");
  }
`;
/** The sockets of the studio and of the visit: all on the loopback interface. */
const LOOPBACK =
  /^\d+ +(bind|connect|accept4?)\(.*(sin_addr=inet_addr\("127\.0\.0\.1"\)|NULL, NULL|= -1 EAGAIN)|^\d+ +(socket\(AF_INET, SOCK_STREAM|listen\()/;

test("nothing beyond what was asked for: cancernet studio, with a visit and a job", {
  skip: CANNOT_TRACE,
}, async () => {
  mkdirSync(at("studio"));
  cpSync(at("dataset"), at("studio/dataset"), { recursive: true });
  const visit = `data:text/javascript,${encodeURIComponent(VISIT)}`;
  const words = ["--import", visit, MAIN, "studio", "studio", "--no-open"];
  const { exitCode, output, deeds } = await traceNode(words, {
    cwd: at("."),
    // A job runs in the studio's folder, so its paths look as if they began here.
    writes: ["studio", "from-studio"],
    env: { USER: "tester" },
  });
  assert.equal(exitCode, 130, output);
  assert.match(output, /^job done$/m);
  assert.ok(existsSync(at("studio/from-studio/model.onnx")) && !existsSync(at("from-studio")));
  assert.ok(deeds.some((deed) => deed.includes("listen(")));
  assert.deepEqual(
    deeds.filter((deed) => !LOOPBACK.test(deed) && !SETTINGS.test(deed)),
    [],
  );
});
