/**
 * The files of a page that classifies images with one model: the page built from src/app/page, the model, its name, and
 * the list of files for the service worker.
 */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { sha256OfBytes } from "../system/files.ts";
import { ownFile } from "../system/own_files.ts";
import { SOFTWARE } from "../system/version.ts";
import { UserError } from "../util/errors.ts";

const SERVICE_WORKER = "service-worker.js";
/** Files that the service worker does not keep: index.html is kept under the folder's own address. */
const NOT_KEPT: readonly string[] = [SERVICE_WORKER, "_headers", "index.html"];

/** The files of a folder by name. */
export type PageFiles = Readonly<Record<string, Uint8Array>>;

/**
 * The same model and version give the same bytes.
 * @param model its name, and the bytes of its file
 * @throws UserError if the page was not built
 */
export async function pageFiles({
  name,
  bytes,
}: {
  readonly name: string;
  readonly bytes: Uint8Array;
}): Promise<PageFiles> {
  const facts = Buffer.from(`${JSON.stringify({ model: name, software: SOFTWARE })}\n`);
  return withServiceWorker({ ...(await builtPage()), "model.onnx": bytes, "page.json": facts });
}

/** The page without a model. @throws UserError if it was not built */
async function builtPage(): Promise<PageFiles> {
  const folder = ownFile("dist/page");
  const names = await readdir(folder).catch((): string[] => []);
  if (!names.includes("index.html")) {
    throw new UserError("installation-damaged", `The page is missing in ${folder}: install cancernet again.`);
  }
  return Object.fromEntries(
    await Promise.all(names.sort().map(async (name) => [name, await readFile(join(folder, name))])),
  );
}

/** Puts the list of the files in front of the service worker. The version changes if any byte of any file does. */
function withServiceWorker(files: PageFiles): PageFiles {
  const names = Object.keys(files).sort();
  const version = sha256OfBytes(Buffer.from(names.map((name) => `${name} ${sha256OfBytes(files[name]!)}`).join("\n")));
  const kept = ["./", ...names.filter((name) => !NOT_KEPT.includes(name))];
  const list = `const PAGE = ${JSON.stringify({ version: version.slice(0, 16), files: kept })};\n`;
  return { ...files, [SERVICE_WORKER]: Buffer.concat([Buffer.from(list), files[SERVICE_WORKER]!]) };
}
