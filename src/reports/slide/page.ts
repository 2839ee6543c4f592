/** The HTML page of a scored slide: a pure function of the numbers, the drawings and the pictures. */
import { RECORD_SIZE_PIXELS } from "../../histology/dataset/record.ts";
import { PATCH_SIZE_MICRONS } from "../../histology/slide/scale.ts";
import { METRIC_NAMES, metricTitle } from "../../metrics/table.ts";
import { counted, whole } from "../../util/numbers.ts";
import { calibratedOnWords } from "../calibration/words.ts";
import { type ClassWords, classWords } from "../class_words.ts";
import { pageText } from "../html/document.ts";
import { cell, decimal, figureElement, percent, type Section, tableElement } from "../html/elements.ts";
import { type Html, html } from "../html/html.ts";
import { gapsText } from "./gaps_text.ts";
import type { SlideReport } from "./report.ts";

/** A picture as a data URI, and its legend as a drawing. */
interface ShownPicture {
  readonly map: string;
  readonly legend: Html;
}

/** The pictures of the page; `agreement` exists only if labels are known. */
export interface SlidePictures {
  readonly overlay: ShownPicture;
  readonly heatmap: ShownPicture;
  readonly tissue: ShownPicture;
  readonly agreement?: ShownPicture | undefined;
}

export interface SlideDrawings {
  /** The histogram of the probabilities. */
  readonly probabilities: Html;
}

export function slidePage(report: SlideReport, pictures: SlidePictures, drawings: SlideDrawings): string {
  return pageText({
    title: `Slide ${report.slide.file}`,
    notice: report.notice,
    sections: [
      summarySection(report),
      mapsSection(report, pictures),
      regionsSection(report, drawings),
      agreementSection(report, pictures),
      tissueSection(report, pictures),
      originSection(report),
    ],
    software: report.versions.cancernet,
  });
}

function summarySection({ findings, slide, scale, grid, model, threshold }: SlideReport): Section {
  const { patches, idc, probability } = findings;
  const words = classWords(model.class_names);
  const area = (mm2: number | null) => (mm2 === null ? null : ` (${mm2.toFixed(2)} mm\u00b2)`);
  const content = html`
<p>The model <b>${model.name}</b>${heeding(model)} scored ${counted(patches.scored, "patch")} with tissue${area(findings.tissue_mm2)} of ${slide.file}, ${
    slide.format
  }, ${whole(slide.width)} x ${whole(slide.height)} pixels.</p>
<ul>
<li>With a ${words.probabilityOf} of at least ${decimal(threshold)}, the model's threshold: ${counted(
    idc.patches,
    "patch",
  )}, ${percent(idc.share)}${area(idc.mm2)}.</li>
<li>They form ${counted(idc.regions, "region")}; the largest has ${counted(idc.largest_region_patches, "patch")}${area(idc.largest_region_mm2)}.</li>
<li>The mean probability is ${decimal(probability.mean)}, the largest ${decimal(probability.max)}.</li>
<li>Scale: ${decimal(scale.slide_pixels_per_model_pixel, 4)} slide pixels (level 0) per model pixel, ${scale.reason}. A patch is ${
    grid.patch
  } model pixels wide, and the next one begins ${grid.stride} further on.</li>
</ul>
${scale.guessed ? html`<p class="warning"><b>The scale is a guess.</b> The slide ${slide.objective === null ? "does not state how large its pixels are" : `states a ${slide.objective}x objective, but not how large its pixels are`}. ${knownScale(grid)} Give <code>--objective 20x</code>, <code>--objective 40x</code>, <code>--mpp</code> or <code>--scale</code> if you know better.</p>` : null}
${meaningElement(words)}`;
  return { id: "summary", title: "Summary", content };
}

/** Explains what a probability means, given what is known about the labels. */
function meaningElement({ published, hasPositive, outOfScope }: ClassWords): Html {
  if (!published) {
    return html`<p>A probability is the model's estimate that a patch in slides like those of the training ${hasPositive}. Who set those labels, and how, is not
recorded. On a single slide all probabilities may be too high or too low. They say nothing about ${outOfScope}, and at another stain or scanner than that of the training they
may be wrong throughout.</p>`;
  }
  return html`<p>A probability is the model's estimate that a patch lies in what pathologists outlined as IDC in slides like those of the training. It was calibrated on patches of many
cases, and on a single slide all probabilities may be too high or too low. It says nothing about other cancers, in-situ disease or grade, and at another stain or scanner than
that of the training it may be wrong throughout.</p>`;
}

/** A sentence about the scale of the model's patches. */
function knownScale({ patch }: SlideReport["grid"]): string {
  return patch === RECORD_SIZE_PIXELS
    ? `The model knows patches of about ${PATCH_SIZE_MICRONS} micrometres; at another scale its numbers mean nothing.`
    : "At another scale than that of the training the model's numbers mean nothing.";
}

function heeding({ neighbourhood }: SlideReport["model"]): string {
  if (!neighbourhood) return "";
  const side = 2 * neighbourhood.reach + 1;
  return `, which uses the ${side} x ${side} patches around a patch,`;
}

