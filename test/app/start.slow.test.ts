/** How the command line and the process meet: Ctrl-C, broken pipes, errors that nobody caught, and the real program. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { test } from "node:test";
import { z } from "zod";
import { commandRow } from "../../src/app/cli/command_row.ts";
import { start } from "../../src/app/cli/start.ts";
import { MAIN, program } from "../support/command.ts";

class FakeStream extends EventEmitter {
  text = "";
  write(text: string): void {
    this.text += text;
  }
}

/** A process of our own with one command, "wait", that works until it is asked to stop. */
function setUp() {
  const stdout = new FakeStream();
  const stderr = new FakeStream();
  const host = Object.assign(new EventEmitter(), { argv: ["node", "cancernet", "wait"], stdout, stderr, env: {} });
  const exits: number[] = [];
  const started = new EventEmitter();
  const wait = commandRow({
    name: "wait",
    group: "machine",
    summary: "Wait.",
    finishes: "the nap at hand",
    load: async () => ({
      options: z.object({}),
      text: () => [],
      run: async (_, { reporter, signal }) => {
        started.emit("started");
        await once(signal, "abort");
        reporter.event({ event: "resumable", command: null, kept: "checkpoint saved" });
        signal.throwIfAborted();
      },
    }),
  });
  const ready = once(started, "started");
  const code = start(host, (exitCode) => exits.push(exitCode), [wait]);
  return { host, exits, code, ready };
}

test("the first Ctrl-C lets the job stop cleanly: 130", async () => {
  const { host, exits, code, ready } = setUp();
  await ready;
  host.emit("SIGINT");
  assert.equal(await code, 130);
  assert.deepEqual(exits, []);
  assert.equal(host.stdout.text, "Resume with the same command: checkpoint saved.\n");
  assert.equal(
    host.stderr.text,
    "Stopping after the nap at hand; press Ctrl-C again to stop at once.\ncancernet: stopped.\n",
  );
});

test("the second Ctrl-C exits at once: 130", async () => {
  const { host, exits, code, ready } = setUp();
  await ready;
  host.emit("SIGINT");
  host.emit("SIGINT");
  assert.deepEqual(exits, [130]);
  await code;
});

test("SIGTERM, which schedulers send, stops the job cleanly too: 143", async () => {
  const { host, code, ready } = setUp();
  await ready;
  host.emit("SIGTERM");
  assert.equal(await code, 143);
});

test("a reader that leaves the pipe ends the program without a word, as SIGPIPE does: 141", async () => {
  const { host, exits, code, ready } = setUp();
  await ready;
  host.stdout.emit("error", Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
  host.stderr.emit("error", Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
  assert.deepEqual([exits, host.stderr.text], [[141], ""]);
  host.emit("SIGINT");
  await code;
});

test("an error that nobody caught is told as a bug: 1", async () => {
  const { host, exits, code, ready } = setUp();
  await ready;
  host.emit("uncaughtException", new Error("from a timer"));
  assert.deepEqual(exits, [1]);
  assert.match(host.stderr.text, /^cancernet: Error: from a timer\n/);
  assert.match(host.stderr.text, /\nThis is a bug in cancernet: please report it /);
  host.emit("SIGINT");
  await code;
});

test("the program itself: help on stdout with 0, a mistake on stderr with 2", () => {
  const help = program("--help");
  assert.deepEqual([help.status, help.stderr], [0, ""]);
  assert.match(help.stdout, /^Usage: cancernet /);
  const mistake = program("preprae");
  assert.deepEqual([mistake.status, mistake.stdout], [2, ""]);
  assert.equal(mistake.stderr, "cancernet: unknown command 'preprae': did you mean prepare?\n");
});

test("a Node that is too old is refused in a sentence: 2", () => {
  const script = `Object.defineProperty(process.versions, "node", { value: "20.19.4" }); await import(${JSON.stringify(MAIN)});`;
  const { status, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
  assert.equal(status, 2);
  assert.equal(
    stderr,
    "cancernet: Node 20.19.4 is too old: version 22.18 or newer is needed; install it from nodejs.org.\n",
  );
});
