/** Registers the service worker, which keeps the page's files, and says whether the page works without a network. */
import { signal } from "@preact/signals";

export type Offline = keyof typeof OFFLINE_TEXTS;

export const OFFLINE_TEXTS = {
  preparing: "Storing the page for use without a network ...",
  ready: "The page is stored in this browser: it also works without a network.",
  newer: "A newer version of the page is stored: close all its tabs and open it again to use it.",
  unavailable: "The page works only while its web server can be reached: this browser or address cannot store it.",
} as const;

export const offline = signal<Offline>("preparing");

/** Begins to store the page's files, which lasts as long as the browser keeps them. */
export function startOffline(): void {
  // Browsers offer this on HTTPS and on this machine only.
  const container = navigator.serviceWorker as ServiceWorkerContainer | undefined;
  if (!container) {
    offline.value = "unavailable";
    return;
  }
  container.register("./service-worker.js", { updateViaCache: "none" }).then(watch, () => {
    offline.value = "unavailable";
  });
  void container.ready.then(() => {
    if (offline.peek() === "preparing") offline.value = "ready";
  });
}

function watch(registration: ServiceWorkerRegistration): void {
  const look = () => {
    const { installing, waiting, active } = registration;
    if (waiting && active) offline.value = "newer";
    if (!installing && !waiting && !active) offline.value = "unavailable";
  };
  const follow = () => registration.installing?.addEventListener("statechange", look);
  registration.addEventListener("updatefound", follow);
  follow();
  look();
}