function picture({ map, legend }: ShownPicture, alternative: string, caption: string): Html {
  return html`<figure><img class="map" src="${map}" alt="${alternative}"><div class="legend">${legend}</div><figcaption>${caption}</figcaption></figure>`;
}

function mapsSection({ pictures, model }: SlideReport, { overlay, heatmap }: SlidePictures): Section {
  const { probabilityOf } = classWords(model.class_names);
  const pixel = decimal(pictures.slide_pixels_per_picture_pixel, 2);
  const content = html`<div class="maps">
${picture(overlay, "The slide with the probabilities laid over it", `The ${probabilityOf} over the slide (overlay.png: a pixel is ${pixel} of the slide's, and the corners agree).`)}
${picture(heatmap, "The probabilities alone", "The probability alone; white was not scored (heatmap.png).")}
</div>`;
  return { id: "maps", title: "Heat map", content };
}

function regionsSection({ regions, findings, model }: SlideReport, { probabilities }: SlideDrawings): Section {
  const { positive } = classWords(model.class_names);
  const shown = tableElement({
    caption: `The largest of ${counted(findings.idc.regions, "region")}: neighbouring patches at or above the threshold. All are in idc.geojson.`,
    columns: ["region", "patches", "mean probability", "largest", "x", "y"],
    rows: regions.map((region, index) => [
      index + 1,
      whole(region.patches),
      cell(region.mean_probability),
      cell(region.max_probability),
      Math.round(region.x),
      Math.round(region.y),
    ]),
  });
  const content = html`${figureElement(probabilities, "How many patches have which probability; the dashed line is the threshold.")}
${regions.length > 0 ? shown : html`<p>No patch reaches the threshold.</p>`}`;
  return { id: "regions", title: `Regions classified as ${positive}`, content };
}

function agreementSection({ agreement, slide, model }: SlideReport, pictures: SlidePictures): Section | null {
  if (!agreement || pictures.agreement === undefined) return null;
  const { confusion, metrics, matched, unscored, unscored_idc } = agreement;
  const { positive, withPositive } = classWords(model.class_names);
  const content = html`<p>Compared with the labels in ${agreement.labels} (case ${agreement.case}), ${counted(matched, "scored patch")}: ${counted(confusion.tp, "true positive")}, ${counted(confusion.fn, "false negative")}, ${counted(confusion.fp, "false positive")}, ${counted(confusion.tn, "true negative")}. Labelled, but not scored: ${counted(unscored, "patch")}, ${whole(unscored_idc)} of them ${withPositive}.</p>
${picture(pictures.agreement, "True positives, false negatives and false positives on the slide", "Where the model agrees with the labels (agreement.png).")}
${tableElement({
  caption: "On this one slide, so without intervals: one slide does not show how much slides differ.",
  columns: ["metric", slide.file],
  rows: METRIC_NAMES.map((name) => [metricTitle(name, positive), cell(metrics[name])]),
})}`;
  return { id: "agreement", title: "Comparison with labels", content };
}

/** A warning about tiles that are missing from the file, at the level that was read. */
function gapsSentence({ slide: { tiles }, scale }: SlideReport): Html | null {
  const text = gapsText(tiles, scale.level);
  if (text === undefined) return null;
  return html`<p class="warning"><b>The file ${text.what}, which was read.</b> ${text.instead}. Scanners leave out glass; a damaged file leaves
out tissue too.</p>`;
}

function tissueSection(report: SlideReport, { tissue }: SlidePictures): Section {
  const { findings, grid } = report;
  const { patches } = findings;
  const content = html`${gapsSentence(report)}<p>Scored: ${whole(patches.scored)} of the grid's ${counted(patches.in_grid, "patch")}, those of which at least ${percent(
    grid.min_tissue,
  )} is darker than glass. With some tissue, but less: ${counted(patches.with_little_tissue, "patch")}.</p>
${picture(tissue, "What was classified as tissue", "What was classified as tissue and what for glass (tissue.png).")}`;
  return { id: "tissue", title: "Tissue detection", content };
}

function originSection({ command, model, model_sha256, slide, device, versions }: SlideReport): Section {
  const content = html`<pre>${command}</pre>
${tableElement({
  caption:
    "What was scored, with what. The same slide and model give the same files; the last digits depend on the device and the versions.",
  columns: ["", ""],
  rows: [
    ["SHA-256 of the slide", html`<code>${slide.sha256}</code>`],
    ["SHA-256 of the model file", html`<code>${model_sha256}</code>`],
    ["Model", `${model.name}; architecture: ${model.architecture}`],
    ["Model written by", model.software],
    ["Threshold", `${decimal(model.threshold, 4)} (${model.threshold_rule}, on ${calibratedOnWords(model)})`],
    ["Temperature", decimal(model.temperature, 4)],
    ["Device", device],
    ...Object.entries(versions).map(([name, version]) => [`Version of ${name}`, version]),
  ],
  words: true,
})}`;
  return { id: "origin", title: "How to get these files again", content };
}
