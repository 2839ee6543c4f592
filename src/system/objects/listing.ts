/** Lists the objects of a bucket, page by page. */
import type { Connection } from "./connection.ts";

export interface ListedObject {
  readonly key: string;
  readonly bytes: number;
}

/** The objects whose names start with the prefix. @param most objects per page */
export async function* listObjects(
  connection: Connection,
  prefix: string,
  most = 1000,
): AsyncGenerator<ListedObject, undefined> {
  let token: string | undefined;
  do {
    const query = {
      "list-type": "2",
      // Names may hold characters that XML cannot.
      "encoding-type": "url",
      "max-keys": String(most),
      prefix,
      ...(token === undefined ? {} : { "continuation-token": token }),
    };
    const response = await connection.send({ method: "GET", key: "", query });
    const page = await response.text().catch((error: unknown) => {
      throw connection.unreachable(error);
    });
    for (const [, entry = ""] of page.matchAll(/<Contents>(.*?)<\/Contents>/gs)) {
      const key = decodeURIComponent(field(entry, "Key")!.replaceAll("+", " "));
      yield { key, bytes: Number(field(entry, "Size")) };
    }
    token = field(page, "IsTruncated") === "true" ? field(page, "NextContinuationToken") : undefined;
  } while (token !== undefined);
}

/** The text of the first element of this name. */
export function field(xml: string, name: string): string | undefined {
  const text = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
  return text?.replace(/&(amp|lt|gt|quot|apos|#\d+|#x[0-9a-f]+);/gi, (whole, entity: string) => {
    if (entity.startsWith("#")) return String.fromCodePoint(Number(`0${entity.slice(1)}`.replace(/^0(?!x)/i, "")));
    return ENTITIES[entity.toLowerCase()] ?? whole;
  });
}

const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };
