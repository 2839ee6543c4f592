/**
 * A real server of object storage for tests: Ceph's S3 gateway with one monitor and one daemon that keeps objects in
 * memory, in a folder of their own, reached on the loopback interface only.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";

const PROGRAMS = ["ceph", "ceph-authtool", "ceph-mon", "ceph-osd", "monmaptool", "radosgw", "radosgw-admin"] as const;
type Program = (typeof PROGRAMS)[number];

const missing = PROGRAMS.filter((program) => spawnSync(program, ["--version"]).status !== 0);

/** Why tests of object storage are skipped; false if they are not. */
export const NO_OBJECT_SERVER =
  missing.length > 0 && `not installed: ${missing.join(", ")} (Debian: radosgw ceph-mon ceph-osd)`;

const KEY = { AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "secret-of-test" };
const MOST_START_MS = 120_000;

export interface ObjectServer {
  /** The variables that name the server and a key. */
  readonly environment: Readonly<Record<string, string>>;
  /** Kills the gateway, which drops all connections, and starts it again. Objects stay. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export async function startObjectServer(): Promise<ObjectServer> {
  const folder = mkdtempSync(join(tmpdir(), "cancernet-ceph-"));
  const [monitor, gateway] = [await freePort(), await freePort()];
  const config = join(folder, "ceph.conf");
  const fsid = randomUUID();
  for (const name of ["mon", "osd", "rgw", "run", "log"]) mkdirSync(join(folder, name));
  writeFileSync(config, configOf({ folder, fsid, monitor, gateway }));
  const own = ["-c", config];
  const run = (program: Program, ...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(program, args, { encoding: "utf8", timeout: MOST_START_MS });
    if (status !== 0) throw new Error(`${program} ${args.join(" ")}: ${status} ${stderr}`);
    return stdout;
  };
  const daemons = new Set<ChildProcess>();
  const start = (program: Program, ...args: string[]) => {
    const log = openSync(join(folder, "log", `${program}.out`), "a");
    const daemon = spawn(program, [...own, "-f", ...args], { stdio: ["ignore", log, log] });
    daemons.add(daemon);
    return daemon;
  };
  const stop = async () => {
    await Promise.all([...daemons].map(killed));
    rmSync(folder, { recursive: true, force: true });
  };
  const address = `http://127.0.0.1:${gateway}`;
  const startGateway = async () => {
    const daemon = start("radosgw", "-n", "client.rgw");
    await answers(address);
    return daemon;
  };
  try {
    const [map, keyring, osd] = [join(folder, "monmap"), join(folder, "keyring"), randomUUID()];
    run("monmaptool", "--create", "--addv", "a", `[v1:127.0.0.1:${monitor}]`, "--fsid", fsid, map);
    run("ceph-authtool", "--create-keyring", keyring, "--gen-key", "-n", "mon.", "--cap", "mon", "allow *");
    run("ceph-mon", ...own, "--mkfs", "-i", "a", "--monmap", map, "--keyring", keyring);
    start("ceph-mon", "-i", "a");
    await untilDone(() => run("ceph", ...own, "--connect-timeout", "30", "osd", "new", osd));
    await untilDone(() =>
      run("ceph", ...own, "--connect-timeout", "30", "osd", "crush", "add", "osd.0", "1", "root=default"),
    );
    run("ceph-osd", ...own, "-i", "0", "--mkfs", "--osd-uuid", osd);
    start("ceph-osd", "-i", "0");
    let running = await startGateway();
    const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = KEY;
    const key = ["--access-key", AWS_ACCESS_KEY_ID, "--secret-key", AWS_SECRET_ACCESS_KEY];
    run("radosgw-admin", ...own, "-n", "client.rgw", "user", "create", "--uid=test", "--display-name=test", ...key);
    const restart = async () => {
      await killed(running);
      running = await startGateway();
    };
    return { environment: { ...KEY, AWS_ENDPOINT_URL: address }, restart, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A monitor that has just started refuses some commands ("wrong fsid"). */
async function untilDone(command: () => unknown): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      command();
      return;
    } catch (error) {
      if (tries === 5) throw error;
      await setTimeout(500);
    }
  }
}

async function killed(daemon: ChildProcess): Promise<void> {
  if (daemon.exitCode !== null || daemon.signalCode !== null) return;
  const ended = once(daemon, "exit");
  daemon.kill("SIGKILL");
  await ended;
}

async function answers(address: string): Promise<void> {
  for (const end = Date.now() + MOST_START_MS; Date.now() < end; await setTimeout(100)) {
    const response = await fetch(address).catch(() => undefined);
    await response?.arrayBuffer();
    if (response?.ok) return;
  }
  throw new Error(`the gateway does not answer at ${address}`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}

interface Cluster {
  readonly folder: string;
  readonly fsid: string;
  readonly monitor: number;
  readonly gateway: number;
}

const configOf = ({ folder, fsid, monitor, gateway }: Cluster): string => `[global]
fsid = ${fsid}
mon_initial_members = a
mon_host = v1:127.0.0.1:${monitor}
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
ms_bind_msgr2 = false
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
run_dir = ${folder}/run
admin_socket = ${folder}/run/$name.$pid.asok
log_file = ${folder}/log/$name.log
crash_dir = ${folder}/log
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 1
osd_pool_default_pg_autoscale_mode = off
mon_allow_pool_size_one = true
osd_crush_chooseleaf_type = 0
paxos_propose_interval = 0.02
paxos_min_wait = 0.01
[mon]
mon_data = ${folder}/mon
mon_cluster_log_file = ${folder}/log/cluster.log
mon_data_avail_warn = 1
mon_data_avail_crit = 1
[osd]
osd_data = ${folder}/osd
osd_objectstore = memstore
osd_class_update_on_start = false
osd_crush_update_on_start = false
memstore_device_bytes = 4294967296
[client]
rgw_frontends = beast endpoint=127.0.0.1:${gateway}
rgw_data = ${folder}/rgw
`;
