/** The pictures that a person has chosen, in the order of choice. They stay in the browser. */
import { signal } from "@preact/signals";
import type { Found } from "./found_files.ts";

/** A chosen picture. */
export interface ChosenPicture {
  readonly id: number;
  /** The name, or the path from the chosen folder: what "cancernet predict" would print. */
  readonly name: string;
  readonly file: File;
}

export const pictures = signal<readonly ChosenPicture[]>([]);

let nextId = 0;

/** Adds files behind the others. */
export function addPictures(found: readonly Found[]): void {
  pictures.value = [...pictures.peek(), ...found.map(({ name, file }) => ({ id: nextId++, name, file }))];
}

export function removePictures(): void {
  pictures.value = [];
}
