/** News for the open pages: something has changed, so load it again. stream.ts sends them. */
import { EventEmitter } from "node:events";
import type { StreamEvents } from "../api/jobs.ts";

/** The news that are not about jobs. */
type News = Pick<StreamEvents, "items" | "corrections">;

export class ServerNews {
  readonly #emitter = new EventEmitter().setMaxListeners(0);

  publish<K extends keyof News>(name: K, data: News[K]): void {
    this.#emitter.emit("news", name, data);
  }

  /** Calls the listener for every news. @returns a function that ends this */
  listen(listener: (name: keyof News, data: News[keyof News]) => void): () => void {
    this.#emitter.on("news", listener);
    return () => void this.#emitter.off("news", listener);
  }
}
