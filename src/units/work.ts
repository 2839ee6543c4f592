/**
 * What a unit is: a part of a verb's work that can be done alone, repeated and resumed. A verb describes its work as
 * units; an engine (in this process, one of several shards, a worker of a queue) chooses which of them it does, and
 * when.
 */
import type { Context } from "../util/context.ts";
import type { UserError } from "../util/errors.ts";
import type { Results } from "./results.ts";

/** A part of a work: one slide, one fold, one training. */
export interface Unit {
  /** The path of its folder in the folder of the results, with "/": "slide-7", "geometry-1/fold-2". */
  readonly name: string;
}

/** A unit on which a process has started: what it needs is open. */
export interface OpenUnit<R> {
  /** The result, if the unit's folder already holds it, made from the same inputs with the same settings. */
  readonly done?: R | undefined;
  /**
   * Does the unit, and fills a folder.
   * @param place an existing empty folder, which becomes the unit's folder afterwards
   * @param earlier folders that interrupted attempts at the same unit have left, the newest first; `fill` may take
   *   over what they hold. Their processes may still run.
   * @throws UserError if the unit cannot be done, for example a damaged slide. This is final.
   */
  fill(place: string, earlier: readonly string[]): Promise<R>;
  close(): Promise<void>;
}

/** A work whose inputs are open: the model is loaded. */
export interface Work<U extends Unit = Unit, R = unknown> {
  /** The command whose work it is. */
  readonly verb: string;
  /** Each unit has a folder in the results. */
  readonly results: Results;
  readonly units: readonly U[];
  /**
   * Opens a unit's inputs, and looks whether the unit is done.
   * @throws UserError if the unit cannot be done, or its folder holds something else.
   */
  open(unit: U, context: Context): Promise<OpenUnit<R>>;
  /**
   * The result of a published unit, from its folder alone; undefined if it is not published.
   * @throws UserError if the folder is damaged, or of another work.
   */
  read(unit: U, context: Context): Promise<R | undefined>;
  /** An error about a unit as it is recorded for all: without the paths of this machine. */
  recorded(unit: U, message: string): string;
  close(): Promise<void>;
}

/** What became of a unit. */
export type UnitOutcome<R> =
  /** `wasDone`: nothing had to be done. */
  | { readonly done: R; readonly wasDone: boolean; readonly error?: never; readonly cause?: never }
  /** Why it failed, as one sentence, and the error itself. */
  | { readonly error: string; readonly cause: UserError; readonly done?: never; readonly wasDone?: never };
