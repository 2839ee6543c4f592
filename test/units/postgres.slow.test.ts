/** The tests' own server: it keeps what was committed, through a crash too, and ends with its test. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { NO_POSTGRES, startPostgres, usePostgres } from "../support/postgres.ts";

const shared = usePostgres();

test("a server keeps what was committed through a crash", { skip: NO_POSTGRES }, async (t) => {
  const server = await startPostgres(t);
  await server.query("create table kept (word text)");
  await server.query("insert into kept values ('one'), ('two')");
  await server.restart("immediate");
  assert.deepEqual(await server.query("select word, 2 from kept order by word"), [
    ["one", "2"],
    ["two", "2"],
  ]);
  assert.match(server.log(), /automatic recovery in progress/);
  await server.restart("fast");
  assert.deepEqual(await server.query("select count(*) from kept"), [["2"]]);
  assert.deepEqual(await server.query("show fsync"), [["on"]]);
  await server.stop("fast");
  await assert.rejects(server.query("select 1"), /could not|failed/);
});

test("servers are apart, and listen on their sockets only", { skip: NO_POSTGRES }, async (t) => {
  const own = await startPostgres(t);
  await own.query("create table mine (word text)");
  assert.deepEqual(await shared().query("select to_regclass('mine') is null"), [["t"]]);
  assert.deepEqual(await own.query("show listen_addresses"), []);
  assert.ok(existsSync(own.socket));
});
