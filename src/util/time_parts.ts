/** Measures how long the parts of a piece of work take. */

/** Milliseconds by part. The clock starts with the process. */
export class TimeParts<Part extends string> {
  readonly milliseconds = {} as Record<Part, number>;
  #since = 0;

  /** Adds the time since the last call, or since the process started, to a part. */
  end(part: Part): void {
    const now = performance.now();
    this.milliseconds[part] = (this.milliseconds[part] ?? 0) + now - this.#since;
    this.#since = now;
  }
}
