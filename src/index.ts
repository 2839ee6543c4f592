/// <reference types="node" preserve="true" />
/** The public API: one function per command with its options schema, and the parts that an application needs. */

export type { ModelCard } from "./artifacts/model_card.ts";
export { type OpenModel, openModel } from "./artifacts/open_model.ts";
export { locateModel, type ModelLocation } from "./artifacts/run_folder.ts";
export { buildCancerNet, type CancerNetSize } from "./engine/models/cancernet.ts";
export { MODELS } from "./engine/models/table.ts";
export type { BatchSource, LabelledImages } from "./engine/network/data.ts";
export { type NetworkTraining, type NetworkTrainingOptions, trainNetwork } from "./engine/network/train_network.ts";
export { TrainedNetwork } from "./engine/network/trained_network.ts";
export { initialize } from "./engine/nn/initialize.ts";
export { type ModelDescription, summarize } from "./engine/nn/model.ts";
export { type Dataset, openDataset } from "./histology/dataset/dataset.ts";
export { RECORD_SIZE_PIXELS, toRecord } from "./histology/dataset/record.ts";
export { decodeImage } from "./histology/image/decode.ts";
export type { Region } from "./histology/image/region.ts";
export type { RgbImage } from "./histology/image/rgb.ts";
export { openSlide } from "./histology/slide/open.ts";
export { type ScaleChoice, type ScaleOptions, scaleOf } from "./histology/slide/scale.ts";
export type { SlideScores } from "./histology/slide/scores.ts";
export type { Slide, SlideLevel } from "./histology/slide/slide.ts";
export { macroWithIntervals, metricsByCase } from "./metrics/by_case.ts";
export { type MetricEstimate, metricsWithIntervals, type Sample } from "./metrics/intervals.ts";
export { type PairedDifference, pairedDifferences } from "./metrics/paired.ts";
export { computeMetrics, METRICS } from "./metrics/table.ts";
export { type Confusion, confusionAt } from "./metrics/tally.ts";
export { type AddContextOptions, addContextOptions } from "./options/add_context.ts";
export { type CalibrateOptions, calibrateOptions } from "./options/calibrate.ts";
export { type CompareOptions, compareOptions } from "./options/compare.ts";
export { type CorrectOptions, correctOptions } from "./options/correct.ts";
export { type CrossvalidateOptions, crossvalidateOptions } from "./options/crossvalidate.ts";
export { type DemoOptions, demoOptions } from "./options/demo.ts";
export { type DoctorOptions, doctorOptions } from "./options/doctor.ts";
export { type EvaluateOptions, evaluateOptions } from "./options/evaluate.ts";
export { type ExplainOptions, explainOptions } from "./options/explain.ts";
export { type ExportOptions, exportOptions } from "./options/export.ts";
export { type GatherOptions, gatherOptions } from "./options/gather.ts";
export { type ImportOptions, importOptions } from "./options/import.ts";
export { type PredictOptions, predictOptions } from "./options/predict.ts";
export { type PrepareOptions, prepareOptions } from "./options/prepare.ts";
export { type ProbeOptions, probeOptions } from "./options/probe.ts";
export { type QueueOptions, queueOptions } from "./options/queue.ts";
export { type SlideOptions, slideOptions } from "./options/slide.ts";
export { type SweepOptions, sweepOptions } from "./options/sweep.ts";
export { type WorkOptions, workOptions } from "./options/work.ts";
export type { QueueReport } from "./reports/queue/report.ts";
export { type ScoringModel, type ScoringOptions, scoreSlide } from "./scoring/slide.ts";
export type { Context } from "./util/context.ts";
export type { ErrorCode } from "./util/error_codes.ts";
export { UserError } from "./util/errors.ts";
export { RESEARCH_USE_NOTICE } from "./util/notice.ts";
export { type Progress, type Reporter, silent } from "./util/reporter.ts";
export {
  addContext,
  /** @deprecated The former name of `addContext`. */
  addContext as neighbourhood,
} from "./workflows/add_context.ts";
export { calibrate } from "./workflows/calibrate.ts";
export { type Comparison, compare } from "./workflows/compare.ts";
export { type CorrectResult, correct } from "./workflows/correct.ts";
export { type CrossvalidationReport, crossvalidate } from "./workflows/crossvalidate.ts";
export { demo } from "./workflows/demo.ts";
export { type DoctorReport, doctor } from "./workflows/doctor.ts";
export { type EvaluationReport, evaluate } from "./workflows/evaluate.ts";
export { explain } from "./workflows/explain.ts";
export { exportModel } from "./workflows/export.ts";
export { exportPage } from "./workflows/export_page.ts";
export { type GatherResult, gather } from "./workflows/gather.ts";
export { importWeights } from "./workflows/import.ts";
export { type FilePrediction, predict } from "./workflows/predict.ts";
export { type PrepareResult, prepare } from "./workflows/prepare.ts";
export { probe } from "./workflows/probe.ts";
export { queue } from "./workflows/queue.ts";
export { type SlideOutcome, type SlideReport, slide } from "./workflows/slide.ts";
export { type SweepReport, sweep } from "./workflows/sweep.ts";
export { type TrainOptions, type TrainResult, train, trainOptions } from "./workflows/train.ts";
export { type WorkResult, work } from "./workflows/work.ts";
