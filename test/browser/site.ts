/** A site with the library for browsers, as a strict static host serves it, and a page of it in chromium. */
import { createReadStream, existsSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";

const MODELS = fileURLToPath(new URL("../../models/", import.meta.url));

/** The policy in docs/browser.md: the least that the library needs. */
export const POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
};

/** The page's own script: what the tests call. */
const SCRIPT = `import { openModel } from "/library/index.js";
const plain = (one) => "error" in one ? { code: one.error.code, message: one.error.message } : one;
let pictures = [];
window.load = async ({ paths, side }) => {
  pictures = await Promise.all(paths.map(async (path) => {
    const response = await fetch(path);
    if (!path.endsWith(".rgb")) return new File([await response.blob()], path.split("/").at(-1));
    return { width: side, height: side, data: new Uint8Array(await response.arrayBuffer()) };
  }));
};
window.classify = async ({ model, ...options }) => {
  const warnings = [];
  const opened = await openModel(model, { ...options, onWarning: (message) => warnings.push(message) });
  const start = performance.now();
  const answers = await opened.classify(pictures);
  const seconds = (performance.now() - start) / 1000;
  opened.close();
  const { notice, classNames, threshold, cardText, sha256 } = opened;
  // As text, because playwright takes long to read many values.
  return JSON.stringify({ answers: answers.map(plain), seconds, notice, classNames, threshold, cardText, sha256, warnings });
};
window.refusal = async (model, options) => {
  try {
    (await openModel(model, { workers: 1, ...options })).close();
    return "opened";
  } catch ({ code, message }) {
    return { code, message };
  }
};
window.stopping = async (model) => {
  const opened = await openModel(model, { workers: 2 });
  const picture = { width: 1, height: 1, data: new Uint8Array(3) };
  const many = Array(200).fill(picture);
  const reasonOf = (promise) => promise.then(() => "done", ({ message }) => message);
  const controller = new AbortController();
  const stopped = reasonOf(opened.classify(many, {
    signal: controller.signal,
    onAnswer: () => controller.abort(new Error("enough")),
  }));
  const beside = opened.classify([picture]);
  const wrong = reasonOf(opened.classify([{ width: 2, height: 1, data: new Uint8Array(5) }]));
  const results = { stopped: await stopped, beside: (await beside)[0].label, wrong: await wrong };
  const closed = reasonOf(opened.classify(many));
  opened.close();
  return { ...results, closed: await closed, workers: await reasonOf(openModel(model, { workers: 0 })) };
};
const models = new Map();
window.scoreSlide = async ({ model, workers, options, abortAfter }) => {
  const [file] = document.querySelector("input").files;
  if (!models.has(model)) models.set(model, await openModel(model, { workers }));
  const opened = models.get(model);
  const seen = { cells: [], blocks: 0, done: 0, total: 0, tissue: 0 };
  const controller = new AbortController();
  const start = performance.now();
  try {
    const { csv, geojson, findings, missingTiles, probabilities } = await opened.scoreSlide(file, {
      ...options,
      signal: controller.signal,
      onOpen: (slide) => { seen.slide = slide; },
      onPicture: ({ width, height, data }) => { seen.picture = [width, height, data.length]; },
      onTissue: () => seen.tissue++,
      onCells: ({ cells, done, total }) => {
        seen.cells.push(...cells);
        Object.assign(seen, { done, total });
        if (++seen.blocks === abortAfter) controller.abort(new Error("enough"));
      },
    });
    const seconds = (performance.now() - start) / 1000;
    const texts = { csv: await csv.text(), geojson: await geojson.text() };
    return JSON.stringify({ ...texts, findings, missingTiles, seconds, seen, cells: probabilities.length });
  } catch ({ code, message }) {
    return JSON.stringify({ code, message, seen });
  }
};
window.bytesRead = 0;
new BroadcastChannel("bytes").onmessage = ({ data }) => { window.bytesRead += data; };
window.ready = true;`;

const PAGE = '<!doctype html><input type="file"><script type="module" src="/page.js"></script>';

