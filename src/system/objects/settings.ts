/**
 * The server of the object storage and the user's key, from the environment variables of Amazon's own tools. No file is
 * read, and no server is assumed.
 */
import { UserError } from "../../util/errors.ts";

export interface StoreSettings {
  readonly endpoint: URL;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Belongs to a key that is valid for a while only. */
  readonly sessionToken?: string;
}

/** @throws UserError that names a missing or unusable variable. Its value is not shown. */
export function storeSettings(environment: NodeJS.ProcessEnv = process.env): StoreSettings {
  const { AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, AWS_REGION, AWS_DEFAULT_REGION, AWS_SESSION_TOKEN } = environment;
  const needed = (name: string, what: string): string => {
    const value = environment[name];
    if (value) return value;
    throw new UserError("store-settings-invalid", `Object storage needs ${what}: set the variable ${name}.`);
  };
  const address = AWS_ENDPOINT_URL_S3 || AWS_ENDPOINT_URL || needed("AWS_ENDPOINT_URL", "the address of its server");
  const accessKeyId = needed("AWS_ACCESS_KEY_ID", "a key");
  const secretAccessKey = needed("AWS_SECRET_ACCESS_KEY", "the secret of its key");
  const region = AWS_REGION || AWS_DEFAULT_REGION || "us-east-1";
  const sessionToken = AWS_SESSION_TOKEN ? { sessionToken: AWS_SESSION_TOKEN } : {};
  return { endpoint: endpointOf(address), region, accessKeyId, secretAccessKey, ...sessionToken };
}

function endpointOf(text: string): URL {
  const url = URL.parse(text);
  const isBare = url !== null && url.username === "" && url.password === "" && url.search === "" && url.hash === "";
  if (isBare && /^https?:$/.test(url.protocol) && url.pathname === "/") return url;
  throw new UserError(
    "store-settings-invalid",
    "AWS_ENDPOINT_URL is no address of a server: expected such as https://s3.eu-central-1.amazonaws.com.",
  );
}
