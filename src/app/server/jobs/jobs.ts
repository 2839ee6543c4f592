/**
 * The jobs: processes that run the command line. A job is a folder with its description, its events and its lock, so a
 * server that starts later finds all of them again, running or not.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { closeSync, openSync } from "node:fs";
import { appendFile, readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { commandLine } from "../../../options/command_line.ts";
import { makeFolders, readDescriptionText, writeFileAtomically } from "../../../system/files.ts";
import { isLocked } from "../../../system/folder_lock.ts";
import { ownScript } from "../../../system/own_files.ts";
import { messageOf, UserError } from "../../../util/errors.ts";
import { JOB_VERBS, type JobBody, type JobFacts, type JobLines, type JobState } from "../../api/jobs.ts";
import { STUDIO_FOLDER } from "../workspace/scan.ts";
import type { Workspace } from "../workspace/workspace.ts";
import { JobLog, type LogSummary, readLines } from "./log.ts";
import { type JobWords, wordsFor } from "./words.ts";

const FILES = {
  description: "job.json",
  events: "events.jsonl",
  errors: "errors.txt",
  process: "process.txt",
  /** Empty; present if the job was cancelled before it had started. */
  cancelled: "cancelled",
} as const;
const LOCK = "job.lock";
const LOOK_MILLISECONDS = 1000;

const descriptionSchema = z.object({
  format: z.literal(1),
  verb: z.enum(JOB_VERBS),
  words: z.array(z.string()),
  out: z.string().nullable(),
  after: z.string().nullable(),
  created: z.number(),
});

type JobDescription = z.output<typeof descriptionSchema>;

interface Job {
  readonly id: string;
  readonly folder: string;
  readonly description: JobDescription;
  readonly log: JobLog;
}

export class Jobs {
  readonly #workspace: Workspace;
  readonly #folder: string;
  readonly #jobs = new Map<string, Job>();
  /** The processes that this server has started and that have not ended, by job. */
  readonly #children = new Map<string, ChildProcess>();
  /** The facts of the jobs that have ended, which change no more. */
  readonly #ended = new Map<string, JobFacts>();
  /** When the lock of a job was last looked at, and whether a process held it. */
  readonly #locks = new Map<string, { readonly milliseconds: number; readonly held: boolean }>();
  #watch: NodeJS.Timeout | undefined;
  #starting: Promise<void> = Promise.resolve();
  readonly #onEnd: () => void;

  private constructor(workspace: Workspace, onEnd: () => void) {
    this.#workspace = workspace;
    this.#folder = join(workspace.root, STUDIO_FOLDER, "jobs");
    this.#onEnd = onEnd;
  }

