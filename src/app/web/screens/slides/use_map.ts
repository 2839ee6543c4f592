/** Loads the map of a result, and again while the slide is being scored. */
import { useEffect, useState } from "preact/hooks";
import { decodeMap, type ProbabilityMap } from "../../../api/slides.ts";
import { getBytes, query, Refused } from "../../state/api.ts";

const LOOK_MILLISECONDS = 1500;

export interface LoadedMap {
  readonly map?: ProbabilityMap;
  readonly problem?: string;
}

/** @param changed the time of the result's last change; a new one loads the map again */
export function useMap(slide: string, result: string | undefined, changed: number): LoadedMap {
  const [loaded, setLoaded] = useState<LoadedMap & { readonly result?: string }>({});
  useEffect(() => {
    if (result === undefined) return;
    const controller = new AbortController();
    const { signal } = controller;
    const load = async () => {
      for (;;) {
        const map = decodeMap(await getBytes(`/slides/${slide}/map${query({ result })}`, signal));
        setLoaded({ map, result });
        if (map.isDone) return;
        await new Promise((go) => setTimeout(go, LOOK_MILLISECONDS));
      }
    };
    load().catch((error: unknown) => {
      if (signal.aborted) return;
      setLoaded({ problem: error instanceof Refused ? error.message : String(error), result });
    });
    return () => controller.abort();
  }, [slide, result, changed]);
  return loaded.result === result && result !== undefined ? loaded : {};
}
