/**
 * Keeps the page's own files in the browser, so that the page works without a network. It answers requests for them
 * alone. "export --page" writes the constant PAGE in front of this script.
 */

/** The version changes with every byte of the page. The files are addresses relative to the page's folder. */
declare const PAGE: { readonly version: string; readonly files: readonly string[] };

/** The part of a service worker's global scope that is used here; the types of the page lack it. */
interface Scope {
  readonly registration: { readonly scope: string };
  readonly clients: { claim(): Promise<void> };
  addEventListener(kind: "install" | "activate", listener: (event: LifeEvent) => void): void;
  addEventListener(kind: "fetch", listener: (event: RequestEvent) => void): void;
}

interface LifeEvent {
  waitUntil(work: Promise<unknown>): void;
}

interface RequestEvent {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}

const scope = self as unknown as Scope;
const { scope: folder } = scope.registration;
/** Another page of the same server has other stores. */
const STORES = `cancernet ${folder} `;
const STORE = STORES + PAGE.version;
const addresses = new Set(PAGE.files.map((name) => new URL(name, folder).href));

scope.addEventListener("install", (event) => event.waitUntil(keepFiles()));
scope.addEventListener("activate", (event) => event.waitUntil(removeOldStores().then(() => scope.clients.claim())));
scope.addEventListener("fetch", (event) => {
  const address = addressOf(event.request);
  if (event.request.method === "GET" && addresses.has(address)) event.respondWith(answerTo(event.request, address));
});

async function keepFiles(): Promise<void> {
  const store = await caches.open(STORE);
  // Not from the browser's own cache, which may hold files of an older version.
  await store.addAll([...addresses].map((address) => new Request(address, { cache: "reload" })));
}

async function removeOldStores(): Promise<void> {
  const old = (await caches.keys()).filter((name) => name.startsWith(STORES) && name !== STORE);
  await Promise.all(old.map((name) => caches.delete(name)));
}

async function answerTo(request: Request, address: string): Promise<Response> {
  const store = await caches.open(STORE);
  return (await store.match(address)) ?? fetch(request);
}

/** The address without what does not name a file. The page itself is the address of its folder. */
function addressOf({ url }: Request): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`.replace(/\/index\.html$/, "/");
}
