/** The model of the page, and a second one to compare it with. */
import { effect, signal } from "@preact/signals";
import { openModel, type PictureAnswer, type PictureRefusal, type WebModel } from "../../browser/index.ts";
import { messageOf } from "../../util/errors.ts";
import { whatIsLacking } from "./lacking.ts";

/** An open model and its answers. */
export interface OpenedModel {
  /** "idc", or the name of the file. */
  readonly name: string;
  readonly model: WebModel;
  /** By the ids of the pictures; those that are not done are absent. */
  readonly answers: Map<number, PictureAnswer | PictureRefusal>;
}

/** The page's own model first. */
export const models = signal<readonly OpenedModel[]>([]);

/** Why there is no model. */
export const modelProblem = signal<string | undefined>(undefined);

/** Why the second model could not be opened. */
export const secondProblem = signal<string | undefined>(undefined);

export const isOpening = signal(true);

/** Waits until the page's model is open, or cannot be opened. */
export async function firstModel(): Promise<OpenedModel | undefined> {
  let end = () => {};
  await new Promise<void>((resolve) => {
    end = effect(() => {
      if (!isOpening.value) resolve();
    });
  });
  end();
  return models.peek()[0];
}

/** The version of cancernet that wrote the page. */
export const software = signal("");

/** Opens the model that was exported with the page. */
export async function openFirstModel(): Promise<void> {
  const lack = whatIsLacking();
  try {
    if (lack !== undefined) throw new Error(lack);
    const response = await fetch("./page.json");
    const facts = (await response.json()) as { model: string; software: string };
    software.value = facts.software;
    models.value = [{ name: facts.model, model: await openModel("./model.onnx"), answers: new Map() }];
    document.title = `${facts.model} - cancernet`;
  } catch (error) {
    modelProblem.value = messageOf(error);
  }
  isOpening.value = false;
}

/** Opens a second model from a file, in place of an earlier second one. */
export async function openSecondModel(file: File): Promise<void> {
  removeSecondModel();
  isOpening.value = true;
  try {
    const model = await openModel(file);
    models.value = [...models.peek(), { name: file.name, model, answers: new Map() }];
  } catch (error) {
    secondProblem.value = messageOf(error);
  }
  isOpening.value = false;
}

export function removeSecondModel(): void {
  secondProblem.value = undefined;
  models.peek()[1]?.model.close();
  models.value = models.peek().slice(0, 1);
}
