/**
 * GET /api/pages/:model/: the page that "export --page" writes, with a model of the package or of a run. It classifies
 * images in the browser; no image is sent to the server.
 */
import { extname } from "node:path";
import { type Context, Hono } from "hono";
import { readModelFile } from "../../../artifacts/open_model.ts";
import { locateModel } from "../../../artifacts/run_folder.ts";
import { BUNDLED_MODELS } from "../../../options/bundled_models.ts";
import { pageFiles } from "../../../workflows/page_files.ts";
import type { Services } from "../services.ts";
import { FILE_TYPES } from "../static_files.ts";

export function pageRoutes({ workspace }: Pick<Services, "workspace">): Hono {
  /** @param model the name of a model in the package, or the id of a run */
  const placeOf = async (model: string) =>
    Object.hasOwn(BUNDLED_MODELS, model) ? model : workspace.pathOf(await workspace.item("run", model));
  const answer = async (context: Context, model: string, name: string) => {
    const location = await locateModel(await placeOf(model));
    const files = await pageFiles({ name: location.name, bytes: (await readModelFile(location)).bytes });
    if (!Object.hasOwn(files, name)) return context.notFound();
    const type = FILE_TYPES[extname(name)] ?? "application/octet-stream";
    return context.body(new Uint8Array(files[name]!), 200, { "content-type": type });
  };
  return new Hono()
    .get("/pages/:model/", (context) => answer(context, context.req.param("model"), "index.html"))
    .get("/pages/:model/:file", (context) => answer(context, context.req.param("model"), context.req.param("file")));
}
