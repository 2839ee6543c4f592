/**
 * Explanations of patches: a job of the command "explain" on the record as a picture, in the studio's own folder. The
 * key is made from the model and the record, so a patch is explained once per model.
 */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { bundledModelPath } from "../../../artifacts/bundled_models.ts";
import { foldPlaces, readDescription } from "../../../artifacts/crossvalidation_folder.ts";
import { RUN_FILES } from "../../../artifacts/run_files.ts";
import { encodePng } from "../../../histology/image/decode.ts";
import { commandLine, commandWords } from "../../../options/command_line.ts";
import { explainOptions } from "../../../options/explain.ts";
import { kindOf, makeFolders, sha256OfFile, writeFileAtomically } from "../../../system/files.ts";
import { UserError } from "../../../util/errors.ts";
import type { PatchExplanationFacts } from "../../api/datasets.ts";
import type { Jobs } from "../jobs/jobs.ts";
import { STUDIO_FOLDER } from "../workspace/scan.ts";
import type { Workspace } from "../workspace/workspace.ts";
import type { OpenDataset } from "./open_datasets.ts";
import type { LocatedSource } from "./sources.ts";

const FOLDER = `${STUDIO_FOLDER}/explanations`;
const KEY = /^[0-9a-f]{32}$/;
const FILES = { report: "explain.json", picture: "explain.png" } as const;

interface Needs {
  readonly workspace: Workspace;
  readonly jobs: Jobs;
}

/**
 * The explanation of a record by a source's model. It starts a job if there is none that runs or is done.
 * @throws UserError if the source's model is not in the studio's folder any more.
 */
export async function explainRecord(
  { dataset }: OpenDataset,
  record: number,
  source: LocatedSource,
  { workspace, jobs }: Needs,
): Promise<PatchExplanationFacts> {
  const model = await modelFor(source, dataset.rows[record]!.caseId, workspace);
  const { patches } = dataset.description.sha256;
  const key = createHash("sha256").update(`${model.sha256}\n${patches}\n${record}`).digest("hex").slice(0, 32);
  const [image, out] = [`${FOLDER}/${key}/patch-${record}.png`, `${FOLDER}/${key}/result`];
  const words = commandWords("explain", explainOptions, { model: model.word, images: [image], out });
  // The command that a person copies writes to a folder of its own.
  const shown = commandWords("explain", explainOptions, {
    model: model.word,
    images: [image],
    out: `explanation-${record}`,
  });
  const facts = { key, command: commandLine(...shown), message: null };
  const probability = await probabilityIn(join(workspace.root, out, FILES.report));
  if (probability !== undefined) return { ...facts, job: null, state: "done", probability };
  const own = (await jobs.list()).find((job) => job.out === out && ["running", "waiting"].includes(job.state));
  if (own) return { ...facts, job: own.id, state: "running", probability: null };
  await makeFolders(join(workspace.root, FOLDER, key));
  const data = new Uint8Array(dataset.recordBytes);
  dataset.read(record, data, 0);
  const { side } = dataset;
  await writeFileAtomically(join(workspace.root, image), await encodePng({ width: side, height: side, data }));
  const { id } = await jobs.startWords({ verb: "explain", words, out });
  return { ...facts, job: id, state: "running", probability: null };
}

/**
 * The picture of an explanation.
 * @throws UserError if there is none.
 */
export async function explanationPicture(key: string, { workspace }: Needs): Promise<Uint8Array<ArrayBuffer>> {
  const place = join(workspace.root, FOLDER, KEY.test(key) ? key : "none", "result", FILES.picture);
  const bytes = await readFile(place).catch(() => undefined);
  if (bytes) return new Uint8Array(bytes);
  throw new UserError("item-unknown", "There is no such explanation: explain the patch first.");
}

/** How a command line names the model whose answers a source holds. */
interface NamedModelFile {
  readonly word: string;
  readonly sha256: string;
}

async function modelFor(source: LocatedSource, caseId: string, workspace: Workspace): Promise<NamedModelFile> {
  const runs = (await workspace.items()).filter((item) => item.kind === "run");
  const folder = source.folders[0]!.path;
  const fold = source.kind === "crossvalidation" ? await foldRun(folder, caseId, workspace) : undefined;
  for (const run of runs) {
    if (fold === undefined ? !source.items.includes(run.id) : run.path !== fold) continue;
    const place = join(await workspace.pathOf(run), RUN_FILES.best);
    if ((await kindOf(place)) !== "file") continue;
    const sha256 = await sha256OfFile(place);
    if (fold !== undefined || sha256 === source.modelSha256) return { word: run.path, sha256 };
  }
  const bundled = bundledModelPath(source.name);
  if (bundled !== undefined && (await sha256OfFile(bundled)) === source.modelSha256) {
    return { word: source.name, sha256: source.modelSha256 };
  }
  throw new UserError(
    "model-missing",
    `The model that gave these probabilities (${source.name}) is not in the studio's folder, or has changed since: evaluate it again.`,
  );
}

/** The run of the fold that did not train on a case. */
async function foldRun(folder: string, caseId: string, workspace: Workspace): Promise<string> {
  const { folds } = await readDescription(join(workspace.root, folder));
  return foldPlaces(
    folder,
    folds.findIndex((cases) => cases.includes(caseId)),
  ).run.replaceAll("\\", "/");
}

const reportSchema = z.object({ patches: z.array(z.object({ probability: z.number() })).length(1) });

async function probabilityIn(place: string): Promise<number | undefined> {
  const text = await readFile(place, "utf8").catch(() => "null");
  return reportSchema.safeParse(JSON.parse(text)).data?.patches[0]?.probability;
}
