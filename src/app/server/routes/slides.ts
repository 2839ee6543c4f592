/** The routes of slides: facts, tiles, the overview, the map of probabilities, the files of a result. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Hono } from "hono";
import * as z from "zod";
import { fileError } from "../../../system/files.ts";
import { UserError } from "../../../util/errors.ts";
import {
  encodeMap,
  mapQuery,
  type OverviewAnswer,
  RESULT_FILES,
  type SlideFacts,
  tilePlace,
  tileQuery,
} from "../../api/slides.ts";
import { parsed } from "../refusals.ts";
import type { Services } from "../services.ts";
import { FileHashes } from "../slides/file_hashes.ts";
import { FILE_NAMES, mapVersion, readMap, slideHashIn } from "../slides/slide_maps.ts";

const fileParameters = z.object({ result: z.string().max(60), file: z.enum(RESULT_FILES) });

/** A version of a tile never changes, so the browser need not ask again. */
const FOR_EVER = "private, max-age=604800, immutable";

export function slideRoutes({ workspace, slides }: Pick<Services, "workspace" | "slides">): Hono {
  const pathOf = async (id: string) => workspace.pathOf(await workspace.item("slide", id));
  const hashes = new FileHashes();
  /** The folder of a result of a slide. @throws UserError if the result is of another slide. */
  const folderOf = async (slide: string, result: string) => {
    const item = await workspace.item("slide-result", result);
    if (item.slide !== slide) {
      throw new UserError("item-unknown", "The slide has no result of that id: load the page again.");
    }
    const folder = await workspace.pathOf(item);
    const hash = await slideHashIn(folder);
    if (hash === undefined || hash === (await hashes.of(await pathOf(slide)))) return folder;
    throw new UserError("request-invalid", "The result is of another slide of the same name: score this slide again.");
  };
  return new Hono()
    .get("/slides/:id", async (context) => {
      const item = await workspace.item("slide", context.req.param("id"));
      const facts = await slides.facts(await workspace.pathOf(item));
      const { format, tilePixels, levels, micronsPerPixel, objective, gaps, overviewLevels, version } = facts;
      const answer: SlideFacts = {
        ...{ id: item.id, path: item.path, format, tilePixels, overviewLevels, version },
        levels: levels.map(({ width, height }) => ({ width, height })),
        ...{ micronsPerPixel: micronsPerPixel ?? null, objective: objective ?? null },
        ...{ missingTiles: gaps.absent + gaps.filled, tilesInFile: gaps.tiles },
      };
      return context.json(answer);
    })
    .get("/slides/:id/tiles/:z/:x/:y", async (context) => {
      const { id, ...place } = context.req.param();
      const { version } = parsed(tileQuery, context.req.query());
      const { signal } = context.req.raw;
      const tile = await slides.tile(await pathOf(id), parsed(tilePlace, place), signal);
      const headers = { "content-type": "image/jpeg", ...(version && { "cache-control": FOR_EVER }) };
      return context.body(new Uint8Array(tile), 200, headers);
    })
    .get("/slides/:id/overview", async (context) => {
      const answer: OverviewAnswer = await slides.overview(await pathOf(context.req.param("id")));
      return context.json(answer);
    })
    .post("/slides/:id/overview", async (context) => {
      const answer: OverviewAnswer = await slides.startOverview(await pathOf(context.req.param("id")));
      return context.json(answer);
    })
    .get("/slides/:id/map", async (context) => {
      const id = context.req.param("id");
      const { result } = parsed(mapQuery, context.req.query());
      const folder = await folderOf(id, result);
      const tag = `"${await mapVersion(folder)}"`;
      const headers = { etag: tag, "cache-control": "private, no-cache" };
      if (context.req.header("if-none-match") === tag) return context.body(null, 304, headers);
      const { levels } = await slides.facts(await pathOf(id));
      const map = await readMap(folder, levels.at(-1)!);
      return context.body(encodeMap(map), 200, { ...headers, "content-type": "application/octet-stream" });
    })
    .get("/slides/:id/results/:result/:file", async (context) => {
      const { id, ...rest } = context.req.param();
      const { result, file } = parsed(fileParameters, rest);
      const name = FILE_NAMES[file];
      const path = join(await folderOf(id, result), name);
      const bytes = await readFile(path).catch((error: unknown) => {
        throw fileError(error, `cannot read ${name} of the result`, "wait until the slide is scored");
      });
      return context.body(new Uint8Array(bytes), 200, {
        "content-type": "application/octet-stream",
        "content-disposition": `attachment; filename="${name}"`,
      });
    });
}
