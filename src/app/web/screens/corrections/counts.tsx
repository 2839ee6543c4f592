/** How many patches of each split are corrected, and how. */
import { CORRECTION_LABELS } from "../../../../artifacts/corrections/entries.ts";
import { SPLITS } from "../../../../histology/dataset/split_names.ts";
import { counted, whole } from "../../../../util/numbers.ts";
import type { CorrectionsSummary } from "../../../api/corrections.ts";
import type { DatasetItem } from "../../../api/items.ts";
import { ScrollingTable } from "../../../look/scrolling.tsx";
import { labelWords } from "../../corrections/words.ts";
import { CopyButton } from "../../parts/basics.tsx";

interface CountsProps {
  readonly item: DatasetItem;
  readonly summary: CorrectionsSummary;
}

export function CorrectionCounts({ item, summary: { splits, notes, slideCells, journal } }: CountsProps) {
  return (
    <section aria-labelledby="counts-title">
      <h2 id="counts-title">Patches</h2>
      <ScrollingTable label="Corrected patches">
        <table>
          <thead>
            <tr>
              <th scope="col">Split</th>
              {CORRECTION_LABELS.map((label) => (
                <th key={label} scope="col" class="number">
                  {labelWords(label, item.classNames)}
                </th>
              ))}
              <th scope="col" class="number">
                Changed
              </th>
              <th scope="col" class="number">
                Confirmed
              </th>
            </tr>
          </thead>
          <tbody>
            {SPLITS.map((split) => (
              <tr key={split}>
                <th scope="row">{split}</th>
                {[...CORRECTION_LABELS, "changed" as const, "confirmed" as const].map((kind) => (
                  <td key={kind} class="number">
                    {whole(splits[split][kind])}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollingTable>
      <p class="muted">
        {counted(notes, "patch")} with a note{slideCells > 0 && `, ${counted(slideCells, "patch")} of slides`}. The
        journal is <code>{journal}</code> <CopyButton text={journal} label="Copy the path" />
      </p>
    </section>
  );
}
