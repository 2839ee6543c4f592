/** A worker as a function: a request in, a reply out. worker.ts answers in order. */
import { UserError } from "../util/errors.ts";
import type { Reply, Request, SentError } from "./protocol.ts";

interface Waiting {
  resolve(reply: Reply): void;
  reject(error: unknown): void;
}

export class WorkerLink {
  readonly #worker: Worker;
  readonly #waiting: Waiting[] = [];
  readonly #ended = Promise.withResolvers<Error>();
  #end: Error | undefined;

  constructor() {
    // Bundlers look for exactly this expression.
    this.#worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
    this.#worker.onmessage = ({ data }: MessageEvent<Reply>) => this.#waiting.shift()?.resolve(data);
    this.#worker.onerror = ({ message }) => this.end(workerFailed(message));
    this.#worker.onmessageerror = () => this.end(workerFailed("its answer cannot be read"));
  }

  /** @throws UserError if the worker refuses the request or stops; the error of `end` after it */
  async ask(request: Request, transfer: Transferable[] = []): Promise<Exclude<Reply, { kind: "failed" }>> {
    if (this.#end) throw this.#end;
    const { promise, resolve, reject } = Promise.withResolvers<Reply>();
    this.#waiting.push({ resolve, reject });
    this.#worker.postMessage(request, transfer);
    const reply = await promise;
    if (reply.kind === "failed") throw asUserError(reply.error);
    return reply;
  }

  /** Resolves with the reason when the worker stops. */
  get ended(): Promise<Error> {
    return this.#ended.promise;
  }

  /** Stops the worker. All requests, also later ones, fail with this error. */
  end(error: Error): void {
    this.#end ??= error;
    this.#ended.resolve(this.#end);
    this.#worker.terminate();
    for (const { reject } of this.#waiting.splice(0)) reject(this.#end);
  }
}

export const asUserError = ({ code, message }: SentError) => new UserError(code, message);

/** The browser gives no message if the worker's file is absent or forbidden. */
export const workerFailed = (message: string | undefined, file = "worker.js") =>
  new UserError(
    "model-failed",
    message
      ? `The worker stopped (${message}): reload the page.`
      : `The worker cannot be loaded: serve ${file} beside the library, and allow it by worker-src in the page's ` +
          "Content-Security-Policy, if it has one.",
  );
