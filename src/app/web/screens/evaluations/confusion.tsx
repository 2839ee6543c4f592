/** The confusion matrix, whose cells lead to their patches, and the rates at the threshold with their intervals. */
import type { MetricEstimate } from "../../../../metrics/intervals.ts";
import { type MetricName, metricTitle } from "../../../../metrics/table.ts";
import type { Confusion } from "../../../../metrics/tally.ts";
import { intervalsMade } from "../../../../reports/evaluation/interval_text.ts";
import { percent } from "../../../../reports/html/elements.ts";
import { counted, whole } from "../../../../util/numbers.ts";
import { ScrollingTable } from "../../../look/scrolling.tsx";
import { CopyButton } from "../../parts/basics.tsx";
import { commandAt } from "./commands.ts";
import type { Judgement } from "./judgement.ts";
import { DigitsButton, Num, Range } from "./number.tsx";
import { PrevalenceField } from "./prevalence_field.tsx";
import { cellOf } from "./selection.ts";

export function ConfusionMatrix({ judgement }: { readonly judgement: Judgement }) {
  const { tn, fp, fn, tp } = judgement.estimates.value.confusion;
  const { negative, positive } = judgement.words;
  const cell = (outcome: keyof Confusion) => <Cell judgement={judgement} outcome={outcome} />;
  return (
    <section class="card" aria-labelledby="confusion-title">
      <BlockTitle id="confusion-title" title="Confusion matrix" judgement={judgement} />
      <div class="wide">
        <table class="confusion">
          <caption>In patches; a cell shows its patches below.</caption>
          <thead>
            <tr>
              <td />
              <th scope="col">predicted {negative}</th>
              <th scope="col">predicted {positive}</th>
              <th scope="col">all</th>
            </tr>
          </thead>
          <tbody>
            <tr>
              <th scope="row">true {negative}</th>
              {cell("tn")}
              {cell("fp")}
              <td class="number">{whole(tn + fp)}</td>
            </tr>
            <tr>
              <th scope="row">true {positive}</th>
              {cell("fn")}
              {cell("tp")}
              <td class="number">{whole(fn + tp)}</td>
            </tr>
            <tr>
              <th scope="row">all</th>
              <td class="number">{whole(tn + fn)}</td>
              <td class="number">{whole(fp + tp)}</td>
              <td class="number">{whole(tn + fn + fp + tp)}</td>
            </tr>
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Cell({ judgement, outcome }: { readonly judgement: Judgement; readonly outcome: keyof Confusion }) {
  const { estimates, selected, words } = judgement;
  const count = estimates.value.confusion[outcome];
  const isSelected = selected.value !== null && "outcome" in selected.value && selected.value.outcome === outcome;
  const { label, called } = cellOf(outcome);
  const name = (isPositive: boolean) => (isPositive ? words.positive : words.negative);
  return (
    <td class={`number ${label === Number(called) ? "right" : "wrong"}`}>
      <button
        type="button"
        aria-pressed={isSelected}
        aria-label={`${counted(count, "patch")}, true ${name(label === 1)}, predicted ${name(called)}: show them`}
        onClick={() => {
          selected.value = isSelected ? null : { outcome };
        }}
      >
        <data value={String(count)}>{whole(count)}</data>
      </button>
    </td>
  );
}

/** The heading of a block of numbers, with the command that gives them. */
export function BlockTitle(of: { readonly id: string; readonly title: string; readonly judgement: Judgement }) {
  const { answer, threshold, prevalence } = of.judgement;
  const command = commandAt(answer, threshold.value, prevalence.value);
  return (
    <div class="block-title">
      <h2 id={of.id}>{of.title}</h2>
      {command && <CopyButton text={command} />}
      {!command && (
        <span class="muted">
          No command gives these: "calibrate" would fit the temperature to a dataset that is not the training's.
        </span>
      )}
    </div>
  );
}

const FIRST: readonly MetricName[] = ["sensitivity", "specificity"];
const OTHERS: readonly MetricName[] = ["accuracy", "balanced_accuracy", "f1", "mcc"];

export function RatesPanel({ judgement }: { readonly judgement: Judgement }) {
  const { estimates, report, words } = judgement;
  const { metrics, predictive } = estimates.value;
  const { prevalence, ppv, npv } = predictive[0]!;
  const of = (name: MetricName) => metrics[name as keyof typeof metrics];
  const [own, chosen] = [percent(report.prevalence.own), percent(prevalence)];
  return (
    <section class="card" aria-labelledby="rates-title">
      <BlockTitle id="rates-title" title="At this threshold" judgement={judgement} />
      <PrevalenceField judgement={judgement} />
      <p class="muted">
        With 95 % intervals for other {report.intervals.unit} like these. <DigitsButton />
      </p>
      <ScrollingTable label="Numbers at this threshold">
        <table class="rates">
          <thead>
            <tr>
              <th scope="col">metric</th>
              <th scope="col" class="number">
                value
              </th>
              <th scope="col" class="number">
                95 % interval
              </th>
            </tr>
          </thead>
          <tbody>
            {FIRST.map((name) => (
              <Rate key={name} name={name} title={metricTitle(name, words.positive)} of={of(name)} />
            ))}
            <Rate name="ppv" title={`PPV at this split's ${own}`} of={of("ppv")} />
            <Rate name="npv" title={`NPV at this split's ${own}`} of={of("npv")} />
            <Rate name="ppv-chosen" title={`PPV at ${chosen}`} of={ppv} />
            <Rate name="npv-chosen" title={`NPV at ${chosen}`} of={npv} />
            {OTHERS.map((name) => (
              <Rate key={name} name={name} title={metricTitle(name, words.positive)} of={of(name)} />
            ))}
          </tbody>
        </table>
      </ScrollingTable>
      <details>
        <summary>What the intervals mean</summary>
        <p>
          {intervalsMade(report.intervals)} PPV and NPV at another prevalence follow from sensitivity and specificity by
          Bayes' theorem, which assumes that these two stay the same: {words.rarer}.
        </p>
      </details>
    </section>
  );
}

function Rate({ name, title, of }: { readonly name: string; readonly title: string; readonly of: MetricEstimate }) {
  return (
    <tr data-rate={name}>
      <th scope="row">{title}</th>
      <td class="number">
        <Num value={of.value} />
      </td>
      <td class="number">
        <Range of={of} />
      </td>
    </tr>
  );
}
