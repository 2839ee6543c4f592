/**
 * Runs the contenders of a benchmark alternately on the same cores, so that a busy second of the machine affects all of
 * them equally.
 */
import { setTimeout } from "node:timers/promises";
import { messageOf } from "../src/util/errors.ts";

export interface Turn {
  readonly seconds: number;
  readonly patches: number;
}

/** A program to measure. It runs a number of steps and returns the seconds and the patches. */
export interface Contender {
  /** The program's name, with its settings. */
  readonly name: string;
  readonly versions?: Readonly<Record<string, string>>;
  run(steps: number): Promise<Turn>;
  /** Called after the last turn: a sentence on how it used the machine, for the notes below the table. */
  remark?(): Promise<string>;
  close(): Promise<void>;
}

/** A contender before its start. The key is unique in the session. */
export interface Entrant {
  readonly key: string;
  /** The name to show if it does not start. */
  readonly program: string;
  /** Whether it is a cancernet program. */
  readonly own: boolean;
  open(): Promise<Contender>;
}

/** Patches per second of one contender, one number per turn. If it failed, there are no numbers but a reason. */
export interface Measurement {
  readonly name: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly speeds: readonly number[];
  readonly trouble?: string;
  readonly remark?: string;
}

export interface Rhythm {
  readonly rounds: number;
  /** The length of a turn. 0 means that a turn is one step without warm-up, for long steps. */
  readonly turnSeconds: number;
  /**
   * The pause before each turn: threads of the programs wait busily for about a tenth of a second before they sleep.
   */
  readonly restSeconds: number;
}

/** A step is slow if it takes longer than this many turns. */
const SLOW_TURNS = 2;
const SLOW_ROUNDS = 3;
const WARM_UP_TURNS = 2;

interface Player {
  readonly contender: Contender;
  readonly steps: number;
  readonly rounds: number;
  readonly speeds: number[];
}

/**
 * Measures the entrants in alternating turns; returns the results by key. An entrant that fails is dropped; the others
 * continue.
 * @param beforeTurn is called after the pause before each turn
 */
export async function measureInTurns(
  entrants: readonly Entrant[],
  rhythm: Rhythm,
  beforeTurn: () => void = () => {},
): Promise<Map<string, Measurement>> {
  const players = new Map<Entrant, Player>();
  const results = new Map<string, Measurement>();
  const drop = async (entrant: Entrant, error: unknown) => {
    const { contender } = players.get(entrant) ?? {};
    players.delete(entrant);
    const { name = entrant.program, versions = {} } = contender ?? {};
    results.set(entrant.key, { name, versions, speeds: [], trouble: messageOf(error) });
    await contender?.close().catch(() => {});
  };
  try {
    // Start them one after the other, so that none warms up or tunes its settings while another one is working.
    for (const entrant of entrants) {
      await start(entrant, rhythm).then(
        (player) => players.set(entrant, player),
        (error) => drop(entrant, error),
      );
    }
    for (let round = 0; round < rhythm.rounds; round++) {
      for (const [entrant, player] of players) {
        if (takesPart(player.rounds, round, rhythm.rounds)) {
          await setTimeout(rhythm.restSeconds * 1000);
          beforeTurn();
          await turn(player).catch((error) => drop(entrant, error));
        }
      }
    }
    for (const [{ key }, { contender, speeds }] of players) {
      const remark = await contender.remark?.();
      const remarked = remark === undefined ? {} : { remark };
      results.set(key, { name: contender.name, versions: contender.versions ?? {}, speeds, ...remarked });
    }
    return results;
  } finally {
    await Promise.allSettled(players.values().map(({ contender }) => contender.close()));
  }
}

async function start(entrant: Entrant, rhythm: Rhythm): Promise<Player> {
  const contender = await entrant.open();
  try {
    const plan = rhythm.turnSeconds === 0 ? { steps: 1, rounds: rhythm.rounds } : await warmUp(contender, rhythm);
    return { contender, ...plan, speeds: [] };
  } catch (error) {
    await contender.close().catch(() => {});
    throw error;
  }
}

/**
 * Warms up a contender and determines the number of steps per turn. A slow contender takes part in only a few rounds.
 */
async function warmUp(
  contender: Contender,
  { rounds, turnSeconds }: Rhythm,
): Promise<{ steps: number; rounds: number }> {
  let { seconds } = await contender.run(1);
  let steps = 1;
  for (let spent = 0; spent < WARM_UP_TURNS * turnSeconds; spent += seconds) {
    // Ignore the time of the very first step, which includes much compilation and allocation.
    if (spent > 0) steps = Math.max(1, Math.round((turnSeconds * steps) / seconds));
    ({ seconds } = await contender.run(steps));
  }
  steps = Math.max(1, Math.round((turnSeconds * steps) / seconds));
  return { steps, rounds: seconds > SLOW_TURNS * turnSeconds ? Math.min(rounds, SLOW_ROUNDS) : rounds };
}

/** Whether a contender with `own` turns has a turn in this round out of `all`. The turns are spread evenly. */
export function takesPart(own: number, round: number, all: number): boolean {
  return Math.floor(((round + 1) * own) / all) > Math.floor((round * own) / all);
}

async function turn({ contender, steps, speeds }: Player): Promise<void> {
  const { seconds, patches } = await contender.run(steps);
  speeds.push(patches / seconds);
}
