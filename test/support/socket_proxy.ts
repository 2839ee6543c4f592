/**
 * A network between clients and a server on this machine, which tests can disturb: it passes bytes, swallows them, or
 * breaks connections.
 */
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type NetConnectOpts, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

export interface SocketProxy {
  /** The folder of the proxy's socket, or "127.0.0.1". */
  readonly host: string;
  /** The port, if the proxy listens on TCP. */
  readonly port: number | undefined;
  /** How many connections clients have opened so far. */
  connections(): number;
  /** Passes nothing any more, in both directions, and accepts connections that get no answer. */
  swallow(): void;
  /** Breaks all connections, and each new one at once. */
  cut(): void;
  /** Passes everything again, also what was swallowed. */
  goOn(): void;
}

type State = "passes" | "swallows" | "cuts";

interface Pair {
  readonly client: Socket;
  server?: Socket;
}

/**
 * Starts a proxy before a server. It ends with the test.
 * @param target the server: its socket, or its port
 * @param listens on a socket with the name of the server's in a folder of its own, or on TCP
 */
export async function startSocketProxy(
  t: { after(end: () => unknown): void },
  target: NetConnectOpts,
  listens: "socket" | "tcp" = "socket",
): Promise<SocketProxy> {
  const pairs = new Set<Pair>();
  let state: State = "passes";
  let opened = 0;

  const pass = (pair: Pair) => {
    if (!pair.server) pair.server = connectTo(target, pair, pairs);
    pair.client.pipe(pair.server);
    pair.server.pipe(pair.client);
  };
  const breakAll = () => {
    for (const { client, server } of pairs) {
      client.destroy();
      server?.destroy();
    }
    pairs.clear();
  };
  const proxy = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (client) => {
    opened++;
    if (state === "cuts") return void client.destroy();
    const pair: Pair = { client };
    pairs.add(pair);
    endTogether(client, pair, pairs);
    if (state === "passes") pass(pair);
  });
  const folder = mkdtempSync(join(tmpdir(), "proxy-"));
  t.after(() => {
    breakAll();
    proxy.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const socketName = "path" in target ? basename(target.path) : "socket";
  proxy.listen(listens === "socket" ? { path: join(folder, socketName) } : { host: "127.0.0.1", port: 0 });
  await once(proxy, "listening");
  const address = proxy.address();
  return {
    host: listens === "socket" ? folder : "127.0.0.1",
    port: address !== null && typeof address === "object" ? address.port : undefined,
    connections: () => opened,
    swallow() {
      state = "swallows";
      for (const { client, server } of pairs) {
        for (const socket of [client, server]) socket?.unpipe().pause();
      }
    },
    cut() {
      state = "cuts";
      breakAll();
    },
    goOn() {
      state = "passes";
      for (const pair of pairs) pass(pair);
    },
  };
}

function connectTo(target: NetConnectOpts, pair: Pair, pairs: Set<Pair>): Socket {
  const server = connect({ ...target, allowHalfOpen: true });
  endTogether(server, pair, pairs);
  return server;
}

/** If one side of a pair breaks, the other one does too. */
function endTogether(socket: Socket, pair: Pair, pairs: Set<Pair>): void {
  socket.on("error", () => {}); // "close" follows.
  socket.on("close", () => {
    pair.client.destroy();
    pair.server?.destroy();
    pairs.delete(pair);
  });
}
