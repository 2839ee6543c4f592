/** Where images are chosen: by buttons, by dropping them anywhere on the page, and by pasting them. */
import { signal } from "@preact/signals";
import { counted } from "../../util/numbers.ts";
import { Problem } from "../look/problem.tsx";
import { type ChosenFiles, droppedFiles, filesOf } from "./found_files.ts";
import { models } from "./models.ts";
import { addPictures } from "./pictures.ts";

const KINDS = ".png,.jpg,.jpeg,.webp,.tif,.tiff";

/** Whether something is being dragged over the page. */
const isOver = signal(false);

/** What the last choice left out; a sentence. */
const remark = signal<string | undefined>(undefined);

export function Chooser() {
  return (
    <section class={isOver.value ? "drop over" : "drop"} aria-label="Choose images">
      <div class="row">
        <FileButton label="Choose images" isFolder={false} />
        <FileButton label="Choose a folder" isFolder={true} />
      </div>
      <p>Or drop images and folders anywhere on this page, or paste an image. PNG, JPEG and WebP are read.</p>
      {remark.value && <Problem>{remark.value}</Problem>}
    </section>
  );
}

function FileButton({ label, isFolder }: { readonly label: string; readonly isFolder: boolean }) {
  return (
    <label class="button primary">
      {label}
      <input
        class="unseen"
        type="file"
        multiple
        disabled={models.value.length === 0}
        accept={isFolder ? undefined : KINDS}
        {...(isFolder ? { webkitdirectory: true } : {})}
        onChange={({ currentTarget }) => {
          take(filesOf(currentTarget.files ?? []));
          // The same files may be chosen again.
          currentTarget.value = "";
        }}
      />
    </label>
  );
}

/** Takes what is dropped or pasted, from now on. @returns a function that ends it */
export function takeDropsAndPastes(): () => void {
  const listeners = new AbortController();
  const { signal: ended } = listeners;
  addEventListener("dragover", (event) => dragged(event, true), { signal: ended });
  addEventListener("dragleave", (event) => dragged(event, false), { signal: ended });
  addEventListener(
    "drop",
    (event) => {
      dragged(event, false);
      if (event.dataTransfer) droppedFiles(event.dataTransfer).then(take, cannotRead);
    },
    { signal: ended },
  );
  addEventListener("paste", ({ clipboardData }) => take(filesOf(clipboardData?.files ?? [])), { signal: ended });
  return () => listeners.abort();
}

function dragged(event: DragEvent, isHere: boolean): void {
  // Without this, the browser opens a dropped file.
  event.preventDefault();
  isOver.value = isHere;
}

function take({ files, leftOut }: ChosenFiles): void {
  remark.value =
    leftOut === 0
      ? undefined
      : `${counted(leftOut, "file")} in the folder ${leftOut === 1 ? "is" : "are"} left out: hidden, or not named as images.`;
  if (files.length > 0) addPictures(files);
}

function cannotRead(): void {
  remark.value = "The browser cannot read what was dropped: choose it with a button instead.";
}
