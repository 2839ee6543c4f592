/**
 * A real Slurm cluster of one node, this machine, for tests: Debian's slurmctld and slurmd with a configuration, states
 * and ports of their own. They listen on the loopback address only, and need no munge. Tests that need it are skipped
 * by name without it.
 */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { hostname, userInfo } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

const PROGRAMS = ["slurmctld", "slurmd", "sbatch", "sinfo", "squeue", "scontrol"];

/** Debian puts the daemons where users have no path. */
const PATH = [process.env.PATH ?? "", "/usr/sbin"].join(delimiter);

const isInstalled = (program: string): boolean =>
  PATH.split(delimiter).some((folder) => existsSync(join(folder, program)));

/** For node:test's `skip`: false, or why there is no cluster. */
export const NO_SLURM = PROGRAMS.every(isInstalled) ? false : "needs Debian's slurmctld, slurmd and slurm-client";

/** The daemons answer within this time, even on a loaded machine. */
const START_MILLISECONDS = 60_000;

/** More than this machine has, so that jobs never wait for each other. */
const CPUS = 16;

export interface Slurm {
  /** The variables that name the cluster for its programs. */
  readonly environment: Readonly<Record<string, string>>;
  /** Runs one of Slurm's programs, and returns what it prints. */
  run(program: string, ...args: string[]): Promise<string>;
  /** The state of each task of a job, such as "COMPLETED", in order; the job's own if it is no array. */
  states(job: string): Promise<string[]>;
}

/** Starts a cluster, which ends with the test. @param folder for its files */
export async function startSlurm(t: { after(end: () => unknown): void }, folder: string): Promise<Slurm> {
  for (const name of ["state", "spool"]) mkdirSync(join(folder, name), { recursive: true });
  const configuration = join(folder, "slurm.conf");
  writeFileSync(configuration, await configurationText(folder));
  const environment = { PATH, SLURM_CONF: configuration };
  const run = async (program: string, ...args: string[]) => {
    const { stdout } = await promisify(execFile)(program, args, { env: { ...process.env, ...environment } });
    return stdout;
  };
  const daemons = ["slurmctld", "slurmd"].map((program) => startDaemon(program, folder, environment));
  t.after(async () => {
    for (const { process } of daemons) await ended(process);
  });
  const end = performance.now() + START_MILLISECONDS;
  while ((await run("sinfo", "--noheader", "--format=%t").catch(() => "")).trim() !== "idle") {
    const dead = daemons.find(({ process }) => process.exitCode !== null);
    if (dead || performance.now() > end) {
      const logs = daemons.map(({ log }) => readFileSync(log, "utf8"));
      throw new Error(`The cluster does not start:\n${logs.join("\n")}`);
    }
    await sleep(100);
  }
  return {
    environment,
    run,
    async states(job) {
      const lines = await run("scontrol", "show", "job", "--oneliner", job);
      const tasks = lines.split("\n").flatMap((line) => {
        const state = /JobState=(\w+)/.exec(line)?.[1];
        return state === undefined ? [] : [{ task: Number(/ArrayTaskId=(\d+)/.exec(line)?.[1] ?? 0), state }];
      });
      return tasks.sort((a, b) => a.task - b.task).map(({ state }) => state);
    },
  };
}

async function configurationText(folder: string): Promise<string> {
  const [user, host] = [userInfo().username, hostname().split(".")[0]!];
  const [controllerPort, nodePort] = [await freePort(), await freePort()];
  return `ClusterName=test
SlurmctldHost=${host}(127.0.0.1)
SlurmctldPort=${controllerPort}
SlurmdPort=${nodePort}
SlurmUser=${user}
SlurmdUser=${user}
AuthType=auth/none
AuthInfo=cred_expire=5
CredType=cred/none
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
StateSaveLocation="${join(folder, "state")}"
SlurmdSpoolDir="${join(folder, "spool")}"
SlurmctldPidFile="${join(folder, "slurmctld.pid")}"
SlurmdPidFile="${join(folder, "slurmd.pid")}"
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
SchedulerParameters=sched_interval=1,bf_interval=1,batch_sched_delay=0
MailProg=/bin/true
KillWait=2
NodeName=${host} NodeAddr=127.0.0.1 CPUs=${CPUS} RealMemory=64000
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
`;
}

function startDaemon(program: string, folder: string, environment: Readonly<Record<string, string>>) {
  const log = join(folder, `${program}.log`);
  const output = openSync(log, "a");
  // If the test is killed, the daemon ends too.
  const child = spawn("setpriv", ["--pdeathsig", "TERM", program, "-D"], {
    env: { ...process.env, ...environment },
    stdio: ["ignore", output, output],
  });
  return { process: child, log };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  child.kill("SIGTERM");
  await exit;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}
