/** Requests to the server. Every failure is a `Refused` with one sentence for people. */
import type { Refusal } from "../../api/session.ts";

/** A request that the server refused, or that did not reach it. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly status: number;
  readonly code: string;

  constructor(status: number, { code, message }: Refusal) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** GET of JSON. @param path below /api, with its query: "/items" */
export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return (await request(path, signal ? { signal } : {})).json() as Promise<T>;
}

/** GET of bytes. */
export async function getBytes(path: string, signal?: AbortSignal): Promise<ArrayBuffer> {
  return (await request(path, signal ? { signal } : {})).arrayBuffer();
}

/** POST of JSON. */
export async function post<T>(path: string, body: unknown = {}): Promise<T> {
  const headers = { "content-type": "application/json" };
  return (await request(path, { method: "POST", headers, body: JSON.stringify(body) })).json() as Promise<T>;
}

async function request(path: string, init: RequestInit): Promise<Response> {
  const response = await fetch(`/api${path}`, init).catch((error: unknown) => {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Refused(0, { code: "unreachable", message: "The studio does not answer: is its command still running?" });
  });
  if (response.ok) return response;
  const refusal = (await response.json().catch(() => undefined)) as Refusal | undefined;
  throw new Refused(response.status, refusal ?? { code: "bug", message: `The server answered ${response.status}.` });
}

/** A query string from the values that are given: "?split=test&from=0", or "". */
export function query(values: Readonly<Record<string, string | number | boolean | undefined>>): string {
  const given = Object.entries(values).filter(([, value]) => value !== undefined && value !== "");
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return text === "" ? "" : `?${text}`;
}
