/**
 * The schemas of the journal of corrections: its header (the first line) and its entries (one line each). journal.ts
 * reads and appends them; replay.ts computes what they amount to.
 */
import * as z from "zod";

/** The most patches, or cells of a slide, that one entry names. */
export const MOST_PATCHES_PER_ENTRY = 10_000;
/** The most characters of a note. */
export const MOST_NOTE_CHARACTERS = 2_000;

export const JOURNAL_FORMAT = 1;

const sha256Hex = z.string().regex(/^[0-9a-f]{64}$/, "expected a SHA-256 in hexadecimal");
const patchId = z.string().min(1).max(4096);
const patchIds = z.array(patchId).min(1).max(MOST_PATCHES_PER_ENTRY);

/** The dataset that a journal belongs to. Its manifest's hash identifies it; the name is for people. */
const journalDataset = z.object({
  name: z.string().min(1).max(255),
  manifest_sha256: sha256Hex,
  /** The number of patches. */
  patches: z.int().nonnegative(),
});

export type JournalDataset = z.output<typeof journalDataset>;

export const headerSchema = z.object({
  format: z.literal(JOURNAL_FORMAT),
  dataset: journalDataset,
  /** Name and version of the program that created the journal. */
  software: z.string(),
});

export type JournalHeader = z.output<typeof headerSchema>;

/** What a person says of a patch: a class, that it must not be used, or that the class cannot be decided. */
export const CORRECTION_LABELS = ["positive", "negative", "exclude", "unsure"] as const;

export type CorrectionLabel = (typeof CORRECTION_LABELS)[number];

/** Null takes back every earlier label: the dataset's own label holds again. */
const label = z.enum(CORRECTION_LABELS).nullable();

/** Made by the client, so that a request that is sent twice is one entry. */
const entryId = z.uuid();

const signed = {
  id: entryId,
  author: z.string().min(1).max(200),
};

/** Names end up in tables, with one line per patch or case. */
const PRINTABLE = /^\P{Cc}*$/u;

/** A corner in model pixels. */
const coordinate = z.int().min(0).max(100_000_000);

/** A slide whose patches are labelled, although they are not in the dataset. */
const labelledSlide = z.object({
  /** The path relative to the journal's folder, with "/" between folders. */
  file: z
    .string()
    .min(1)
    .max(4096)
    .regex(PRINTABLE, "expected a path without control characters")
    .refine((path) => !/^([/\\]|[A-Za-z]:)/.test(path), "expected a path relative to the journal's folder"),
  sha256: sha256Hex,
  /** The case (patient) that the slide belongs to. */
  case: z
    .string()
    .min(1)
    .max(255)
    .regex(PRINTABLE, "expected a name without control characters")
    .refine((name) => name === name.trim(), "expected a name without spaces around it"),
  /** Width of a model pixel in pixels of level 0. */
  scale: z.number().positive().max(1000),
  /** Width and height of a patch in model pixels. */
  side: z.int().min(1).max(4096),
});

export type LabelledSlide = z.output<typeof labelledSlide>;

const facts = z.record(z.string().min(1).max(50), z.union([z.string().max(500), z.number(), z.boolean(), z.null()]));

/** Each kind of entry without its time. */
const DRAFTS = [
  /** Sets the label of patches of the dataset. */
  z.object({ kind: z.literal("set"), ...signed, patches: patchIds, label }),
  /** Writes a note on patches of the dataset; an empty text removes the note. */
  z.object({ kind: z.literal("note"), ...signed, patches: patchIds, text: z.string().max(MOST_NOTE_CHARACTERS) }),
  /** Undoes an earlier entry. The undo of an undo is a redo. */
  z.object({ kind: z.literal("undo"), ...signed, undoes: entryId }),
  /** Labels patches of a slide, given by their upper left corners [x, y] in model pixels. */
  z.object({
    kind: z.literal("slide"),
    ...signed,
    slide: labelledSlide,
    cells: z
      .array(z.tuple([coordinate, coordinate]))
      .min(1)
      .max(MOST_PATCHES_PER_ENTRY),
    label,
  }),
  /**
   * A verdict on a patch that was drawn at random and shown without its label and its probability. It measures how
   * often labels are wrong and changes no label.
   */
  z.object({
    kind: z.literal("blind"),
    ...signed,
    patch: patchId,
    label: z.enum(CORRECTION_LABELS),
    /** How the patch was drawn, for example { seed: 1, place: 30, length: 200 }. */
    queue: facts.refine((found) => Object.keys(found).length <= 20, "expected at most 20 facts"),
  }),
] as const;

/** An entry before it is appended, when it gets its time. */
export const correctionDraftSchema = z.discriminatedUnion("kind", DRAFTS);

export type CorrectionDraft = z.output<typeof correctionDraftSchema>;

/** An entry of the journal. `time` is when it was appended, in ISO 8601 and UTC. */
export const correctionSchema = z.intersection(correctionDraftSchema, z.object({ time: z.iso.datetime() }));

export type Correction = CorrectionDraft & { readonly time: string };
export type CorrectionOf<K extends Correction["kind"]> = Extract<CorrectionDraft, { kind: K }> & {
  readonly time: string;
};
