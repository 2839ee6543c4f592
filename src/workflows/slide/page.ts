/** A scored slide as one page: a pure function of the numbers, the drawings and the pictures. */
import { METRIC_NAMES, METRICS } from "../../metrics/table.ts";
import { pageText } from "../report/document.ts";
import { cell, decimal, figureElement, percent, type Section, tableElement, whole } from "../report/elements.ts";
import { type Html, html } from "../report/html.ts";
import type { SlideReport } from "./slide_report.ts";

/** A picture and its legend as data URIs. */
interface ShownPicture {
  readonly map: string;
  readonly legend: string;
}

/** Agreement where labels are known. */
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
  const area = (mm2: number | null) => (mm2 === null ? null : ` (${mm2.toFixed(2)} mm\u00b2)`);
  const content = html`
<p>The model <b>${model.model}</b>${heeding(model)} scored ${whole(patches.scored)} patches with tissue${area(findings.tissue_mm2)} of ${slide.file}, ${
    slide.format
  }, ${whole(slide.width)} x ${whole(slide.height)} pixels.</p>
<ul>
<li>${whole(idc.patches)} of them, ${percent(idc.share)}${area(idc.mm2)}, have a probability of ${model.class_names[1]} of at least ${decimal(
    threshold,
  )}, the model's threshold.</li>
<li>They form ${whole(idc.regions)} regions; the largest has ${whole(idc.largest_region_patches)} patches${area(idc.largest_region_mm2)}.</li>
<li>The mean probability is ${decimal(probability.mean)}, the largest ${decimal(probability.max)}.</li>
<li>Scale: ${decimal(scale.slide_pixels_per_model_pixel, 4)} pixels of the slide are one of the model's: ${scale.reason}. A patch is ${
    grid.patch
  } model pixels wide, and the next one begins ${grid.stride} further on.</li>
</ul>
${scale.guessed ? html`<p class="warning"><b>The scale is a guess.</b> The slide does not state how large its pixels are. The model knows patches of about 200 micrometres; at another scale its numbers mean nothing. Give <code>--scale</code> where you know better.</p>` : null}
<p>A probability is the model's estimate that a patch lies in what pathologists outlined as IDC in slides like those of the training. It was calibrated on patches of many
cases, and on a single slide all probabilities may be too high or too low. It says nothing about other cancers, in-situ disease or grade, and at another stain or scanner than
that of the training it may be wrong throughout.</p>`;
  return { id: "summary", title: "Summary", content };
}

function heeding({ neighbourhood }: SlideReport["model"]): string {
  if (!neighbourhood) return "";
  const side = 2 * neighbourhood.reach + 1;
  return `, which heeds the ${side} x ${side} patches around a patch,`;
}

function picture({ map, legend }: ShownPicture, alternative: string, caption: string): Html {
  return html`<figure><img class="map" src="${map}" alt="${alternative}"><img class="legend" src="${legend}" alt=""><figcaption>${caption}</figcaption></figure>`;
}

function mapsSection({ pictures }: SlideReport, { overlay, heatmap }: SlidePictures): Section {
  const pixel = decimal(pictures.slide_pixels_per_picture_pixel, 2);
  const content = html`<div class="maps">
${picture(overlay, "The slide with the probabilities laid over it", `The probability of IDC over the slide (overlay.png: a pixel is ${pixel} of the slide's, and the corners agree).`)}
${picture(heatmap, "The probabilities alone", "The probability alone; white was not scored (heatmap.png).")}
</div>`;
  return { id: "maps", title: "Where", content };
}

function regionsSection({ regions, findings }: SlideReport, { probabilities }: SlideDrawings): Section {
  const shown = tableElement({
    caption: `The largest of ${whole(findings.idc.regions)} regions: neighbouring patches at or above the threshold. All are in idc.geojson.`,
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
  return { id: "regions", title: "How much", content };
}

function agreementSection({ agreement, slide }: SlideReport, pictures: SlidePictures): Section | null {
  if (!agreement || pictures.agreement === undefined) return null;
  const { confusion, metrics, matched, unscored, unscored_idc } = agreement;
  const content = html`<p>${whole(matched)} scored patches have a label in ${agreement.labels} (case ${agreement.case}): ${whole(
    confusion.tp,
  )} hits, ${whole(confusion.fn)} misses, ${whole(confusion.fp)} false alarms, ${whole(confusion.tn)} correctly none. ${whole(
    unscored,
  )} labelled patches were not scored, ${whole(unscored_idc)} of them with IDC.</p>
${picture(pictures.agreement, "Hits, misses and false alarms on the slide", "Where the model agrees with the labels (agreement.png).")}
${tableElement({
  caption: "On this one slide, so without intervals: one slide does not show how much slides differ.",
  columns: ["metric", slide.file],
  rows: METRIC_NAMES.map((name) => [METRICS[name].title, cell(metrics[name])]),
})}`;
  return { id: "agreement", title: "Beside the labels", content };
}

function tissueSection({ findings, grid }: SlideReport, { tissue }: SlidePictures): Section {
  const { patches } = findings;
  const content = html`<p>${whole(patches.scored)} of the grid's ${whole(patches.in_grid)} patches were scored: those of which at least ${percent(
    grid.min_tissue,
  )} is darker than glass. ${whole(patches.with_little_tissue)} patches have some tissue, but less.</p>
${picture(tissue, "What was taken for tissue", "What was taken for tissue and what for glass (tissue.png).")}`;
  return { id: "tissue", title: "What was looked at", content };
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
    ["Model written by", model.software],
    ["Threshold", `${decimal(model.threshold, 4)} (${model.threshold_rule}, on val)`],
    ["Temperature", decimal(model.temperature, 4)],
    ["Device", device],
    ...Object.entries(versions).map(([name, version]) => [`Version of ${name}`, version]),
  ],
  words: true,
})}`;
  return { id: "origin", title: "How to get these files again", content };
}
