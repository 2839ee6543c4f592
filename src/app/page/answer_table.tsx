/** The table of answers: a row per picture, two columns per model. */
import { useEffect, useMemo } from "preact/hooks";
import { ScrollingTable } from "../look/scrolling.tsx";
import { explained } from "./explanation.tsx";
import type { OpenedModel } from "./models.ts";
import type { ChosenPicture } from "./pictures.ts";

interface TableProps {
  readonly pictures: readonly ChosenPicture[];
  readonly models: readonly OpenedModel[];
}

export function AnswerTable({ pictures, models }: TableProps) {
  const compares = models.length > 1;
  return (
    <ScrollingTable label="Answers">
      <table class="answers">
        <thead>
          {compares && (
            <tr>
              <td colSpan={2} />
              {models.map(({ name }, place) => (
                <th key={place} colSpan={2} scope="colgroup">
                  {name}
                </th>
              ))}
            </tr>
          )}
          <tr>
            <th scope="col">Image</th>
            <th scope="col">File</th>
            {models.flatMap(({ model }, place) => [
              <th key={`${place} p`} class="number" scope="col">
                P({model.classNames[1]})
              </th>,
              <th key={`${place} l`} scope="col">
                Label
              </th>,
            ])}
          </tr>
        </thead>
        <tbody>
          {pictures.map((picture) => (
            <Row key={picture.id} picture={picture} models={models} />
          ))}
        </tbody>
      </table>
    </ScrollingTable>
  );
}

function Row({ picture, models }: { readonly picture: ChosenPicture } & Pick<TableProps, "models">) {
  const { id, name, file } = picture;
  const first = models[0]?.answers.get(id);
  if (first && "error" in first) {
    return (
      <tr>
        <td />
        <td class="file" colSpan={1 + 2 * models.length}>
          {name}
          <br />
          <span class="alert">{first.error.message}</span>
        </td>
      </tr>
    );
  }
  return (
    <tr>
      <td>
        <button
          class="patch"
          type="button"
          title="Show the evidence"
          aria-label={`Show the evidence in ${name}`}
          onClick={() => (explained.value = picture)}
        >
          <Thumbnail file={file} />
        </button>
      </td>
      <td class="file">{name}</td>
      {models.map(({ model, answers }, place) => (
        <AnswerCells key={place} answer={answers.get(id)} positive={model.classNames[1]} />
      ))}
    </tr>
  );
}

interface CellsProps {
  readonly answer: ReturnType<OpenedModel["answers"]["get"]>;
  readonly positive: string;
}

function AnswerCells({ answer, positive }: CellsProps) {
  if (!answer || "error" in answer) {
    return (
      <>
        <td class="number muted">...</td>
        <td />
      </>
    );
  }
  const { probability, label } = answer;
  return (
    <>
      <td class="number">{probability.toFixed(4)}</td>
      <td class={label === positive ? "positive" : ""}>{label}</td>
    </>
  );
}

/** The picture as the browser draws it. The model gets the pixels from decoders of our own. */
function Thumbnail({ file }: { readonly file: File }) {
  const address = useMemo(() => URL.createObjectURL(file), [file]);
  useEffect(() => () => URL.revokeObjectURL(address), [address]);
  return <img src={address} alt="" width={48} height={48} loading="lazy" />;
}
