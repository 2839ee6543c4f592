/** What the models are: their cards, and the second one to compare with. */
import { Problem } from "../look/problem.tsx";
import {
  isOpening,
  modelProblem,
  models,
  type OpenedModel,
  openSecondModel,
  removeSecondModel,
  secondProblem,
} from "./models.ts";

export function ModelSection() {
  const [first, second] = models.value;
  return (
    <section aria-labelledby="model-title">
      <h2 id="model-title">{second ? "The models" : "The model"}</h2>
      {modelProblem.value && <Problem>{modelProblem.value}</Problem>}
      {isOpening.value && <p role="status">The model is loading ...</p>}
      {first && <Card opened={first} />}
      {second && <Card opened={second} />}
      {secondProblem.value && <Problem>{secondProblem.value}</Problem>}
      {first && (
        <p class="row">
          <label class="button">
            Compare with another model
            <input
              class="unseen"
              type="file"
              accept=".onnx"
              onChange={({ currentTarget }) => {
                const file = currentTarget.files?.[0];
                if (file) void openSecondModel(file);
                currentTarget.value = "";
              }}
            />
          </label>
          {second && (
            <button type="button" onClick={removeSecondModel}>
              Remove {second.name}
            </button>
          )}
        </p>
      )}
    </section>
  );
}

/** The card begins with the notice, and has a fact per line. */
function Card({ opened: { name, model } }: { readonly opened: OpenedModel }) {
  const [, ...lines] = model.cardText.split("\n");
  const facts = lines.map((line) => [line.slice(0, line.indexOf(": ")), line.slice(line.indexOf(": ") + 2)]);
  return (
    <details class="card">
      <summary>
        Model card of {name}: {model.classNames[1]} from a probability of {Number(model.threshold.toPrecision(4))}
      </summary>
      <dl class="facts">
        {facts.map(([fact, value]) => (
          <div key={fact}>
            <dt>{fact}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
