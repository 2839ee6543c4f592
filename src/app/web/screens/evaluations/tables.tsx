/** The tables of the report: thresholds by rule, all metrics, each case. */
import type { ComponentChildren } from "preact";
import { METRIC_NAMES, metricTitle } from "../../../../metrics/table.ts";
import { percent } from "../../../../reports/html/elements.ts";
import { whole } from "../../../../util/numbers.ts";
import { ScrollingTable } from "../../../look/scrolling.tsx";
import { CopyButton } from "../../parts/basics.tsx";
import type { Judgement } from "./judgement.ts";
import { Num, Range } from "./number.tsx";

export function ThresholdsTable({ judgement: { report, threshold, words } }: { readonly judgement: Judgement }) {
  return (
    <NumberBlock id="thresholds" title="Thresholds by rule" command={report.command}>
      <table>
        <caption>
          Only the chosen threshold was fixed beforehand. The others were found on the {report.split} split itself: they
          show what the ranking allows.
        </caption>
        <thead>
          <tr>
            <th scope="col">point</th>
            <th scope="col">threshold</th>
            <th scope="col">sensitivity</th>
            <th scope="col">specificity</th>
            <th scope="col">PPV</th>
            <th scope="col">NPV</th>
            <th scope="col">called {words.positive}</th>
          </tr>
        </thead>
        <tbody>
          {report.operating_table.map((row) => (
            <tr key={row.point}>
              <th scope="row">{row.point}</th>
              <td>
                <button
                  type="button"
                  class="quiet"
                  title={`Use the threshold ${row.threshold} (${row.point})`}
                  onClick={() => {
                    threshold.value = row.threshold;
                  }}
                >
                  <Num value={row.threshold} />
                </button>
              </td>
              <td>
                <Num value={row.sensitivity} />
              </td>
              <td>
                <Num value={row.specificity} />
              </td>
              <td>
                <Num value={row.ppv} />
              </td>
              <td>
                <Num value={row.npv} />
              </td>
              <td>{percent(row.share_called)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </NumberBlock>
  );
}

export function MetricsTable({ judgement: { report, words } }: { readonly judgement: Judgement }) {
  const { metrics, macro } = report;
  return (
    <NumberBlock id="metrics" title="All metrics" command={report.command}>
      <table>
        <caption>At the model's own threshold, over all patches{macro && ", and their means over cases"}.</caption>
        <thead>
          <tr>
            <th scope="col">metric</th>
            <th scope="col">all patches</th>
            <th scope="col">95 % interval</th>
            {macro && <th scope="col">mean over cases</th>}
            {macro && <th scope="col">95 % interval</th>}
          </tr>
        </thead>
        <tbody>
          {METRIC_NAMES.map((name) => (
            <tr key={name} data-metric={name}>
              <th scope="row">{metricTitle(name, words.positive)}</th>
              <td>
                <Num value={metrics[name].value} />
              </td>
              <td>
                <Range of={metrics[name]} />
              </td>
              {macro && (
                <td>
                  <Num value={macro[name].value} />
                </td>
              )}
              {macro && (
                <td>
                  <Range of={macro[name]} />
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </NumberBlock>
  );
}

export function CasesTable({ judgement: { report, words } }: { readonly judgement: Judgement }) {
  if (report.by_case.length === 0) return null;
  return (
    <NumberBlock id="cases" title="By case" command={report.command}>
      <table>
        <caption>
          At the model's own threshold. A rate of few patches is uncertain, so that the best and the worst case are
          partly chance; a dash means that the number is not defined.
        </caption>
        <thead>
          <tr>
            <th scope="col">case</th>
            <th scope="col">patches</th>
            <th scope="col">{words.share}</th>
            <th scope="col">AUROC</th>
            <th scope="col">sensitivity</th>
            <th scope="col">specificity</th>
          </tr>
        </thead>
        <tbody>
          {report.by_case.map((row) => (
            <tr key={row.case}>
              <th scope="row">{row.case}</th>
              <td>{whole(row.patches)}</td>
              <td>{percent(row.idc_share)}</td>
              <td>
                <Num value={row.auroc} />
              </td>
              <td>
                <Num value={row.sensitivity} />
              </td>
              <td>
                <Num value={row.specificity} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </NumberBlock>
  );
}

interface BlockProps {
  readonly id: string;
  readonly title: string;
  readonly command: string;
  readonly children: ComponentChildren;
}

/** A part with a heading and the command that gives its numbers; a wide table scrolls in it. */
export function NumberBlock({ id, title, command, children }: BlockProps) {
  return (
    <section aria-labelledby={`${id}-title`}>
      <div class="block-title">
        <h2 id={`${id}-title`}>{title}</h2>
        <CopyButton text={command} />
      </div>
      <ScrollingTable label={title}>{children}</ScrollingTable>
    </section>
  );
}
