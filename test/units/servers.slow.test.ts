/** The tests' own server and network: what was committed survives a crash, and what was swallowed arrives later. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { NO_POSTGRES, startPostgres, usePostgres } from "../support/postgres.ts";
import { startSocketProxy } from "../support/socket_proxy.ts";

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

test("a network swallows, breaks, and goes on", { skip: NO_POSTGRES }, async (t) => {
  const { query, socket } = shared();
  const proxy = await startSocketProxy(t, { path: socket });
  const [long, many] = ["select pg_sleep(0.3), 'late'", "select generate_series(1, 100000)"];
  assert.equal((await query(many, proxy.host)).length, 100_000);
  const running = query(long, proxy.host);
  await sleep(150);
  proxy.swallow();
  const begun = query(many, proxy.host);
  assert.equal(await Promise.race([running, begun, sleep(700, "nothing")]), "nothing");
  proxy.goOn();
  assert.deepEqual(await running, [["", "late"]]);
  assert.equal((await begun).length, 100_000);

  const broken = assert.rejects(query(long, proxy.host), /server closed the connection|Broken pipe/);
  await sleep(150);
  proxy.cut();
  await broken;
  await assert.rejects(query(long, proxy.host), /server closed the connection|Broken pipe/);
  proxy.goOn();
  assert.deepEqual(await query("select 1", proxy.host), [["1"]]);
  assert.equal(proxy.connections(), 6);
});
