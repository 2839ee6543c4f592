/** The address of the page: which screen is shown, and the state of its view, so that a link shows the same. */
import { signal } from "@preact/signals";

/** The address, split: /datasets/AbC?split=test is { screen: "datasets", id: "AbC", view: { split: "test" } }. */
export interface Route {
  readonly screen: string;
  readonly id: string;
  /** Further parts of the path. */
  readonly rest: readonly string[];
  readonly view: Readonly<Record<string, string>>;
}

/** The current address. */
export const route = signal<Route>(routeOf(new URL(location.href)));

addEventListener("popstate", () => {
  route.value = routeOf(new URL(location.href));
});

/** Goes to another screen; the browser's back button leads back. @param to a path with its query */
export function goTo(to: string): void {
  history.pushState(null, "", to);
  route.value = routeOf(new URL(location.href));
  scrollTo(0, 0);
}

/** Changes the state of the view in the address. Undefined or "" removes a value. Adds no step to the history. */
export function setView(changes: Readonly<Record<string, string | number | boolean | undefined>>): void {
  const url = new URL(location.href);
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined || value === "") url.searchParams.delete(name);
    else url.searchParams.set(name, String(value));
  }
  history.replaceState(null, "", url);
  route.value = routeOf(url);
}

function routeOf({ pathname, searchParams }: URL): Route {
  const [screen = "", id = "", ...rest] = pathname.split("/").filter(Boolean).map(decodeURIComponent);
  return { screen, id, rest, view: Object.fromEntries(searchParams) };
}
