/** The report's last sections: the data and its split, the model card, and how to reproduce the report. */
import { recordSideOf } from "../../artifacts/model_card.ts";
import { SPLITS, type Split } from "../../histology/dataset/split_names.ts";
import { counted, whole } from "../../util/numbers.ts";
import { classWords } from "../class_words.ts";
import { decimal, madeBy, percent, type Section, tableElement } from "../html/elements.ts";
import { type Html, type HtmlValue, html } from "../html/html.ts";
import { knownText, type Leakage, type Overlap, unknownText } from "./leakage.ts";
import type { EvaluationReport } from "./report.ts";

const SPLIT_METHODS: Record<string, string> = {
  case: "whole cases, drawn by a seed",
  lists: "whole cases, by the lists that were given",
  folders: "the folders of its source",
  patch: "single patches, drawn by a seed: patches of one case are in several splits",
};

export function dataSection({ dataset, leakage, split, model }: EvaluationReport): Section {
  const { withPositive, withoutPositive, share } = classWords(model.class_names);
  const seed = dataset.split_seed === null ? "" : ` (seed ${dataset.split_seed})`;
  const rejected = Object.entries(dataset.rejected);
  const content = html`${tableElement({
    caption: html`The dataset ${dataset.folder}. Split by ${SPLIT_METHODS[dataset.split_method] ?? dataset.split_method}${seed}.`,
    columns: ["split", "cases", "patches", withoutPositive, withPositive, share],
    rows: SPLITS.map((name) => {
      const { cases, patches, no_idc, idc } = dataset.counts[name];
      return [
        name,
        whole(cases),
        whole(patches),
        whole(no_idc),
        whole(idc),
        patches === 0 ? "" : percent(idc / patches),
      ];
    }),
  })}
<p>Left out when the dataset was prepared: ${
    rejected.length === 0 ? "nothing" : rejected.map(([kind, count]) => `${kind} ${whole(count)}`).join(", ")
  }.</p>
<h3>Was anything of this split seen before?</h3>
${
  leakage.checked
    ? html`<ul>${leakage.overlaps.map((overlap) => overlapElement(overlap, split))}</ul>
<p>Cases were compared by their names, patches by the SHA-256 of their pixels.</p>`
    : uncheckedElement(leakage, split)
}`;
  return { id: "data", title: "Data, split and leakage", content };
}

function uncheckedElement({ known, reason }: Extract<Leakage, { checked: false }>, split: Split): Html {
  if (known === undefined) return html`<p class="warning">This cannot be checked: ${reason}.</p>`;
  if (known.patches > 0) return html`<p class="warning">Yes: ${knownText(known, split)}.</p>`;
  return html`<p>This cannot be checked completely (${reason}), but ${unknownText(known, split)}. Other patches of the same cases may
be.</p>`;
}

function overlapElement({ split: other, shared_cases, shared_patches }: Overlap, split: Split): Html {
  const cases = shared_cases === null ? "cases have no names" : `${counted(shared_cases, "case")} shared`;
  const found = (shared_cases ?? 0) + shared_patches > 0;
  return html`<li class="${found ? "warning" : "fine"}">${split} and ${other}: ${cases}; ${counted(shared_patches, "patch")} of ${split} whose
pixels are in ${other} too.</li>`;
}

/**
 * The items that TRIPOD+AI (Collins et al. 2024) and CLAIM (2024 update) require for a model, as far as the software
 * has them.
 */
export function cardSection(report: EvaluationReport): Section {
  const content = tableElement({
    caption: html`After the items of TRIPOD+AI (Collins et al., BMJ 2024) and CLAIM (2024 update, Radiology: Artificial Intelligence) that
      apply to a model of patches. What the software cannot know it says; complete it before publishing.`,
    columns: ["item", "this model"],
    rows: cardRows(report),
    words: true,
  });
  return { id: "card", title: "Model card", content };
}

