/** The buttons and keys that correct patches, with the status line: one place for the grid, a patch and the queue. */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { CorrectionLabel } from "../../../artifacts/corrections/entries.ts";
import { counted } from "../../../util/numbers.ts";
import { Problem } from "../parts/basics.tsx";
import { type KeyBinding, keyText, useKeys } from "../state/keys.ts";
import type { CorrectionStore } from "./store.ts";
import { labelWords } from "./words.ts";
import "./corrections.css";

/** The labels with their keys. */
export const LABEL_KEYS: readonly (readonly [label: CorrectionLabel, keys: readonly string[]])[] = [
  ["positive", ["1", "p"]],
  ["negative", ["2", "g"]],
  ["exclude", ["x"]],
  ["unsure", ["u"]],
];

interface BarProps {
  readonly store: CorrectionStore;
  /** The records that a key is for. */
  readonly records: readonly number[];
  /** Gives the records a label; null for the dataset's own. */
  mark(label: CorrectionLabel | null): void;
  /** Whether "the dataset's label" can be chosen. */
  readonly hasReset?: boolean;
  /** False while something over it has the keys. */
  readonly isActive?: boolean;
}

export function CorrectionBar({ store, records, mark, hasReset = true, isActive = true }: BarProps) {
  const [isNoting, setNoting] = useState(false);
  const saved = store.saved.value;
  const undo = () => store.give({ kind: "undo" });
  const redo = () => store.give({ kind: "redo" });
  const { classNames } = store;
  const isEmpty = records.length === 0;
  const keys = useMemo((): KeyBinding[] => {
    if (!isActive || isNoting) return [];
    const labels = LABEL_KEYS.flatMap(([label, names]) =>
      names.map((key) => ({ key, does: labelDoes(label, classNames), run: () => mark(label) })),
    );
    const reset = { key: "0", does: "Back to the dataset's label", run: () => mark(null) };
    return [
      ...labels,
      ...(hasReset ? [reset] : []),
      { key: "n", does: "Write a note", run: () => setNoting(true) },
      { key: "Control+z", does: "Undo the last correction", run: undo },
      { key: "Control+Z", does: "Redo it", run: redo },
    ];
  }, [mark, isActive, isNoting, hasReset]);
  useKeys("Corrections", keys, [keys]);
  return (
    <section class="correction-bar" aria-label="Correct">
      <div class="row">
        {LABEL_KEYS.map(([label, [key]]) => (
          <button key={label} type="button" class={`mark-${label}`} disabled={isEmpty} onClick={() => mark(label)}>
            {labelDoes(label, classNames)} <kbd>{keyText(key!)}</kbd>
          </button>
        ))}
        {hasReset && (
          <button type="button" disabled={isEmpty} onClick={() => mark(null)}>
            Dataset's label <kbd>0</kbd>
          </button>
        )}
        <button type="button" disabled={isEmpty} onClick={() => setNoting(true)}>
          Note <kbd>N</kbd>
        </button>
        <button type="button" disabled={!saved?.undo} onClick={undo} title="Undo (Ctrl Z)">
          Undo
        </button>
        <button type="button" disabled={!saved?.redo} onClick={redo} title="Redo (Ctrl Shift Z)">
          Redo
        </button>
      </div>
      <StatusLine store={store} undo={undo} />
      {isNoting && <NoteDialog store={store} records={records} close={() => setNoting(false)} />}
    </section>
  );
}

/** The words of a button. */
export const labelDoes = (label: CorrectionLabel, names: readonly [string, string]): string =>
  ({ exclude: "Exclude", unsure: "Unsure", positive: labelWords(label, names), negative: labelWords(label, names) })[
    label
  ];

/** What was done last, and what could not be saved. */
export function StatusLine({ store, undo }: { readonly store: CorrectionStore; undo(): void }) {
  const [problem, sentence, waiting] = [store.problem.value, store.sentence.value, store.waiting.value];
  return (
    <>
      <output class="correction-status">
        {sentence} {waiting.length > 0 && !problem && <span class="muted">Saving...</span>}
        {sentence !== "" && !problem && store.saved.value?.undo && (
          <button type="button" class="quiet" onClick={undo}>
            Undo
          </button>
        )}
      </output>
      {problem && (
        <div>
          <Problem>
            Not saved: {counted(waiting.length, "correction")}. {problem}
          </Problem>
          <p class="row">
            <button type="button" class="primary" onClick={() => store.retry()}>
              Save again
            </button>
            <button type="button" onClick={() => store.drop()}>
              Drop {waiting.length === 1 ? "it" : "them"}
            </button>
          </p>
        </div>
      )}
    </>
  );
}

interface NoteProps {
  readonly store: CorrectionStore;
  readonly records: readonly number[];
  close(): void;
}

function NoteDialog({ store, records, close }: NoteProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [text, setText] = useState(() => {
    const notes = new Set(records.map((record) => store.patches.peek().get(record)?.note ?? ""));
    return notes.size === 1 ? [...notes][0]! : "";
  });
  useEffect(() => dialog.current?.showModal(), []);
  const save = () => {
    store.give({ kind: "note", records: [...records], text });
    dialog.current?.close();
  };
  return (
    <dialog ref={dialog} onClose={close} aria-labelledby="note-title">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        <h2 id="note-title">Note on {counted(records.length, "patch")}</h2>
        <textarea
          aria-labelledby="note-title"
          rows={4}
          maxLength={2000}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) save();
          }}
        />
        <p class="row">
          <button type="submit" class="primary">
            Save the note
          </button>
          <button type="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
          <span class="muted">An empty text removes the note.</span>
        </p>
      </form>
    </dialog>
  );
}
