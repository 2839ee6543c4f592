/** How a page shows what went wrong. */
import type { ComponentChildren } from "preact";

/** One sentence about what went wrong. */
export function Problem({ children }: { readonly children: ComponentChildren }) {
  return (
    <p class="alert" role="alert">
      {children}
    </p>
  );
}
