/** GET /api/items: what is in the studio's folder. */
import { Hono } from "hono";
import { BUNDLED_MODELS } from "../../../options/bundled_models.ts";
import type { Items } from "../../api/items.ts";
import type { Services } from "../services.ts";

export function itemRoutes({ workspace }: Services): Hono {
  return new Hono().get("/items", async (context) => {
    const items: Items = { items: await workspace.items(), bundledModels: Object.keys(BUNDLED_MODELS) };
    return context.json(items);
  });
}
