/** The slide of an entry that labels patches of a slide: its path from the journal, and its hash, computed once. */
import { stat } from "node:fs/promises";
import type { LabelledSlide } from "../../../artifacts/corrections/entries.ts";
import { sha256OfFile } from "../../../system/files.ts";
import type { Workspace } from "../workspace/workspace.ts";
import { slideFile } from "./brush.ts";

const HASHES = new Map<string, Promise<string>>();

/** @throws UserError if there is no such slide, or it cannot be read. */
export async function labelledSlide(
  body: { readonly slide: string; readonly case: string; readonly scale: number; readonly side: number },
  { workspace, signal }: { readonly workspace: Workspace; readonly signal: AbortSignal },
): Promise<{ readonly slide: LabelledSlide }> {
  const item = await workspace.item("slide", body.slide);
  const path = await workspace.pathOf(item);
  const { size, mtimeMs } = await stat(path);
  const key = `${path} ${size} ${mtimeMs}`;
  const hash = HASHES.get(key) ?? sha256OfFile(path, signal);
  HASHES.set(key, hash);
  hash.catch(() => HASHES.delete(key));
  const { case: caseId, scale, side } = body;
  return { slide: { file: slideFile(item), sha256: await hash, case: caseId, scale, side } };
}
