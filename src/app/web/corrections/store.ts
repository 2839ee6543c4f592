/**
 * The corrections of a dataset in this tab. A correction is shown at once and saved in the background, one after the
 * other. If it cannot be saved, it is kept, also when the page is loaded again, until a person retries or drops it.
 */
import { computed, effect, signal } from "@preact/signals";
import type { CorrectionBody, CorrectionsState, QueueVerdict, SavedCorrection } from "../../api/corrections.ts";
import { get, post, Refused } from "../state/api.ts";
import { connections, journalSizes } from "../state/items.ts";
import { uniqueId } from "../state/unique.ts";
import { type NewCorrection, type SavedState, withStates, withWaiting } from "./waiting.ts";
import { entrySentence, markedSentence } from "./words.ts";

export class CorrectionStore {
  readonly dataset: string;
  readonly classNames: readonly [string, string];
  readonly #saved = signal<SavedState | undefined>(undefined);
  readonly #waiting = signal<readonly CorrectionBody[]>([]);
  readonly #problem = signal<string | undefined>(undefined);
  readonly #sentence = signal("");
  #isSending = false;
  #verdictOf = new Map<string, (verdict: QueueVerdict) => void>();

  /** What is saved; undefined until it is loaded. */
  readonly saved = computed(() => this.#saved.value);
  /** What is not saved yet. */
  readonly waiting = computed(() => this.#waiting.value);
  /** Why the first of them could not be saved. */
  readonly problem = computed(() => this.#problem.value);
  /** What was done last, for the status line. */
  readonly sentence = computed(() => this.#sentence.value);
  /** The labels and notes by record, with those that wait. */
  readonly patches = computed(() => withWaiting(this.#saved.value?.patches ?? new Map(), this.#waiting.value));

  constructor(dataset: string, classNames: readonly [string, string]) {
    this.dataset = dataset;
    this.classNames = classNames;
    this.#waiting.value = keptOf(dataset);
    effect(() => {
      const entries = journalSizes.value[dataset];
      connections.value;
      if (entries === undefined || entries !== this.#saved.peek()?.entries) void this.reload();
    });
    effect(() => keep(dataset, this.#waiting.value));
    void this.#send();
  }

  /** Loads what is saved again, for example after another tab has saved something. */
  async reload(): Promise<void> {
    if (this.#isSending) return;
    const { patches, journal: _, ...steps } = await get<CorrectionsState>(`/datasets/${this.dataset}/corrections`);
    if (this.#isSending || steps.entries < (this.#saved.peek()?.entries ?? 0)) return;
    this.#saved.value = { ...steps, patches: withStates(new Map(), patches) };
  }

  /** Shows and saves a correction. @param onVerdict called with what a verdict was about, once it is saved */
  give(correction: NewCorrection, onVerdict?: (verdict: QueueVerdict) => void): void {
    const body = { ...correction, id: uniqueId() } as CorrectionBody;
    if (onVerdict) this.#verdictOf.set(body.id, onVerdict);
    this.#waiting.value = [...this.#waiting.value, body];
    if (body.kind === "slide") {
      this.#sentence.value = markedSentence(body.cells.length, body.label, this.classNames);
    } else if (body.kind === "set") {
      this.#sentence.value = markedSentence(body.records.length, body.label, this.classNames);
    }
    void this.#send();
  }

  /** Tries again to save what waits. */
  retry(): void {
    this.#problem.value = undefined;
    void this.#send();
  }

  /** Drops what waits. */
  drop(): void {
    this.#problem.value = undefined;
    this.#waiting.value = [];
    this.#sentence.value = "The corrections that were not saved are dropped.";
  }

  async #send(): Promise<void> {
    if (this.#isSending || this.#problem.peek() !== undefined) return;
    this.#isSending = true;
    let hasGap = false;
    try {
      for (let body = this.#waiting.peek()[0]; body !== undefined; body = this.#waiting.peek()[0]) {
        const answer = await post<SavedCorrection>(`/datasets/${this.dataset}/corrections`, body);
        hasGap = !this.#take(body, answer) || hasGap;
      }
    } catch (error) {
      this.#refused(error);
    } finally {
      this.#isSending = false;
    }
    if (hasGap) await this.reload();
  }

  /** @returns whether what is saved is known without loading it again */
  #take(body: CorrectionBody, { touched, entry, verdict, ...steps }: SavedCorrection): boolean {
    const before = this.#saved.peek();
    const isNext = before !== undefined && steps.entries === before.entries + 1;
    this.#saved.value = { ...steps, patches: withStates(before?.patches ?? new Map(), touched) };
    this.#waiting.value = this.#waiting.peek().filter(({ id }) => id !== body.id);
    if (body.kind === "undo" || body.kind === "redo" || body.kind === "note") {
      this.#sentence.value = entrySentence(entry, this.classNames);
    }
    if (verdict) this.#verdictOf.get(body.id)?.(verdict);
    this.#verdictOf.delete(body.id);
    return isNext;
  }

  #refused(error: unknown): void {
    const message = error instanceof Refused ? error.message : String(error);
    const [first, ...others] = this.#waiting.peek();
    if (first && error instanceof Refused && error.code === "correction-not-undoable") {
      this.#waiting.value = others;
      this.#sentence.value = message;
      return;
    }
    this.#problem.value = message;
    this.#sentence.value = "";
  }
}

const STORES = new Map<string, CorrectionStore>();

/** The corrections of a dataset; one store per tab. */
export function correctionsOf(dataset: string, classNames: readonly [string, string]): CorrectionStore {
  const known = STORES.get(dataset) ?? new CorrectionStore(dataset, classNames);
  STORES.set(dataset, known);
  return known;
}

const keyOf = (dataset: string): string => `cancernet-waiting-${dataset}`;

function keptOf(dataset: string): readonly CorrectionBody[] {
  try {
    return JSON.parse(sessionStorage.getItem(keyOf(dataset)) ?? "[]") as CorrectionBody[];
  } catch {
    return [];
  }
}

function keep(dataset: string, waiting: readonly CorrectionBody[]): void {
  if (waiting.length === 0) sessionStorage.removeItem(keyOf(dataset));
  else sessionStorage.setItem(keyOf(dataset), JSON.stringify(waiting));
}
