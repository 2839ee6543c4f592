/** A studio for tests: the real command in a process of its own, or its application without a socket. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../src/app/cli/main.ts", import.meta.url));

export interface RunningStudio {
  readonly process: ChildProcess;
  /** With the token. */
  readonly address: string;
  /** "http://127.0.0.1:PORT". */
  readonly origin: string;
  readonly token: string;
  /** All that was printed so far. */
  printed(): string;
  /** Ctrl-C, and the exit code. */
  stop(): Promise<number | null>;
}

/** Starts `cancernet studio --no-open` in a folder, and waits for its address. */
export async function startStudio(folder: string, ...options: string[]): Promise<RunningStudio> {
  const child = spawn(process.execPath, [MAIN, "studio", "--no-open", folder, ...options], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const ended = once(child, "exit");
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.setEncoding("utf8").on("data", (part: string) => {
      text += part;
      const address = /http:\/\/\S+#token=[\w-]+/.exec(text)?.[0];
      if (address) resolve(address);
    });
  }
  void ended.then(() => reject(new Error(`The studio ended: ${text}`)));
  const address = await promise;
  const { origin, hash } = new URL(address);
  return {
    process: child,
    address,
    origin,
    token: hash.slice("#token=".length),
    printed: () => text,
    async stop() {
      child.kill("SIGINT");
      await ended;
      return child.exitCode;
    },
  };
}

/** Requests to a running studio, as its page makes them. */
export interface StudioClient {
  get<T>(path: string): Promise<T>;
  post<T>(path: string, body?: unknown): Promise<T>;
  /** The headers of a request of the page. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Begins a session with the token. */
export async function clientOf({ origin, token }: Pick<RunningStudio, "origin" | "token">): Promise<StudioClient> {
  const page = { origin, "sec-fetch-site": "same-origin", "content-type": "application/json" };
  const session = await fetch(`${origin}/api/session`, {
    method: "POST",
    headers: page,
    body: JSON.stringify({ token }),
  });
  const headers = { ...page, cookie: session.headers.get("set-cookie")!.split(";")[0]! };
  const answer = async (response: Response): Promise<never> => {
    const value = (await response.json()) as { message?: string };
    if (!response.ok) throw new Error(`${response.status}: ${value.message}`);
    return value as never;
  };
  return {
    headers,
    get: async (path) => answer(await fetch(`${origin}/api${path}`, { headers })),
    post: async (path, body = {}) =>
      answer(await fetch(`${origin}/api${path}`, { method: "POST", headers, body: JSON.stringify(body) })),
  };
}
