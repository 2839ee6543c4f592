/** Tables that may be wider than the screen. */
import type { ComponentChildren } from "preact";

/** A part of the screen that scrolls sideways, which a keyboard can reach too. */
export function ScrollingTable({ label, children }: { readonly label: string; readonly children: ComponentChildren }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section class="wide" tabIndex={0} aria-label={`${label}, table`}>
      {children}
    </section>
  );
}

interface HeadedTableProps {
  readonly label: string;
  /** The heads of the columns. */
  readonly columns: readonly string[];
  /** The rows. */
  readonly children: ComponentChildren;
}

/** A table with one row of heads. */
export function HeadedTable({ label, columns, children }: HeadedTableProps) {
  return (
    <ScrollingTable label={label}>
      <table>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </ScrollingTable>
  );
}
