/** What the routes work with. studio.ts makes it, tests make their own. */
import type { SlideTiles } from "../../histology/slide/tiles/slide_tiles.ts";
import type { Journals } from "./corrections/journals.ts";

import type { CorrectionsOf } from "./datasets/corrections.ts";
import type { OpenDatasets } from "./datasets/open_datasets.ts";
import type { Jobs } from "./jobs/jobs.ts";
import type { ServerNews } from "./news.ts";
import type { BrowserSession } from "./security/session.ts";
import type { WorkersView } from "./workers.ts";
import type { Workspace } from "./workspace/workspace.ts";

export interface Services {
  readonly workspace: Workspace;
  readonly jobs: Jobs;
  /** The datasets that are in use. */
  readonly datasets: OpenDatasets;
  /** The corrections of a dataset that are in force. */
  readonly correctionsOf: CorrectionsOf;
  /** The journals of corrections. */
  readonly journals: Journals;
  /** The tiles of slides. */
  readonly slides: SlideTiles;
  /** The queue of units, if the environment names a server. */
  readonly workers: WorkersView;
  readonly session: BrowserSession;
  readonly news: ServerNews;
  /** The name that corrections get. */
  readonly author: string;
  /** Aborted when the server ends. */
  readonly signal: AbortSignal;
}
