/** Light or dark: as the system is set, or as the person chose in this browser. */
import { effect, signal } from "@preact/signals";

export type Theme = "system" | "light" | "dark";

const KEY = "cancernet-theme";

export const theme = signal<Theme>(stored() ?? "system");

effect(() => {
  store(theme.value);
  if (theme.value === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme.value;
});

/** The next choice of the button. */
export function nextTheme(): void {
  theme.value = theme.value === "system" ? "dark" : theme.value === "dark" ? "light" : "system";
}

/** A browser may forbid a page to store anything. */
function stored(): Theme | null {
  try {
    return localStorage.getItem(KEY) as Theme | null;
  } catch {
    return null;
  }
}

function store(value: Theme): void {
  try {
    localStorage.setItem(KEY, value);
  } catch {
    // The choice is then kept until the page is closed.
  }
}