function cardRows(report: EvaluationReport): [string, HtmlValue][] {
  const { model, dataset, patches, cases, split, training, prevalence } = report;
  const words = classWords(model.class_names);
  const side = recordSideOf(model);
  const seed = model.seed === null ? "" : `, seed ${model.seed}`;
  const { train, val } = dataset.counts;
  return [
    ["Intended use", html`Research on patches of haematoxylin and eosin stained breast tissue. ${report.notice}`],
    [
      "Out of scope",
      `Diagnosis; whole patients; other organs, stains, scales or scanners; grade, and ${words.outOfScope}.`,
    ],
    [
      "Source of data",
      html`${dataset.folder}: its origin, dates, centres, scanner and ethical approval are not recorded in it.${
        words.published
          ? html` For the public IDC
        patches see Cruz-Roa et al. 2014 and Janowczyk & Madabhushi 2016.`
          : null
      }`,
    ],
    [
      "Participants",
      `${cases > 0 ? counted(cases, "case") : "Unnamed cases"} evaluated (${split}). Age, sex and ethnicity are not recorded, so fairness across groups could not be examined.`,
    ],
    [
      "Outcome",
      `The label of a patch: ${words.positive} or ${words.negative}. Who set it, and how, is not recorded${
        words.published ? "; in the public IDC patches it comes from outlines that a pathologist drew" : ""
      }.`,
    ],
    [
      "Predictors",
      `The pixels of one patch (${side} x ${side}, 8-bit RGB, resized if it had another size)${
        model.neighbourhood
          ? `, and of the patches around it in the same case, up to ${model.neighbourhood.reach} away, if they are available`
          : ""
      }. No clinical data.`,
    ],
    [
      "Sample size",
      `${counted(patches, "patch")}, ${percent(prevalence.own)} ${words.withPositive}. ${
        dataset.same_as_in_training
          ? `Training: ${counted(train.patches, "patch")} of ${counted(train.cases, "case")}; validation: ${whole(val.patches)} of ${whole(val.cases)}.`
          : model.dataset_sha256 === null
            ? "What it was trained on is not known."
            : "The training was on another dataset."
      } No sample size was calculated beforehand.`,
    ],
    [
      "Missing data",
      "Damaged and contradictory pictures are left out when a dataset is prepared; the counts stand under data. Nothing is imputed.",
    ],
    [
      "Model",
      `${model.name}; architecture: ${model.architecture}, ${report.method}; ${madeBy(model)}${seed}; the mean over ${model.views} ${model.views === 1 ? "view" : "views"} of a patch.`,
    ],
    [
      "Training",
      training
        ? html`Its settings and its course stand under <a href="#training">training</a>.`
        : model.epoch === null
          ? model.dataset_sha256 === null
            ? "Its settings are not known to this software."
            : "Fitted at once, without epochs; how, stands above under model."
          : "The settings are not in a model file: evaluate the run to see them.",
    ],
    [
      "Output",
      `The ${words.probabilityOf}, scaled by temperature ${decimal(model.temperature, 4)}; ${words.positive} from ${decimal(model.threshold, 4)} on (rule ${model.threshold_rule}).`,
    ],
    [
      "Performance",
      html`<a href="#metrics">Metrics</a> with 95 % intervals for other ${report.intervals.unit}, <a href="#calibration">calibration</a>,
        <a href="#cases">each case</a>, <a href="#gallery">mistakes</a>.`,
    ],
    [
      "Limitations",
      "One dataset, one training; cases from another source may give other numbers. Not compared with pathologists, and not tried in practice. No external validation.",
    ],
    ["Software and data", html`<a href="#origin">Command, versions and hashes</a>; the software is open source (MIT).`],
    [
      "Not covered here",
      "Funding, conflicts of interest, protocol and registration, involvement of patients and the public.",
    ],
  ];
}

export function originSection({ command, versions, model_sha256, dataset, model, device }: EvaluationReport): Section {
  const content = html`<pre>${command}</pre>
${tableElement({
  caption:
    "What was evaluated, with what. The same model and dataset give the same report; the last digits depend on the device and the versions.",
  columns: ["", ""],
  rows: [
    ["SHA-256 of the model file", html`<code>${model_sha256}</code>`],
    ["SHA-256 of the dataset's manifest", html`<code>${dataset.sha256}</code>`],
    ["SHA-256 of the dataset's records", html`<code>${dataset.records_sha256}</code>`],
    ["SHA-256 of the manifest in training", html`<code>${model.dataset_sha256 ?? "not known"}</code>`],
    ["Model written by", model.software],
    ["Device", device],
    ...Object.entries(versions).map(([name, version]) => [`Version of ${name}`, version]),
  ],
  words: true,
})}`;
  return { id: "origin", title: "How to get this report again", content };
}
