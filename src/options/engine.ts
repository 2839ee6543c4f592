/** The options of commands whose work consists of units: which engine does them. */
import * as z from "zod";
import { option } from "./meta.ts";

const GROUP = "Many machines";

export const QUEUES = ["postgres"] as const;

const SHARD = /^([1-9]\d{0,4})\/([1-9]\d{0,4})$/;

/** Whether the text is one of several equal parts, such as 2/10, the second of ten. */
function isShard(text: string): boolean {
  const [, number, of] = SHARD.exec(text) ?? [];
  return number !== undefined && Number(number) <= Number(of);
}

export const ENGINE_OPTIONS = {
  shard: option(z.string().refine(isShard, "must be such as 2/10, the second of ten").optional(), {
    description: 'Do only this part of the work, such as 2/10; then "cancernet gather" writes the summary.',
    placeholder: "I/N",
    group: GROUP,
  }),
  queue: option(z.enum(QUEUES).optional(), {
    description: 'Let the workers of a queue do the work ("cancernet work"); the environment names the server.',
    group: GROUP,
  }),
  root: option(z.string().optional(), {
    description: "With --queue: folder or address with all inputs, which workers may see at another path.",
    fallback: { words: "the working folder" },
    placeholder: "DIR",
    path: true,
    group: GROUP,
  }),
  results: option(z.string().optional(), {
    description: "With --queue: folder or address that contains --out, which workers may see at another path.",
    fallback: { words: "what contains --out" },
    placeholder: "DIR",
    path: true,
    group: GROUP,
  }),
};

/** A schema without these options, for callers that always do the work in one process. */
export const withoutEngine = <S extends z.ZodRawShape>(schema: z.ZodObject<S & typeof ENGINE_OPTIONS>): z.ZodObject =>
  (schema as z.ZodObject).omit({ shard: true, queue: true, root: true, results: true });
