/** How often labels are wrong, by the verdicts on patches that were drawn at random. */
import type { LabelErrorFacts, QueuePage } from "../../../api/corrections.ts";
import { CommandLine } from "../../parts/basics.tsx";
import { rateHoldsFor, rateSentence } from "./words.ts";

interface RateProps {
  readonly page: QueuePage;
  readonly classNames: readonly [string, string];
}

export function QueueRate({ page: { rate, candidates, commands }, classNames }: RateProps) {
  return (
    <section aria-labelledby="rate-title">
      <h2 id="rate-title">Label errors</h2>
      <RateText rate={rate} classNames={classNames} candidates={candidates} />
      {commands.map((command) => (
        <CommandLine key={command} text={command} />
      ))}
    </section>
  );
}

interface RateTextProps {
  readonly rate: LabelErrorFacts;
  readonly classNames: readonly [string, string];
  readonly candidates?: number;
}

/** The rate, on how much it rests, and for which patches it holds. */
export function RateText({ rate, classNames: [negative, positive], candidates }: RateTextProps) {
  const share = (value: number | null) => (value === null ? "-" : `${(100 * value).toFixed(1)} %`);
  return (
    <>
      <p>{rateSentence(rate)}</p>
      {rate.all.value !== null && (
        <p class="muted">
          Of the patches labelled {positive}: {share(rate.positive.value)}; of those labelled {negative}:{" "}
          {share(rate.negative.value)}.
        </p>
      )}
      <p class="muted">{rateHoldsFor(rate.splits, candidates)}</p>
    </>
  );
}
