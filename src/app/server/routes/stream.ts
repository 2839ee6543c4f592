/**
 * GET /api/stream?follow=JOB:POSITION,...: server-sent events. The id of each event contains the position in every
 * followed job, so that a browser that reconnects with Last-Event-ID misses no line and gets none twice.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { Hono } from "hono";
import { streamSSE } from "hono/streaming";
import { UserError } from "../../../util/errors.ts";
import type { Services } from "../services.ts";

/** A page that follows a training shares the processor with it, so it gets news in few portions. */
const LOOK_MILLISECONDS = 500;
const LIST_MILLISECONDS = 1000;
const MOST_STREAMS = 24;
const MOST_FOLLOWED = 50;
/** A comment this often shows a proxy or a sleeping browser that the stream lives. */
const BEAT_MILLISECONDS = 15_000;

export function streamRoutes({ jobs, news, signal }: Services): Hono {
  let open = 0;
  return new Hono().get("/stream", async (context) => {
    if (open >= MOST_STREAMS) {
      throw new UserError("server-busy", `${MOST_STREAMS} pages are open already: close one of them.`);
    }
    const wanted = context.req.header("last-event-id") ?? context.req.query("follow") ?? "";
    const places = placesOf(wanted);
    for (const job of places.keys()) await jobs.facts(job);
    open++;
    return streamSSE(context, async (stream) => {
      const idOf = () => [...places].map(([job, at]) => `${job}:${at}`).join(",") || "-";
      const send = (event: string, data: unknown) => stream.writeSSE({ event, data: JSON.stringify(data), id: idOf() });
      const waiting: { readonly name: string; readonly data: unknown }[] = [];
      const ignore = news.listen((name, data) => void waiting.push({ name, data }));
      let shown = "";
      let listed = Number.NEGATIVE_INFINITY;
      let beat = performance.now();
      try {
        while (!stream.aborted && !stream.closed && !signal.aborted) {
          if (performance.now() - listed >= LIST_MILLISECONDS) {
            listed = performance.now();
            const list = await jobs.list();
            const text = JSON.stringify(list);
            if (text !== shown) await send("jobs", list);
            shown = text;
          }
          for (const { name, data } of waiting.splice(0)) await send(name, data);
          for (const [job, from] of places) {
            const { lines, next } = await jobs.numberedLines(job, from);
            for (const { line, end } of lines) {
              places.set(job, end);
              await send("line", { job, line });
            }
            places.set(job, next);
          }
          if (performance.now() - beat > BEAT_MILLISECONDS) {
            beat = performance.now();
            await stream.write(": beat\n\n");
          }
          await sleep(LOOK_MILLISECONDS);
        }
      } finally {
        ignore();
        open--;
      }
    });
  });
}

/** The positions by job. @throws UserError if the text is not a list of JOB:POSITION. */
function placesOf(text: string): Map<string, number> {
  if (text === "" || text === "-") return new Map();
  const parts = text.split(",").map((part) => /^([\w-]{1,60}):(\d{1,12})$/.exec(part));
  if (parts.length > MOST_FOLLOWED || parts.some((part) => part === null)) {
    throw new UserError("request-invalid", "The request is invalid: follow must be a list of JOB:POSITION.");
  }
  return new Map(parts.map((part) => [part![1]!, Number(part![2])]));
}
