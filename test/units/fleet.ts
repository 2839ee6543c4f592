/** Several workers of a queue. Some of their processes are killed, and each one that was is started again. */
import { mkdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { RandomStream } from "../../src/system/random.ts";
import { type Running, startCancernet } from "../support/running.ts";
import type { Ending } from "./chaos_fixture.ts";
import { drawKill, type Kill, type KillPlan, killAfter, killedAt } from "./kills.ts";

export interface FleetPlan extends KillPlan {
  readonly workers: number;
  readonly kills: number;
  readonly random: RandomStream;
  /** The arguments of a worker. */
  readonly args: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
}

/** A process of a worker that was killed. */
export interface Death {
  readonly words: string;
  /** What it was at; undefined if it was between two units. */
  readonly unit: string | undefined;
  /** By this machine's clock, in milliseconds since 1970. */
  readonly time: number;
}

/** A script that sets the clock of its process and threads forward. */
const shiftedClock = (hours: number): string => `
  const Real = Date;
  const now = () => Real.now() + ${hours * 3_600_000};
  globalThis.Date = new Proxy(Real, {
    construct: (target, args, own) => Reflect.construct(target, args.length === 0 ? [now()] : args, own),
    apply: () => new Real(now()).toString(),
    get: (target, key) => (key === "now" ? now : Reflect.get(target, key)),
  });`;

/** The clock of the second worker is an hour fast, that of the third one an hour slow. */
const CLOCK_HOURS = [0, 1, -1];

export class Fleet {
  readonly deaths: Death[] = [];
  /** All processes so far. */
  readonly started: Running[] = [];
  readonly #t: Ending;
  readonly #plan: FleetPlan;
  readonly #running: Running[] = [];
  readonly #kills: ((() => void) | undefined)[] = [];
  readonly #lanes: Promise<void>[];
  #error: unknown;
  #victims = 0;
  #hurries = false;
  #isEnding = false;

  constructor(t: Ending, plan: FleetPlan) {
    this.#t = t;
    this.#plan = plan;
    mkdirSync(plan.killed, { recursive: true });
    this.#lanes = Array.from({ length: plan.workers }, (_, lane) => this.#run(lane));
    for (const lane of this.#lanes) {
      lane.catch((error: unknown) => {
        this.#error ??= error;
      });
    }
  }

  /** @throws Error if a worker has ended for another reason than ours. */
  check(): void {
    if (this.#error !== undefined) throw this.#error;
  }

  /** The process that a worker runs at present. */
  worker(lane: number): Running {
    return this.#running[lane]!;
  }

  /** From now on, what has to be killed is killed soon. */
  hurry(): void {
    this.#hurries = true;
    for (const kill of this.#kills) kill?.();
  }

  /** Ctrl-C for all. @throws Error as `check`, or if a worker does not end as it should. */
  async stop(): Promise<void> {
    this.#isEnding = true;
    for (const { process } of this.#running) process.kill("SIGINT");
    await Promise.all(this.#lanes);
  }

  async #run(lane: number): Promise<void> {
    const { args, environment, killed } = this.#plan;
    while (!this.#isEnding) {
      const kill = this.#draw();
      const preloads = [shiftedClock(CLOCK_HOURS[lane % CLOCK_HOURS.length]!), kill?.preload ?? ""];
      const running = startCancernet(this.#t, [...args, "--name", `worker ${lane}`], { environment, preloads });
      this.#running[lane] = running;
      this.started.push(running);
      const giveUps = [kill?.onStart?.(running)];
      this.#kills[lane] = kill && (() => giveUps.push(killAfter(0, this.#plan).onStart!(running)));
      const { code, killedBy } = await running.ended;
      this.#kills[lane] = undefined;
      for (const giveUp of giveUps) giveUp?.();
      if (killedBy === "SIGKILL") {
        this.deaths.push({ words: kill!.words, unit: killedAt(killed, running), time: Date.now() });
      } else if (code === 2 && /server .* does not answer/.test(running.printed())) {
        // It was started during an outage. A scheduler would start it again.
        if (kill) this.#victims--;
        await sleep(500);
      } else if (!this.#isEnding || code !== 130)
        throw new Error(`A worker ended with ${killedBy ?? code}: ${running.printed()}`);
    }
  }

  #draw(): Kill | undefined {
    const { kills, random } = this.#plan;
    if (this.#victims >= kills) return undefined;
    this.#victims++;
    return this.#hurries ? killAfter(random.integer(3000), this.#plan) : drawKill(random, this.#plan);
  }
}
