/** Journals of corrections of a prepared dataset. */
import type { CorrectionDraft } from "../../src/artifacts/corrections/entries.ts";
import { openJournal } from "../../src/artifacts/corrections/journal.ts";
import { type Dataset, openDataset } from "../../src/histology/dataset/dataset.ts";

/** Opens a dataset, and closes it again: its rows and its description. */
export async function closedDataset(folder: string): Promise<Dataset> {
  const dataset = await openDataset(folder);
  dataset.close();
  return dataset;
}

/** Appends drafts to the journal of a dataset at `path`; gives the path. */
export async function journalOf(path: string, folder: string, drafts: readonly CorrectionDraft[]): Promise<string> {
  const { description, rows } = await closedDataset(folder);
  const facts = { name: "dataset", manifest_sha256: description.sha256.manifest, patches: rows.length };
  const journal = await openJournal(path, facts);
  for (const draft of drafts) await journal.append(draft);
  await journal.close();
  return path;
}

/** A journal with one correction: the first training patch without IDC is positive. */
export async function smallJournal(path: string, folder: string): Promise<string> {
  const { rows } = await closedDataset(folder);
  const { id } = rows.find(({ split, label }) => split === "train" && label === 0)!;
  const own = { id: "8d2f6ad4-5a2b-4c57-9f0e-2f9a3f0f7d11", author: "a reader" };
  return journalOf(path, folder, [{ kind: "set", ...own, patches: [id], label: "positive" }]);
}
