/** Shares pictures among workers. Which worker takes which picture changes no answer. */
import type { OpenedFile, PictureReasons, SentAnswer, SentPicture } from "./protocol.ts";
import { WEB_DEVICES, type WebDevice } from "./web_devices.ts";
import { WorkerLink } from "./worker_link.ts";

/** While a worker computes one group, the next one waits for it. */
const GROUPS_PER_WORKER = 2;
/** A group is small, so that the page copies it in little time. */
const MOST_BYTES = 1 << 20;

export type OnSentAnswer = (answer: SentAnswer, index: number) => void;

export class WorkerPool {
  readonly #links: readonly WorkerLink[];
  readonly #idle: WorkerLink[];
  readonly #waiting: ((link: WorkerLink) => void)[] = [];

  readonly #device: WebDevice;
  readonly #onWarning: (message: string) => void;
  readonly #warnings = new Set<string>();

  /** @param onWarning is called once for each different warning of the workers */
  constructor(workers: number, device: WebDevice, onWarning: (message: string) => void) {
    this.#device = device;
    this.#onWarning = onWarning;
    this.#links = Array.from({ length: workers }, () => new WorkerLink());
    this.#idle = this.#turns();
  }

  /**
   * Gives the model to all workers, each of which checks it.
   * @throws UserError if a worker refuses it or cannot start
   */
  async open(bytes: Uint8Array, place: string): Promise<OpenedFile> {
    const replies = await Promise.all(
      this.#links.map((link) => link.ask({ kind: "open", bytes, place, device: this.#device })),
    );
    const files = replies.map((reply) => {
      if (reply.kind !== "opened") throw new Error("The worker answered out of order.");
      this.#warn(reply.warnings);
      return reply.file;
    });
    return files[0]!;
  }

  /**
   * Classifies pictures in any order, and calls `onAnswer` once for each of them.
   * @throws UserError if a worker stops; the signal's reason
   */
  async classify(pictures: readonly SentPicture[], onAnswer: OnSentAnswer, signal?: AbortSignal): Promise<void> {
    const running: Promise<void>[] = [];
    const failures: unknown[] = [];
    for (let first = 0; first < pictures.length && failures.length === 0; ) {
      const link = await this.#take();
      if (signal?.aborted) {
        this.#give(link);
        break;
      }
      const group = groupFrom(pictures, first, WEB_DEVICES[this.#device].picturesPerGroup);
      const start = first;
      first += group.length;
      const run = this.#run(link, group, (answer, place) => onAnswer(answer, start + place));
      running.push(run.catch((error: unknown) => void failures.push(error)));
    }
    await Promise.all(running);
    signal?.throwIfAborted();
    if (failures.length > 0) throw failures[0];
  }

  /** @throws UserError if the picture cannot be used, or the worker stops */
  async explain(picture: SentPicture): Promise<PictureReasons> {
    const link = await this.#take();
    try {
      const reply = await link.ask({ kind: "explain", picture });
      if (reply.kind !== "explained") throw new Error("The worker answered out of order.");
      return reply.reasons;
    } finally {
      this.#give(link);
    }
  }

  /**
   * Opens lanes to all workers, several to each.
   * @returns the ends of the lanes, to be handed to a worker that reads a slide
   * @throws UserError if a worker has stopped
   */
  async openLanes(): Promise<MessagePort[]> {
    const opening = this.#turns().map(async (link) => {
      const { port1, port2 } = new MessageChannel();
      await link.ask({ kind: "lane", port: port1 }, [port1]);
      return port2;
    });
    return Promise.all(opening);
  }

  /** Resolves with the reason as soon as one of the workers stops. */
  get ended(): Promise<Error> {
    return Promise.race(this.#links.map((link) => link.ended));
  }

  /** Each worker as often as it has groups at once, each worker once before any of them twice. */
  #turns(): WorkerLink[] {
    return Array.from({ length: GROUPS_PER_WORKER }, () => this.#links).flat();
  }

  /** Stops all workers. @param error what all unfinished and later requests fail with */
  end(error: Error): void {
    for (const link of this.#links) link.end(error);
  }

  async #run(link: WorkerLink, pictures: readonly SentPicture[], onAnswer: OnSentAnswer): Promise<void> {
    try {
      const reply = await link.ask({ kind: "classify", pictures });
      if (reply.kind !== "classified") throw new Error("The worker answered out of order.");
      this.#warn(reply.warnings);
      for (const [place, answer] of reply.answers.entries()) onAnswer(answer, place);
    } finally {
      this.#give(link);
    }
  }

  /** All workers may say the same. */
  #warn(messages: readonly string[]): void {
    for (const message of messages.filter((one) => !this.#warnings.has(one))) {
      this.#warnings.add(message);
      this.#onWarning(message);
    }
  }

  #take(): WorkerLink | Promise<WorkerLink> {
    return this.#idle.shift() ?? new Promise((resolve) => this.#waiting.push(resolve));
  }

  #give(link: WorkerLink): void {
    const next = this.#waiting.shift();
    if (next) next(link);
    else this.#idle.push(link);
  }
}

function groupFrom(pictures: readonly SentPicture[], first: number, most: number): readonly SentPicture[] {
  let bytes = 0;
  let end = first;
  while (end < pictures.length && end - first < most && bytes < MOST_BYTES) bytes += sizeOf(pictures[end++]!);
  return pictures.slice(first, end);
}

/** A file is not copied. */
const sizeOf = (picture: SentPicture): number => ("file" in picture ? 0 : picture.data.length);
