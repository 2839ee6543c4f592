/**
 * Serves the built page from dist/web. All files are read at the start, so no request can name a path on the disk. An
 * address of the page that is not a file gets index.html, which shows the screen for it.
 */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import type { MiddlewareHandler } from "hono";
import { ownFile } from "../../system/own_files.ts";
import { UserError } from "../../util/errors.ts";

/** The types of files by the ends of their names. */
export const FILE_TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".wasm": "application/wasm",
  ".json": "application/json",
  ".txt": "text/plain; charset=utf-8",
};

/** The address of a screen: names and ids, no file. */
const SCREEN = /^\/[\w/-]*$/;

/**
 * Reads the built page.
 * @throws UserError if it was not built.
 */
export async function staticFiles(folder = ownFile("dist/web/")): Promise<MiddlewareHandler> {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  const names = await readdir(folder, { recursive: true }).catch((): string[] => []);
  for (const name of names) {
    if (name.endsWith(".map") || extname(name) === "") continue;
    files.set(`/${name.replaceAll("\\", "/")}`, new Uint8Array(await readFile(join(folder, name))));
  }
  const index = files.get("/index.html");
  if (!index) {
    throw new UserError("installation-damaged", `The studio's page is missing in ${folder}: install cancernet again.`);
  }
  const tag = `"${createHash("sha256").update(index).digest("base64url")}"`;
  return async (context, next) => {
    const { path, method } = context.req;
    if (path === "/api" || path.startsWith("/api/") || method === "POST") return next();
    const body = files.get(path) ?? (SCREEN.test(path) ? index : undefined);
    if (!body) return next();
    const isIndex = body === index;
    if (isIndex) context.header("etag", tag);
    if (isIndex && context.req.header("if-none-match") === tag) return context.body(null, 304);
    return context.body(body, 200, {
      "content-type": FILE_TYPES[isIndex ? ".html" : extname(path)] ?? "application/octet-stream",
      // The names of the other files contain their hashes.
      "cache-control": isIndex ? "no-cache" : "public, max-age=31536000, immutable",
    });
  };
}
