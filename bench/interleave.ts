/** Contenders of one work take turns on the same cores, so that a busy second of the machine hits all of them alike. */
import { setTimeout } from "node:timers/promises";
import { messageOf } from "../src/util/errors.ts";

export interface Turn {
  readonly seconds: number;
  readonly patches: number;
}

/** Something that can be measured: runs some steps and tells the seconds and the patches. */
export interface Contender {
  /** The program with the settings it runs with. */
  readonly name: string;
  readonly versions?: Readonly<Record<string, string>>;
  run(steps: number): Promise<Turn>;
  close(): Promise<void>;
}

/** A contender before it is started; its key is unique in its session. */
export interface Entrant {
  readonly key: string;
  /** What it is called if it does not start. */
  readonly program: string;
  /** Whether it is a program of cancernet. */
  readonly own: boolean;
  open(): Promise<Contender>;
}

/** Patches a second of one contender, a number a turn; none, and the reason, where it failed. */
export interface Measurement {
  readonly name: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly speeds: readonly number[];
  readonly trouble?: string;
}

export interface Rhythm {
  readonly rounds: number;
  /** How long a turn shall last; 0: a turn is one step, and nothing is warmed up, as the step is a long one. */
  readonly turnSeconds: number;
  /** Rest before each turn: threads of the programs wait busily for about a tenth of a second before they sleep. */
  readonly restSeconds: number;
}

/** A step that takes longer than this many turns is a slow one. */
const SLOW_TURNS = 2;
const SLOW_ROUNDS = 3;
const WARM_UP_TURNS = 2;

interface Player {
  readonly contender: Contender;
  readonly steps: number;
  readonly rounds: number;
  readonly speeds: number[];
}

/** Measures the entrants in turns, by key. Who fails drops out; the others go on. */
export async function measureInTurns(entrants: readonly Entrant[], rhythm: Rhythm): Promise<Map<string, Measurement>> {
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
    // One after the other, so that none is warmed up or chooses its settings while another works.
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
          await turn(player).catch((error) => drop(entrant, error));
        }
      }
    }
    for (const [{ key }, { contender, speeds }] of players) {
      results.set(key, { name: contender.name, versions: contender.versions ?? {}, speeds });
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

/** Warms a contender up and finds how many steps make a turn. A slow one takes part in a few rounds only. */
async function warmUp(
  contender: Contender,
  { rounds, turnSeconds }: Rhythm,
): Promise<{ steps: number; rounds: number }> {
  let { seconds } = await contender.run(1);
  let steps = 1;
  for (let spent = 0; spent < WARM_UP_TURNS * turnSeconds; spent += seconds) {
    // What the very first step took says little: much is compiled and allocated there.
    if (spent > 0) steps = Math.max(1, Math.round((turnSeconds * steps) / seconds));
    ({ seconds } = await contender.run(steps));
  }
  steps = Math.max(1, Math.round((turnSeconds * steps) / seconds));
  return { steps, rounds: seconds > SLOW_TURNS * turnSeconds ? Math.min(rounds, SLOW_ROUNDS) : rounds };
}

/** Whether a contender of `own` rounds has a turn in this one of `all`: evenly spread. */
export function takesPart(own: number, round: number, all: number): boolean {
  return Math.floor(((round + 1) * own) / all) > Math.floor((round * own) / all);
}

async function turn({ contender, steps, speeds }: Player): Promise<void> {
  const { seconds, patches } = await contender.run(steps);
  speeds.push(patches / seconds);
}
