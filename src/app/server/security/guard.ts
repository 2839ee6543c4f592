/**
 * Refuses every request that does not come from the studio's own page, and sets the headers that protect the page:
 * another site in the same browser can send requests to this machine, and a name of its own can lead here (DNS
 * rebinding).
 */
import type { MiddlewareHandler } from "hono";
import { refusal } from "../refusals.ts";

/** Names under which a browser on this machine reaches the server. */
const HOSTS = ["127.0.0.1", "localhost"];

const LONGEST_URL = 8000;

const HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy": [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "worker-src 'self' blob:",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
  "cross-origin-resource-policy": "same-origin",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "permissions-policy": "camera=(), geolocation=(), microphone=()",
};

/**
 * Checks the host, the origin, the method and the content type of every request.
 * @param port the server's port
 */
export function guard(port: () => number): MiddlewareHandler {
  return async (context, next) => {
    const { req } = context;
    const problem = complaint(req.raw, port());
    if (problem) context.res = refusal(problem.status, problem.code, problem.message);
    else await next();
    for (const [name, value] of Object.entries(HEADERS)) context.res.headers.set(name, value);
  };
}

interface Complaint {
  readonly status: 400 | 403 | 405 | 414 | 415;
  readonly code: string;
  readonly message: string;
}

function complaint({ method, url, headers }: Request, port: number): Complaint | undefined {
  const host = headers.get("host");
  const hosts = HOSTS.map((name) => `${name}:${port}`);
  if (host === null || !hosts.includes(host)) {
    return no(403, "host-refused", `This server answers only at ${hosts.join(" and ")}.`);
  }
  // A request can name another host in its target than in its header.
  if (new URL(url).host !== host) return no(403, "host-refused", "The address names another host than the header.");
  if (url.length > LONGEST_URL) return no(414, "address-too-long", "The address is too long.");
  const origin = headers.get("origin");
  const site = headers.get("sec-fetch-site");
  if (origin !== null && origin !== `http://${host}`) return no(403, "origin-refused", FOREIGN);
  if (site !== null && site !== "same-origin" && !(site === "none" && method === "GET")) {
    return no(403, "origin-refused", FOREIGN);
  }
  if (!["GET", "HEAD", "POST"].includes(method)) {
    return no(405, "method-refused", "The server takes GET and POST only.");
  }
  if (method !== "POST") return undefined;
  // A form on another site cannot send this type without asking first, and the answer is no.
  const type = headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (type !== "application/json") return no(415, "type-refused", "The body of a request must be application/json.");
  if (origin === null && site === null) return no(403, "origin-refused", "A POST must name its origin.");
  return undefined;
}

const FOREIGN = "The request comes from another site, which may not use this server.";

const no = (status: Complaint["status"], code: string, message: string): Complaint => ({ status, code, message });
