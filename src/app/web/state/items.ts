/** The items of the studio's folder and its jobs, kept up to date by the server's stream. */
import { computed, signal } from "@preact/signals";
import type { Item, ItemKind, Items } from "../../api/items.ts";
import type { JobFacts, StreamEvents } from "../../api/jobs.ts";
import { get } from "./api.ts";

export const items = signal<Items | undefined>(undefined);
export const jobs = signal<readonly JobFacts[]>([]);
/** Whether the stream is connected. */
export const isConnected = signal(true);
/** How often the stream has been opened: what was published between two of them was missed. */
export const connections = signal(0);
/** The number of entries in each journal that the stream has reported, by dataset id. */
export const journalSizes = signal<Readonly<Record<string, number>>>({});

export const runningJobs = computed(() => jobs.value.filter(({ state }) => state === "running" || state === "waiting"));

/** The items of one kind, in the order of their paths. */
export function itemsOf<K extends ItemKind>(kind: K): Extract<Item, { readonly kind: K }>[] {
  return (items.value?.items ?? []).filter((item): item is Extract<Item, { readonly kind: K }> => item.kind === kind);
}

/** The item of that kind and id, if there is one. */
export function itemOf<K extends ItemKind>(kind: K, id: string): Extract<Item, { readonly kind: K }> | undefined {
  return itemsOf(kind).find((item) => item.id === id);
}

let shown = "";

/** Loads the items again. The signal changes only if an item has changed. */
export async function loadItems(): Promise<void> {
  const loaded = await get<Items>("/items");
  const text = JSON.stringify(loaded);
  if (text !== shown) items.value = loaded;
  shown = text;
}

/** A running job can make several items, such as the demo: this often the page looks for them. */
const LOOK_MILLISECONDS = 3000;

type Listener = (data: StreamEvents["line"]) => void;
/** By job: who follows it, and the position that each has reached. */
const followers = new Map<string, Map<Listener, number>>();
let source: EventSource | undefined;

/**
 * Opens the stream, and keeps it open while the page is visible. A browser opens only a few connections to a server, so
 * a hidden page gives its own back.
 */
export function openStream(): void {
  document.addEventListener("visibilitychange", () => (document.hidden ? closeStream() : connect()));
  setInterval(() => {
    if (!document.hidden && runningJobs.peek().length > 0) void loadItems().catch(() => {});
  }, LOOK_MILLISECONDS);
  connect();
}

/**
 * Follows the events of a job from a position on: each line comes exactly once, also after a lost connection.
 * @returns a function that ends this
 */
export function followJob(job: string, from: number, listener: Listener): () => void {
  const listeners = followers.get(job) ?? new Map<Listener, number>();
  listeners.set(listener, from);
  followers.set(job, listeners);
  connect();
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) followers.delete(job);
  };
}

function closeStream(): void {
  source?.close();
  source = undefined;
}

function connect(): void {
  closeStream();
  if (document.hidden) return;
  const follow = [...followers].map(([job, listeners]) => `${job}:${Math.min(...listeners.values())}`).join(",");
  const stream = new EventSource(`/api/stream${follow === "" ? "" : `?follow=${encodeURIComponent(follow)}`}`);
  source = stream;
  stream.addEventListener("open", () => {
    isConnected.value = true;
    connections.value++;
    void loadItems();
  });
  stream.addEventListener("error", () => {
    isConnected.value = false;
    // The browser gives up after an answer that is not a stream, such as that of a server that is starting.
    if (stream.readyState === EventSource.CLOSED) setTimeout(() => source === stream && connect(), 1000);
  });
  on(stream, "jobs", (data) => {
    jobs.value = data;
  });
  on(stream, "items", () => void loadItems());
  on(stream, "corrections", ({ dataset, entries }) => {
    journalSizes.value = { ...journalSizes.value, [dataset]: entries };
  });
  on(stream, "line", (data, id) => {
    const places = new Map(id.split(",").map((place) => place.split(":") as [job: string, position: string]));
    const position = Number(places.get(data.job));
    const listeners = followers.get(data.job) ?? new Map<Listener, number>();
    // The stream starts where the slowest listener is: the others have had the first lines already.
    for (const [listener, reached] of listeners) {
      if (position <= reached) continue;
      listeners.set(listener, position);
      listener(data);
    }
  });
}

function on<K extends keyof StreamEvents>(
  stream: EventSource,
  name: K,
  listener: (data: StreamEvents[K], id: string) => void,
): void {
  stream.addEventListener(name, ({ data, lastEventId }: MessageEvent<string>) =>
    listener(JSON.parse(data) as StreamEvents[K], lastEventId),
  );
}
