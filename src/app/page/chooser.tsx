/** Where images are chosen: by buttons, by dropping them anywhere on the page, and by pasting them. */
import { signal } from "@preact/signals";
import { recordSideOf } from "../../histology/dataset/record.ts";
import { counted, whole } from "../../util/numbers.ts";
import { Problem } from "../look/problem.tsx";
import { addFiles } from "./add_files.ts";
import { type ChosenFiles, droppedFiles, filesOf } from "./found_files.ts";
import { mostPatchPixels, SLIDE_NAMES } from "./is_slide.ts";
import { models } from "./models.ts";

const KINDS = [".png", ".jpg", ".jpeg", ".webp", ...SLIDE_NAMES].join(",");

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
      <p>Or drop images and folders anywhere on this page, or paste an image.</p>
      <p>{slideRule()}</p>
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

/** Which files are scored as slides, and which are classified. */
function slideRule(): string {
  const first = models.value[0];
  const larger = first ? ` of more than ${pixelsText(mostPatchPixels(recordSideOf(first.model.card)))}` : "";
  return (
    `TIFF files (SVS, NDPI, SCN, BIF, OME-TIFF), and PNG, JPEG and WebP images${larger}, are scored as whole slides. ` +
    "Smaller images are classified as patches."
  );
}

const pixelsText = (side: number): string => `${whole(side)} x ${whole(side)} pixels`;

function dragged(event: DragEvent, isHere: boolean): void {
  // Without this, the browser opens a dropped file.
  event.preventDefault();
  isOver.value = isHere;
}

function take({ files, leftOut }: ChosenFiles): void {
  remark.value =
    leftOut === 0
      ? undefined
      : `${counted(leftOut, "file")} in the folder ${leftOut === 1 ? "is" : "are"} left out: hidden, or not named as images or slides.`;
  void addFiles(files);
}

function cannotRead(): void {
  remark.value = "The browser cannot read what was dropped: choose it with a button instead.";
}
