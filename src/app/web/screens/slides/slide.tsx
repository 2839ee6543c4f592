/** One slide: its facts, its overview if it needs one, then the viewer. */
import { useEffect, useState } from "preact/hooks";
import type { OverviewAnswer, SlideFacts } from "../../../api/slides.ts";
import { Link, Problem, useLoaded } from "../../parts/basics.tsx";
import { get, post, Refused } from "../../state/api.ts";
import { SlideView } from "./slide_view.tsx";

const LOOK_MILLISECONDS = 250;

export function SlidePage({ id }: { readonly id: string }) {
  const { value: facts, problem } = useLoaded(id, (signal) => get<SlideFacts>(`/slides/${id}`, signal));
  const overview = useOverview(facts);
  const title = facts?.path ?? "Slide";
  return (
    <>
      <p class="crumbs">
        <Link to="/slides">Slides</Link>
      </p>
      <h1>{title}</h1>
      {problem && <Problem>{problem}</Problem>}
      {!facts && !problem && <p class="muted">Loading...</p>}
      {overview?.state === "failed" && <Problem>{overview.message}</Problem>}
      {overview?.state === "making" && (
        <p>
          <label>
            This slide has no smaller versions of itself: an overview is made, once.{" "}
            <progress value={overview.share} max={1} />
          </label>
        </p>
      )}
      {facts && (overview?.state === "ready" || overview?.state === "unneeded") && <SlideView facts={facts} />}
    </>
  );
}

/** Makes the overview of a slide if it needs one, and follows its progress. */
function useOverview(facts: SlideFacts | undefined): OverviewAnswer | undefined {
  const [answer, setAnswer] = useState<OverviewAnswer>();
  useEffect(() => {
    if (!facts) return;
    if (facts.overviewLevels === 0) return setAnswer({ state: "unneeded" });
    let isOver = false;
    const look = async () => {
      let now = await get<OverviewAnswer>(`/slides/${facts.id}/overview`);
      if (now.state === "absent") now = await post<OverviewAnswer>(`/slides/${facts.id}/overview`);
      while (!isOver && now.state === "making") {
        setAnswer(now);
        await new Promise((go) => setTimeout(go, LOOK_MILLISECONDS));
        now = await get<OverviewAnswer>(`/slides/${facts.id}/overview`);
      }
      if (!isOver) setAnswer(now);
    };
    look().catch((error: unknown) =>
      setAnswer({ state: "failed", message: error instanceof Refused ? error.message : String(error) }),
    );
    return () => {
      isOver = true;
    };
  }, [facts]);
  return answer;
}