export interface Site {
  readonly address: string;
  /** The paths that were requested, in order. */
  readonly requests: string[];
  close(): Promise<void>;
}

/**
 * Serves folders below their names, that of `root` below no name, and the package's models below /models. Without a root
 * there is a page that loads the library from /library.
 */
export async function serveSite(folders: Readonly<Record<string, string>>, policy = POLICY): Promise<Site> {
  const roots: Readonly<Record<string, string>> = { models: MODELS, ...folders };
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url!, "http://site").pathname)).replaceAll("\\", "/");
    requests.push(`${request.method} ${path}`);
    response.setHeader("Content-Security-Policy", policy);
    response.setHeader("Content-Type", TYPES[extname(path)] ?? "application/octet-stream");
    const file = fileAt(roots, path);
    if (file !== undefined) return createReadStream(file).pipe(response);
    if (path === "/index.html") return response.end(PAGE);
    if (path === "/page.js") return response.end(SCRIPT);
    return response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { address: `http://127.0.0.1:${port}`, requests, close: () => stop(server) };
}

function fileAt(roots: Readonly<Record<string, string>>, path: string): string | undefined {
  const [, name = "", ...rest] = path.split("/");
  const candidates = [
    ...(Object.hasOwn(roots, name) ? [join(roots[name]!, ...rest)] : []),
    ...(roots.root === undefined ? [] : [join(roots.root, path)]),
  ];
  return candidates.find((file) => existsSync(file));
}

function stop(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

/** Opens the site's page; it is ready when the library is loaded. */
export async function openPage(browser: Browser, { address }: Site): Promise<Page> {
  const page = await browser.newPage();
  await page.goto(`${address}/index.html`);
  for (let tries = 0; tries < 200 && !(await page.evaluate("window.ready")); tries++) await page.waitForTimeout(50);
  return page;
}

export interface PageAnswer {
  readonly probability: number;
  readonly logit: number;
  readonly label: string;
  readonly code?: string;
  readonly message?: string;
}

export interface PageRun {
  readonly answers: readonly PageAnswer[];
  readonly seconds: number;
  readonly notice: string;
  readonly classNames: readonly string[];
  readonly threshold: number;
  readonly cardText: string;
  readonly sha256: string;
  readonly warnings: readonly string[];
}

/** Loads pictures of the site into the page. Files that end in .rgb are pixels of this side. */
export const loadIn = (page: Page, pictures: { paths: readonly string[]; side?: number }): Promise<void> =>
  page.evaluate(`load(${JSON.stringify(pictures)})`);

/** Classifies the pictures that were loaded last. */
export const classifyIn = async (
  page: Page,
  options: { model: string; workers: number; device?: string },
): Promise<PageRun> => JSON.parse(await page.evaluate(`classify(${JSON.stringify(options)})`));

/** A slide that the page has scored, or why not. */
export interface PageSlide {
  readonly csv: string;
  readonly geojson: string;
  readonly findings: { readonly patches: { readonly scored: number } };
  readonly missingTiles: number;
  readonly seconds: number;
  /** The number of cells of the grid. */
  readonly cells: number;
  /** What the page was given while the slide was scored. */
  readonly seen: {
    readonly slide?: { readonly format: string; readonly isScaleGuessed: boolean };
    readonly picture?: readonly [width: number, height: number, bytes: number];
    readonly cells: readonly number[];
    readonly blocks: number;
    readonly done: number;
    readonly total: number;
    readonly tissue: number;
  };
  readonly code?: string;
  readonly message?: string;
}

/** How the page is to score a slide. `abortAfter`: it stops after so many blocks of cells. */
export interface PageSlideOptions {
  readonly model?: string;
  readonly workers?: number;
  readonly options?: object;
  readonly abortAfter?: number;
}

/** Scores a file of this machine, which is given to the page's `<input>`. */
export async function scoreIn(page: Page, path: string, options: PageSlideOptions = {}): Promise<PageSlide> {
  await page.setInputFiles("input", path);
  const all = { model: "/models/idc.onnx", workers: 2, ...options };
  return JSON.parse(await page.evaluate(`scoreSlide(${JSON.stringify(all)})`));
}
