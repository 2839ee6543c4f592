/** What the routes work with. studio.ts makes it, tests make their own. */

import type { Jobs } from "./jobs/jobs.ts";
import type { ServerNews } from "./news.ts";
import type { BrowserSession } from "./security/session.ts";
import type { Workspace } from "./workspace/workspace.ts";

export interface Services {
  readonly workspace: Workspace;
  readonly jobs: Jobs;
  readonly session: BrowserSession;
  readonly news: ServerNews;
  /** The name that corrections get. */
  readonly author: string;
  /** Aborted when the server ends. */
  readonly signal: AbortSignal;
}
