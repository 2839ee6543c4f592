/**
 * Refuses every request that does not come from the studio's own page, and sets the headers that protect the page:
 * another site in the same browser can send requests to this machine, and a name of its own can lead here (DNS
 * rebinding).
 */
import type { MiddlewareHandler } from "hono";
import { refusal } from "../refusals.ts";
import { secured } from "./headers.ts";

/** Names under which a browser on this machine reaches the server. */
const HOSTS = ["127.0.0.1", "localhost"];

const LONGEST_URL = 8000;

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
    secured(context.res);
  };
}

interface Complaint {
  readonly status: 400 | 403 | 405 | 414 | 415;
  readonly code: string;
  readonly message: string;
}

function complaint({ method, url, headers }: Request, port: number): Complaint | undefined {
  const host = headers.get("host");
  // Browsers leave out the usual port.
  const hosts = HOSTS.map((name) => (port === 80 ? name : `${name}:${port}`));
  if (host === null || !hosts.includes(host)) {
    return no(403, "host-refused", `This server answers only at ${hosts.join(" and ")}.`);
  }
  // A request can name another host in its target than in its header.
  if (new URL(url).host !== host) return no(403, "host-refused", "The address names another host than the header.");
  if (url.length > LONGEST_URL) return no(414, "address-too-long", "The address is too long.");
  const origin = headers.get("origin");
  const site = headers.get("sec-fetch-site");
  if (origin !== null && origin !== `http://${host}`) return no(403, "origin-refused", FOREIGN);
  if (site !== null && site !== "same-origin" && !(method === "GET" && isVisit(site, headers))) {
    return no(403, "origin-refused", FOREIGN);
  }
  if (!["GET", "POST"].includes(method)) {
    return no(405, "method-refused", "The server takes GET and POST only.");
  }
  if (method !== "POST") return undefined;
  // A form on another site cannot send this type without asking first, and the answer is no.
  const type = headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (type !== "application/json") return no(415, "type-refused", "The body of a request must be application/json.");
  if ((headers.get("content-encoding") ?? "identity") !== "identity") {
    return no(415, "type-refused", "The body of a request must not be compressed.");
  }
  if (origin === null && site === null) return no(403, "origin-refused", "A POST must name its origin.");
  return undefined;
}

/** A person opens the address, or follows a link to it in another page. Neither page can read the other. */
const isVisit = (site: string, headers: Headers): boolean =>
  site === "none" || (headers.get("sec-fetch-mode") === "navigate" && headers.get("sec-fetch-dest") === "document");

const FOREIGN = "The request comes from another site, which may not use this server.";

const no = (status: Complaint["status"], code: string, message: string): Complaint => ({ status, code, message });
