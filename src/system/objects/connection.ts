/** Signed requests to the server of an object storage. A request is sent again if the server fails or is not reached. */
import { setTimeout } from "node:timers/promises";
import { UserError } from "../../util/errors.ts";
import { sha256OfBytes } from "../files.ts";
import type { StoreSettings } from "./settings.ts";

export interface ObjectRequest {
  readonly method: "GET" | "HEAD" | "PUT" | "POST" | "DELETE";
  readonly key: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer>;
}

/** How long to wait before the next try. A server that restarts is back within this time. */
const WAITS_MS = [200, 400, 800, 1600, 3200, 6400, 12_800];

/** The server failed or is overloaded; 409: somebody else wrote the same object at the same moment. */
const isPassing = (status: number): boolean => status >= 500 || status === 429 || status === 409;

const EMPTY = sha256OfBytes(new Uint8Array());

interface Signer {
  sign(url: string, init: RequestInit): Promise<Request>;
}

/** Sends requests about one bucket. */
export class Connection {
  readonly bucket: string;
  readonly host: string;
  readonly #settings: StoreSettings;
  readonly #signal: AbortSignal;
  readonly #client: Signer;

  private constructor(bucket: string, settings: StoreSettings, client: Signer, signal: AbortSignal) {
    this.bucket = bucket;
    this.host = settings.endpoint.host;
    this.#settings = settings;
    this.#client = client;
    this.#signal = signal;
  }

  /** @throws UserError if the package that signs requests is not installed. */
  static async open(bucket: string, settings: StoreSettings, signal: AbortSignal): Promise<Connection> {
    const { AwsClient } = await import("aws4fetch").catch(() => {
      throw new UserError("package-missing", 'Object storage needs the package aws4fetch: "npm install aws4fetch".');
    });
    const { endpoint: _, ...key } = settings;
    return new Connection(bucket, settings, new AwsClient({ ...key, service: "s3" }), signal);
  }

  /**
   * Sends a request until the server answers it.
   * @param accepted the statuses that the caller handles, besides 200 to 299
   * @throws UserError for any other status, or if the server is not reached; the signal's reason.
   */
  async send(request: ObjectRequest, accepted: readonly number[] = []): Promise<Response> {
    for (let tries = 0; ; tries++) {
      this.#signal.throwIfAborted();
      const answer = await this.#once(request).catch((error: unknown) => error);
      this.#signal.throwIfAborted();
      const response = answer instanceof Response ? answer : undefined;
      if (response !== undefined && (response.ok || accepted.includes(response.status))) return response;
      const isFinal = (response !== undefined && !isPassing(response.status)) || tries === WAITS_MS.length;
      if (isFinal) throw response === undefined ? this.unreachable(answer) : await this.#refusal(request, response);
      await response?.body?.cancel();
      await setTimeout(WAITS_MS[tries], undefined, { signal: this.#signal }).catch(() => {});
    }
  }

  async #once({ method, key, query, headers, body }: ObjectRequest): Promise<Response> {
    const path = [this.bucket, ...key.split("/")].map(encodeURIComponent).join("/");
    const url = new URL(`/${path}`, this.#settings.endpoint);
    for (const [name, value] of Object.entries(query ?? {})) url.searchParams.set(name, value);
    // With the hash, the server refuses a body that was changed on the way.
    const hash = body === undefined ? EMPTY : sha256OfBytes(body);
    const signed = await this.#client.sign(url.href, {
      method,
      headers: { ...headers, "x-amz-content-sha256": hash },
      redirect: "manual",
      ...(body === undefined ? {} : { body }),
    });
    return fetch(signed, { signal: this.#signal });
  }

  /** @throws the signal's reason if it is aborted. */
  requireGoingOn(): void {
    this.#signal.throwIfAborted();
  }

  /** The error of a server that does not answer, or stops in the middle of an answer. */
  unreachable(error: unknown): UserError {
    const { cause } = error as { cause?: { code?: string } };
    const reason = cause?.code ?? (error instanceof Error ? error.message : String(error));
    return new UserError(
      "store-unreachable",
      `The object storage at ${this.host} does not answer (${reason}): check AWS_ENDPOINT_URL and the network.`,
    );
  }

  async #refusal({ key }: ObjectRequest, response: Response): Promise<UserError> {
    const text = response.body === null ? "" : await response.text().catch(() => "");
    const code = /<Code>(\w{1,60})<\/Code>/.exec(text)?.[1] ?? `status ${response.status}`;
    const place = `s3://${this.bucket}/${key}`;
    if (response.status === 404) {
      const what = code === "NoSuchBucket" ? `bucket ${this.bucket}` : `object ${place}`;
      return new UserError("object-missing", `There is no ${what} at ${this.host}: check the address.`);
    }
    if ([301, 302, 307, 308, 401, 403].includes(response.status))
      return new UserError(
        "store-refused",
        `The object storage at ${this.host} refuses ${place} (${code}): check the key's permissions, its secret and AWS_REGION.`,
      );
    return new UserError("store-failed", `The object storage at ${this.host} failed at ${place} (${code}): try again.`);
  }
}
