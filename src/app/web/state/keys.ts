/** The keys of the current screen. The help overlay lists them, so a key that works is always shown. */
import { signal } from "@preact/signals";
import { useLayoutEffect } from "preact/hooks";

/** A key and what it does. */
export interface KeyBinding {
  /** As KeyboardEvent.key: "j", "ArrowLeft", "?". With "Control+" or "Shift+" in front if needed. */
  readonly key: string;
  /** "Next patch", for the overlay. */
  readonly does: string;
  run(event: KeyboardEvent): void;
}

export interface KeyGroup {
  readonly title: string;
  readonly keys: readonly KeyBinding[];
  /** Whether the keys are meant, by what has the focus; always if absent. */
  readonly isMeant?: ((event: KeyboardEvent) => boolean) | undefined;
}

/** The groups in force; later ones have priority. */
export const keyGroups = signal<readonly KeyGroup[]>([]);

/**
 * Puts keys in force while the calling component is shown. `dependencies` as in useEffect. The keys are those of the
 * last rendering before the next event is handled, so two keys pressed at once never act on the same state.
 */
export function useKeys(
  title: string,
  keys: readonly KeyBinding[],
  dependencies: readonly unknown[],
  isMeant?: KeyGroup["isMeant"],
): void {
  useLayoutEffect(() => {
    const group = { title, keys, isMeant };
    keyGroups.value = [...keyGroups.peek(), group];
    return () => {
      keyGroups.value = keyGroups.peek().filter((one) => one !== group);
    };
  }, dependencies);
}

/** The names of keys for people. */
const NAMES: Readonly<Record<string, string>> = {
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
  " ": "Space",
  Escape: "Esc",
};

/** A letter as it stands on the keyboard; a capital needs Shift. */
function letterText(part: string): string {
  if (part.length > 1) return part;
  return /[A-Z]/.test(part) ? `Shift ${part}` : part.toUpperCase();
}

/** "Ctrl Z", "Ctrl Shift Z", "←". */
export function keyText(key: string): string {
  return key
    .split("+")
    .map((part) => NAMES[part] ?? (part === "Control" ? "Ctrl" : letterText(part)))
    .join(" ");
}

addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.altKey || isTyping(event)) return;
  const name = `${event.ctrlKey || event.metaKey ? "Control+" : ""}${event.shiftKey && event.key.length > 1 ? "Shift+" : ""}${event.key}`;
  for (const { keys, isMeant } of keyGroups.peek().toReversed()) {
    if (isMeant && !isMeant(event)) continue;
    const key = keys.find((one) => one.key === name);
    if (!key) continue;
    event.preventDefault();
    key.run(event);
    return;
  }
});

/** Keys belong to a field while a person types in it; only Escape does not. */
function isTyping({ target, key }: KeyboardEvent): boolean {
  if (key === "Escape" || !(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement)
    return !["checkbox", "radio", "button", "range"].includes(target.type) || target.type === "range";
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || target.isContentEditable;
}
