/** The history of a journal: who, when, what; any entry can be undone, and any undo taken back. */
import { useState } from "preact/hooks";
import { whole } from "../../../../util/numbers.ts";
import type { HistoryEntry } from "../../../api/corrections.ts";
import type { DatasetItem } from "../../../api/items.ts";
import { HeadedTable } from "../../../look/scrolling.tsx";
import type { CorrectionStore } from "../../corrections/store.ts";
import { entrySentence } from "../../corrections/words.ts";
import { Link } from "../../parts/basics.tsx";

/** More rows only when asked: a journal can have thousands. */
const ROWS = 50;

interface HistoryProps {
  readonly item: DatasetItem;
  readonly store: CorrectionStore;
  readonly history: readonly HistoryEntry[];
}

export function CorrectionHistory({ item, store, history }: HistoryProps) {
  const [rows, setRows] = useState(ROWS);
  return (
    <section aria-labelledby="history-title">
      <h2 id="history-title">History</h2>
      <p role="status">{store.sentence.value || store.problem.value}</p>
      {history.length === 0 && <p class="muted">Nobody has corrected anything yet.</p>}
      {history.length > 0 && (
        <HeadedTable label="History" columns={["Who", "When", "What", "Undo"]}>
          {history.slice(0, rows).map((entry) => (
            <Row key={entry.id} item={item} store={store} entry={entry} />
          ))}
        </HeadedTable>
      )}
      {history.length > rows && (
        <button type="button" onClick={() => setRows(rows + 10 * ROWS)}>
          Show more of the {whole(history.length)} entries
        </button>
      )}
    </section>
  );
}

function Row({ item, store, entry }: Omit<HistoryProps, "history"> & { readonly entry: HistoryEntry }) {
  const { id, author, time, record, isInEffect, step } = entry;
  const what = entrySentence(entry, item.classNames);
  return (
    <tr class={isInEffect ? "" : "undone"}>
      <td>{author}</td>
      <td>
        <time dateTime={time}>{new Date(time).toLocaleString("en-GB")}</time>
      </td>
      <td>
        {isInEffect ? what : <s>{what}</s>}{" "}
        {record !== null && <Link to={`/datasets/${item.id}?patch=${record}`}>Open the patch</Link>}
      </td>
      <td>
        {isInEffect ? (
          <button
            type="button"
            class="quiet"
            aria-label={`Undo: ${what}`}
            onClick={() => store.give({ kind: "undo", undoes: id })}
          >
            {step === "done" ? "Undo" : "Take back"}
          </button>
        ) : (
          <span class="muted">undone</span>
        )}
      </td>
    </tr>
  );
}
