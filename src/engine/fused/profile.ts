/** Measures how often each watched function runs and for how long, for the benchmark's profile of a step. */

/** All calls of one watched function. */
export interface ProfileEntry {
  /** The part of the step that the function belongs to, such as a block. */
  readonly place: string;
  readonly name: string;
  readonly calls: number;
  readonly milliseconds: number;
}

export class Profile {
  readonly #now: () => number;
  readonly #entries = new Map<string, { place: string; name: string; calls: number; milliseconds: number }>();

  /** @param now a clock in milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Returns an object with the same functions, each timed under its name. A promise is timed until it settles. */
  watch<T extends object>(place: string, object: T): T {
    const timed = Object.entries(object).map(([name, value]) => {
      if (typeof value !== "function") return [name, value];
      return [name, (...values: unknown[]) => this.time(place, name, () => value.apply(object, values))];
    });
    return Object.fromEntries(timed) as T;
  }

  /** Runs a function and times it. */
  time<R>(place: string, name: string, run: () => R): R {
    const start = this.#now();
    const result = run();
    if (!(result instanceof Promise)) {
      this.#add(place, name, this.#now() - start);
      return result;
    }
    return result.finally(() => this.#add(place, name, this.#now() - start)) as R;
  }

  entries(): ProfileEntry[] {
    return [...this.#entries.values()];
  }

  #add(place: string, name: string, milliseconds: number): void {
    const key = `${place}/${name}`;
    let entry = this.#entries.get(key);
    if (!entry) {
      entry = { place, name, calls: 0, milliseconds: 0 };
      this.#entries.set(key, entry);
    }
    entry.calls++;
    entry.milliseconds += milliseconds;
  }
}

/** Runs a part of a step, and times it if a profile is given. */
export function timed<R>(profile: Profile | undefined, name: string, run: () => R): R {
  return profile ? profile.time(name, name, run) : run();
}