  /** Finds the jobs of earlier servers, and starts those that wait for a job that is done. */
  static async open(workspace: Workspace, onEnd: () => void): Promise<Jobs> {
    const jobs = new Jobs(workspace, onEnd);
    await makeFolders(jobs.#folder);
    for (const id of (await readdir(jobs.#folder)).sort()) await jobs.#read(id);
    await jobs.#startWaiting();
    jobs.#watchAdopted();
    return jobs;
  }

  /** A process that an earlier server has started does not tell this one when it ends, so this one looks. */
  #watchAdopted(): void {
    let shown = "";
    this.#watch = setInterval(async () => {
      const adopted = [...this.#jobs.keys()].filter((id) => !this.#ended.has(id) && !this.#children.has(id));
      const facts = await Promise.all(adopted.map((id) => this.facts(id))).catch(() => []);
      const states = facts.map(({ id, state }) => `${id} ${state}`).join();
      // A job can start and end between two looks, so every change counts, and so does a job that waits.
      if (states !== shown || facts.some(({ state }) => state === "waiting")) this.#afterEnd(states !== shown);
      shown = states;
    }, LOOK_MILLISECONDS);
    this.#watch.unref();
  }

  /** Ends the watch; the jobs keep running. */
  close(): void {
    clearInterval(this.#watch);
  }

  #afterEnd(hasChanged = true): void {
    if (hasChanged) {
      this.#workspace.forget();
      this.#onEnd();
    }
    void this.#startWaiting().catch(() => {});
  }

  async #read(id: string): Promise<void> {
    const folder = join(this.#folder, id);
    try {
      const text = await readDescriptionText(join(folder, FILES.description), "the job");
      const description = descriptionSchema.safeParse(JSON.parse(text));
      if (description.success) this.#add(id, description.data);
    } catch {} // Something else, or a job whose description was never complete.
  }

  #add(id: string, description: JobDescription): Job {
    const folder = join(this.#folder, id);
    const job = { id, folder, description, log: new JobLog(join(folder, FILES.events)) };
    this.#jobs.set(id, job);
    return job;
  }

  /** All jobs, the newest first. */
  async list(): Promise<readonly JobFacts[]> {
    return Promise.all([...this.#jobs.values()].reverse().map((job) => this.#factsOf(job)));
  }

  /** @throws UserError if there is no such job. */
  async facts(id: string): Promise<JobFacts> {
    return this.#factsOf(this.#job(id));
  }

  /** The command line of a request. @throws UserError if it is invalid. */
  async commandOf({ verb, options }: JobBody): Promise<string> {
    return commandLine(...(await this.#wordsFor(verb, options)).words);
  }

  /** Starts a job, or lets it wait for another one. @throws UserError if the request is invalid. */
  async start({ verb, options, after }: JobBody): Promise<JobFacts> {
    if (after !== undefined) this.#job(after);
    const { words, out } = await this.#wordsFor(verb, options);
    return this.#begin({ verb, words, out, after: after ?? null });
  }

  /** Starts a job whose command line the server itself has made. */
  startWords(of: Pick<JobDescription, "verb" | "out"> & Pick<JobWords, "words">): Promise<JobFacts> {
    return this.#begin({ ...of, after: null });
  }

  /** Asks a job's process to stop, as Ctrl-C does. */
  async stop(id: string): Promise<JobFacts> {
    const job = this.#job(id);
    const { state } = await this.#factsOf(job);
    if (state === "running") await this.#terminate(job);
    else if (state === "waiting") await this.#cancel(job);
    return this.#factsOf(job);
  }

  /** The lock proves that the process of that number is the job's; a number alone may belong to another one by now. */
  async #terminate(job: Job): Promise<void> {
    const child = this.#children.get(job.id);
    if (child) child.kill("SIGTERM");
    else if (isLocked(job.folder, LOCK)) process.kill(await processOf(job), "SIGTERM");
  }

  /** Stops all running jobs and waits until they have ended. */
  async stopAll(): Promise<number> {
    const running = (await this.list()).filter(({ state }) => state === "running");
    for (const { id } of running) await this.stop(id);
    while ((await this.list()).some(({ state }) => state === "running")) await new Promise((go) => setTimeout(go, 100));
    return running.length;
  }

  /** Resumes a job that was stopped or killed, as a new job. @throws UserError if it cannot be resumed. */
  async resume(id: string): Promise<JobFacts> {
    const job = this.#job(id);
    const facts = await this.#factsOf(job);
    if (!facts.canResume) throw new UserError("request-invalid", `The job ${id} is ${facts.state}: nothing to resume.`);
    const { summary } = await job.log.summary();
    const { verb, out } = job.description;
    const words = summary.resume ?? (await this.#resumeWords(job));
    const resumed = await this.#begin({ verb, words, out, after: null });
    await this.#moveFollowers(id, resumed.id);
    return resumed;
  }

  /** Jobs that were cancelled because this one had ended, or that still wait for it, wait for the new one. */
  async #moveFollowers(from: string, to: string): Promise<void> {
    for (const job of [...this.#jobs.values()].filter(({ description }) => description.after === from)) {
      const { state } = await this.#factsOf(job);
      if (state !== "waiting" && !(await isFile(join(job.folder, FILES.cancelled)))) continue;
      await rm(join(job.folder, FILES.cancelled), { force: true });
      const description = { ...job.description, after: to };
      await writeFileAtomically(join(job.folder, FILES.description), descriptionText(description));
      this.#ended.delete(job.id);
      this.#add(job.id, description);
    }
  }

  /** A job that was killed could not say how to resume it: its output shows how. */
  async #resumeWords({ description: { verb, words, out } }: Job): Promise<readonly string[]> {
    const mark = verb === "train" ? "run.json" : verb === "crossvalidate" ? "crossvalidation.json" : undefined;
    const hasBegun = mark && out !== null && (await isFile(join(this.#workspace.root, out, mark)));
    return hasBegun ? [verb, "--resume", out] : words;
  }

  /** The events of a job from a position on. */
  async lines(id: string, from: number): Promise<JobLines> {
    const { lines, next } = await this.numberedLines(id, from);
    return { lines: lines.map(({ line }) => line), next };
  }

  numberedLines(id: string, from: number): ReturnType<typeof readLines> {
    return readLines(join(this.#job(id).folder, FILES.events), from);
  }

  #job(id: string): Job {
    const job = this.#jobs.get(id);
    if (job) return job;
    throw new UserError("job-unknown", "There is no job of that id: load the page again.");
  }

  #wordsFor(verb: JobBody["verb"], options: JobBody["options"]): Promise<JobWords> {
    const outOf = async (id: string) => this.#job(id).description.out;
    return wordsFor(verb, options, { workspace: this.#workspace, outOf });
  }

  async #begin(of: Pick<JobDescription, "verb" | "out" | "after"> & Pick<JobWords, "words">): Promise<JobFacts> {
    const created = Date.now();
    const id = `${new Date(created).toISOString().slice(0, 19).replaceAll(":", "").replace("T", "-")}-${randomBytes(3).toString("hex")}`;
    const description: JobDescription = { format: 1, ...of, words: [...of.words], created };
    await makeFolders(join(this.#folder, id));
    await writeFileAtomically(join(this.#folder, id, FILES.description), descriptionText(description));
    const job = this.#add(id, description);
    await this.#startWaiting();
    return this.#factsOf(job);
  }

  /**
   * Starts every job that has no events yet and whose job before it is done. One call after the other, so that no job
   * is started twice.
   */
  #startWaiting(): Promise<void> {
    this.#starting = this.#starting.catch(() => {}).then(() => this.#startThoseWaiting());
    return this.#starting;
  }

  async #startThoseWaiting(): Promise<void> {
    for (const job of this.#jobs.values()) {
      if ((await this.#factsOf(job)).state !== "waiting") continue;
      const { after } = job.description;
      const before = after === null ? "done" : (await this.facts(after)).state;
      if (before === "done") await this.#spawnOrFail(job);
      else if (before === "failed" || before === "stopped") await this.#cancel(job);
    }
  }

  async #spawnOrFail(job: Job): Promise<void> {
    try {
      this.#spawn(job);
    } catch (error) {
      const message = `The job could not be started: ${messageOf(error)}.`;
      const line = { event: "failed", seconds: 0, code: "bug", message };
      await appendFile(join(job.folder, FILES.events), `${JSON.stringify(line)}\n`).catch(() => {});
    }
  }

  #spawn(job: Job): void {
    const events = openSync(join(job.folder, FILES.events), "a");
    const errors = openSync(join(job.folder, FILES.errors), "a");
    const script = ownScript("app/cli/job");
    const child = spawn(
      process.execPath,
      [...process.execArgv, script, job.folder, ...job.description.words, "--events"],
      { cwd: this.#workspace.root, detached: true, windowsHide: true, stdio: ["ignore", events, errors] },
    );
    closeSync(events);
    closeSync(errors);
    child.unref();
    this.#children.set(job.id, child);
    const ended = () => {
      this.#children.delete(job.id);
      this.#afterEnd();
    };
    child.once("exit", ended);
    child.once("error", ended);
  }

  async #cancel(job: Job): Promise<void> {
    await writeFileAtomically(join(job.folder, FILES.cancelled), "");
  }

  async #factsOf(job: Job): Promise<JobFacts> {
    const known = this.#ended.get(job.id);
    if (known) return known;
    const facts = await this.#readFacts(job);
    // A job that looks killed may be one that has just been started.
    const isOver = ["done", "failed", "stopped"].includes(facts.state);
    if (isOver && !this.#children.has(job.id)) this.#ended.set(job.id, facts);
    return facts;
  }

  async #readFacts(job: Job): Promise<JobFacts> {
    const { id, description } = job;
    const { verb, words, created, after, out } = description;
    const { summary, size } = await job.log.summary();
    const state = await this.#stateOf(job, summary);
    return {
      id,
      verb,
      state,
      command: commandLine(...words),
      created,
      ended: state === "running" || state === "waiting" ? null : created + Math.round(summary.seconds * 1000),
      after,
      out,
      progress: state === "running" ? summary.progress : null,
      message: state === "failed" ? summary.message : null,
      canResume: state === "stopped" || state === "killed" || (state === "failed" && summary.resume !== null),
      size,
    };
  }

  /** A job is running until its process has ended, even if its last event has been written. */
  async #stateOf(job: Job, { end, code }: LogSummary): Promise<JobState> {
    if (this.#children.has(job.id)) return "running";
    if (end === null && !(await isFile(join(job.folder, FILES.events)))) {
      return (await isFile(join(job.folder, FILES.cancelled))) ? "stopped" : "waiting";
    }
    if (this.#isHeld(job)) return "running";
    if (end === "result") return "done";
    if (end === "failed") return code === "stopped" ? "stopped" : "failed";
    return "killed";
  }

  /** Whether a process holds the job's lock; looked at once per second at most. */
  #isHeld(job: Job): boolean {
    const milliseconds = performance.now();
    const last = this.#locks.get(job.id);
    if (last && milliseconds - last.milliseconds < LOOK_MILLISECONDS) return last.held;
    const held = isLockedOrGone(job.folder);
    this.#locks.set(job.id, { milliseconds, held });
    return held;
  }
}

const descriptionText = (description: JobDescription): string => `${JSON.stringify(description, null, 2)}\n`;

/** A job whose folder was removed by a person holds nothing. */
function isLockedOrGone(folder: string): boolean {
  try {
    return isLocked(folder, LOCK);
  } catch {
    return false;
  }
}

async function processOf({ folder }: Job): Promise<number> {
  const text = await readFile(join(folder, FILES.process), "utf8").catch(() => "");
  const id = Number(text);
  if (Number.isInteger(id) && id > 1) return id;
  throw new UserError("folder-busy", "The job has not started yet: try again in a moment.");
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
