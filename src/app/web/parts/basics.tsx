/** Small parts that every screen uses. */
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Refused } from "../state/api.ts";
import { goTo } from "../state/route.ts";

export { Problem } from "../../look/problem.tsx";

interface LinkProps {
  readonly to: string;
  readonly children: ComponentChildren;
  readonly class?: string;
  readonly "aria-current"?: "page";
}

/** A link to another screen, without loading the page again. */
export function Link({ to, children, ...rest }: LinkProps) {
  return (
    <a
      {...rest}
      href={to}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
        event.preventDefault();
        goTo(to);
      }}
    >
      {children}
    </a>
  );
}

/** A button that copies a text, such as a command line, and says so. */
export function CopyButton({ text, label = "Copy the command" }: { readonly text: string; readonly label?: string }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <button
      type="button"
      class="quiet"
      title={text}
      onClick={() => navigator.clipboard.writeText(text).then(() => setCopied(true))}
    >
      {copied ? "Copied" : label}
    </button>
  );
}

/** A command line with its copy button. */
export function CommandLine({ text }: { readonly text: string }) {
  return (
    <p class="command">
      <code>{text}</code> <CopyButton text={text} label="Copy" />
    </p>
  );
}

/** Loads data for a component; reloads if `key` changes. */
export function useLoaded<T>(key: string, load: (signal: AbortSignal) => Promise<T>) {
  const [state, setState] = useState<{ readonly key: string; readonly value?: T; readonly problem?: string }>({
    key: "",
  });
  useEffect(() => {
    const controller = new AbortController();
    load(controller.signal).then(
      (value) => setState({ key, value }),
      (error: unknown) => {
        if (controller.signal.aborted) return;
        setState({ key, problem: error instanceof Refused ? error.message : String(error) });
      },
    );
    return () => controller.abort();
  }, [key]);
  return state.key === key ? state : { key };
}
