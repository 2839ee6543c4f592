/** Where the journal of a dataset's corrections lies, and what it says of its dataset. */
import { basename } from "node:path";
import type { JournalDataset } from "../../../artifacts/corrections/entries.ts";
import { journalName } from "../../../artifacts/corrections/journal.ts";
import { SPLITS } from "../../../histology/dataset/split_names.ts";
import type { DatasetItem } from "../../api/items.ts";
import { CORRECTIONS_FOLDER } from "./scan.ts";

/** The path of a dataset's journal in the studio's folder, whether it exists or not. */
export function journalPath(item: DatasetItem): string {
  return `${CORRECTIONS_FOLDER}/${journalName(journalDataset(item))}`;
}

/** A dataset as the header of its journal names it. */
export function journalDataset({ path, manifestSha256, counts }: DatasetItem): JournalDataset {
  const patches = SPLITS.reduce((sum, split) => sum + counts[split].patches, 0);
  return { name: basename(path), manifest_sha256: manifestSha256, patches };
}
