/** An exported page on a plain static server, which sends no headers but the types, and what a person does with it. */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { untilTrue } from "../support/browser.ts";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".json": "application/json",
  ".wasm": "application/wasm",
  ".txt": "text/plain",
};

export interface StaticServer {
  /** With a slash at its end. */
  readonly address: string;
  /** "GET /page.js" for each request, in order. */
  readonly requests: string[];
  close(): void;
}

/** Serves the files of a folder. @param headers that every answer has, besides its type */
export async function serveFolder(
  folder: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<StaticServer> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url!, "http://page");
    requests.push(`${request.method} ${pathname}`);
    try {
      const name = pathname === "/" ? "index.html" : pathname.slice(1);
      const body = readFileSync(join(folder, name));
      response.writeHead(200, { ...headers, "Content-Type": TYPES[extname(name)] ?? "application/octet-stream" });
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { address, requests, close };
}

export interface OpenedPage {
  readonly page: Page;
  /** Requests that are no GET, or go to another server. Pictures in the page itself (blob:) are no requests. */
  readonly foreign: string[];
  /** Errors of the page and its console. */
  readonly complaints: string[];
  close(): Promise<void>;
}

/** Opens the page in a context of its own, and waits for the model. */
export async function openExported(
  browser: Browser,
  { address }: StaticServer,
  options: BrowserContextOptions = {},
): Promise<OpenedPage> {
  const context = await browser.newContext(options);
  const [foreign, complaints]: [string[], string[]] = [[], []];
  context.on("request", (request) => {
    const isOwn = request.method() === "GET" && request.url().startsWith(address);
    if (!isOwn && !request.url().startsWith(`blob:${address}`)) foreign.push(`${request.method()} ${request.url()}`);
  });
  const page = await context.newPage();
  page.on("console", (message) => void (message.type() === "error" && complaints.push(message.text())));
  page.on("pageerror", (error) => void complaints.push(error.message));
  await page.goto(address);
  await untilTrue(page, "document.querySelector('details') !== null");
  return { page, foreign, complaints, close: () => context.close() };
}

/** The input elements, by what they are for. */
export const INPUTS = {
  images: ".drop input:not([webkitdirectory])",
  folder: ".drop input[webkitdirectory]",
  model: 'input[accept=".onnx"]',
} as const;

/** Waits until this many images are done. */
export const untilDone = (page: Page, count: string): Promise<void> =>
  untilTrue(page, `(${textOf("main")}).includes("Done: ${count}.")`);

export const textOf = (selector: string) => `document.querySelector("${selector}").innerText`;

/** The cells of the table's rows, as text. */
export const rowsOf = (page: Page): Promise<string[][]> =>
  page.evaluate(
    '[...document.querySelectorAll("tbody tr")].map((row) => [...row.cells].map((cell) => cell.innerText))',
  );

/** The text of the CSV that a button saves. */
export async function savedBy(page: Page, button: string): Promise<string> {
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: button }).click(),
  ]);
  return readFileSync((await download.path())!, "utf8");
}

/** Drops files and folders of the disk on the page, as a person does. */
export async function drop(page: Page, paths: readonly string[]): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: [...paths], dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"] as const) {
    await session.send("Input.dispatchDragEvent", { type, x: 100, y: 300, data });
  }
}
