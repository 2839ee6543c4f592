/// <reference types="node" preserve="true" />
/** The public API: one function for each verb, with its options schema, and the pieces that an application needs. */

export type { ModelCard } from "./artifacts/model_card.ts";
export { type OpenModel, openModel } from "./artifacts/model_file.ts";
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
export { decodeImage, type RgbImage } from "./histology/image/decode.ts";
export { openSlide } from "./histology/slide/open.ts";
export { type ScaleChoice, type ScaleOptions, scaleOf } from "./histology/slide/scale.ts";
export type { Region, Slide, SlideLevel } from "./histology/slide/slide.ts";
export { macroWithIntervals, metricsByCase } from "./metrics/by_case.ts";
export { type Confusion, confusionAt } from "./metrics/counting.ts";
export { type MetricEstimate, metricsWithIntervals, type Sample } from "./metrics/intervals.ts";
export { type PairedDifference, pairedDifferences } from "./metrics/paired.ts";
export { computeMetrics, METRICS } from "./metrics/table.ts";
export type { Context } from "./util/context.ts";
export { UserError } from "./util/errors.ts";
export { RESEARCH_USE_NOTICE } from "./util/notice.ts";
export { type Progress, type Reporter, silent } from "./util/reporter.ts";
export { type CalibrateOptions, calibrate, calibrateOptions } from "./workflows/calibrate.ts";
export { type CompareOptions, type Comparison, compare, compareOptions } from "./workflows/compare.ts";
export {
  type CrossvalidateOptions,
  type CrossvalidationReport,
  crossvalidate,
  crossvalidateOptions,
} from "./workflows/crossvalidate.ts";
export { type DemoOptions, demo, demoOptions } from "./workflows/demo.ts";
export { type DoctorOptions, type DoctorReport, doctor, doctorOptions } from "./workflows/doctor.ts";
export { type EvaluateOptions, type EvaluationReport, evaluate, evaluateOptions } from "./workflows/evaluate.ts";
export { type ExplainOptions, explain, explainOptions } from "./workflows/explain.ts";
export { type ExportOptions, exportModel, exportOptions } from "./workflows/export.ts";
export { type ImportOptions, importOptions, importWeights } from "./workflows/import.ts";
export { type NeighbourhoodOptions, neighbourhood, neighbourhoodOptions } from "./workflows/neighbourhood.ts";
export { type FilePrediction, type PredictOptions, predict, predictOptions } from "./workflows/predict.ts";
export { type PrepareOptions, type PrepareResult, prepare, prepareOptions } from "./workflows/prepare.ts";
export { type ProbeOptions, probe, probeOptions } from "./workflows/probe.ts";
export { type ScoringOptions, type SlideScores, scoreSlide } from "./workflows/slide/score.ts";
export { type SlideOptions, type SlideOutcome, type SlideReport, slide, slideOptions } from "./workflows/slide.ts";
export { type TrainOptions, type TrainResult, train, trainOptions } from "./workflows/train.ts";
