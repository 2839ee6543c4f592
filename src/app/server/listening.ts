/**
 * Listens on this machine only, and bounds what a connection may do. What is no request of HTTP never reaches the
 * application; it gets the same kind of refusal here.
 */
import { once } from "node:events";
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerOptions,
  type ServerResponse,
  STATUS_CODES,
} from "node:http";
import type { Socket } from "node:net";
import { getRequestListener } from "@hono/node-server";
import type { Hono } from "hono";
import { codeOf, messageOf, UserError } from "../../util/errors.ts";
import { refusal } from "./refusals.ts";
import { SECURITY_HEADERS, secured } from "./security/headers.ts";

const MOST_CONNECTIONS = 512;

const BOUNDS: ServerOptions = {
  maxHeaderSize: 16 * 1024,
  /** For the headers, and for the whole request. */
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 1000,
  /** guard.ts refuses a request without a host in a sentence. */
  requireHostHeader: false,
};

/** A connection on which nothing is read or written for so long is closed. Streams write more often. */
const SILENT_MILLISECONDS = 180_000;

/**
 * Serves the application on 127.0.0.1.
 * @param port 0 for any free port
 * @throws UserError if the port cannot be used.
 */
export async function listen(app: Hono, port: number): Promise<Server> {
  const server = createServer(BOUNDS, getRequestListener(app.fetch, { errorHandler: unreadable }));
  server.maxConnections = MOST_CONNECTIONS;
  server.timeout = SILENT_MILLISECONDS;
  server.on("clientError", refuseBytes);
  server.on("connect", (_: IncomingMessage, socket: Socket) => {
    socket.on("error", () => {});
    socket.end(rawRefusal(405, "method-refused", "The server takes GET and POST only."));
  });
  server.on("checkExpectation", (_: IncomingMessage, answer: ServerResponse) => {
    const { headers, body } = plain("expectation-refused", "The server knows only the expectation 100-continue.");
    answer.writeHead(417, headers).end(body);
  });
  try {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    return server;
  } catch (error) {
    throw portError(port, error);
  }
}

/** Ends all connections and stops listening. */
export async function close(server: Server): Promise<void> {
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections();
  await closed;
}

function portError(port: number, error: unknown): UserError {
  const reason = REASONS[codeOf(error) ?? ""] ?? messageOf(error);
  return new UserError(
    "port-taken",
    `Cannot listen on port ${port}: ${reason}; choose another with --port, or leave it out.`,
  );
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: "another program uses it",
  EACCES: "the system does not permit it",
};

function unreadable(): Response {
  const answer = refusal(400, "request-invalid", "The address of the request, or its host, is not valid.");
  secured(answer);
  return answer;
}

/** Statuses of what the parser of HTTP refuses; 400 for all else. */
const STATUSES: Readonly<Record<string, readonly [status: number, code: string, message: string]>> = {
  HPE_HEADER_OVERFLOW: [431, "headers-too-large", "The headers of the request are larger than 16 kB."],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, "body-too-large", "The body of the request is not valid."],
  ERR_HTTP_REQUEST_TIMEOUT: [408, "request-slow", "The request did not arrive in time."],
};

function refuseBytes(error: Error, socket: Socket): void {
  // After a part of an answer, the client would take the refusal for the rest of it.
  if (!socket.writable || socket.bytesWritten > 0 || codeOf(error) === "ECONNRESET") {
    socket.destroy();
    return;
  }
  const [status, code, message] = STATUSES[codeOf(error) ?? ""] ?? [
    400,
    "request-invalid",
    "The request is not valid HTTP.",
  ];
  socket.end(rawRefusal(status, code, message), () => socket.destroy());
}

function plain(code: string, message: string): { readonly headers: Record<string, string>; readonly body: string } {
  const body = JSON.stringify({ code, message });
  const length = String(Buffer.byteLength(body));
  const own = { "content-type": "application/json", "content-length": length, connection: "close" };
  return { headers: { ...SECURITY_HEADERS, ...own, "cache-control": "no-store" }, body };
}

/** A refusal as bytes. */
function rawRefusal(status: number, code: string, message: string): string {
  const { headers, body } = plain(code, message);
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, "", body].join("\r\n");
}
