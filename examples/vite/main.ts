/** Classifies pictures that a person chooses, in the page. Nothing is uploaded. */
import modelAddress from "cancernet/models/idc.onnx?url";
import { openModel, type PictureAnswer, type PictureRefusal } from "cancernet/web";

const element = <E extends HTMLElement = HTMLElement>(id: string): E => document.getElementById(id) as E;
const [input, state, answers] = [element<HTMLInputElement>("files"), element("state"), element("answers")];

try {
  const model = await openModel(modelAddress);
  element("notice").textContent = model.notice;
  element("card").textContent = model.cardText;
  state.textContent = "Ready.";
  input.disabled = false;
  input.addEventListener("change", async () => {
    const files = [...(input.files ?? [])];
    let done = 0;
    const onAnswer = (answer: PictureAnswer | PictureRefusal, index: number) => {
      state.textContent = `${++done} of ${files.length} done`;
      addRow(files[index]?.name ?? "", answer);
    };
    await model.classify(files, { onAnswer });
  });
} catch (error) {
  state.textContent = error instanceof Error ? error.message : String(error);
}

function addRow(name: string, answer: PictureAnswer | PictureRefusal): void {
  const row = document.createElement("tr");
  const cells = "error" in answer ? [name, "", answer.error.message] : [name, String(answer.probability), answer.label];
  row.append(...cells.map((text) => Object.assign(document.createElement("td"), { textContent: text })));
  answers.append(row);
}
