/**
 * Draws the report's charts in the page, in a chunk of its own. The page's policy forbids code made from text, so Vega
 * interprets its expressions.
 */
import { expressionInterpreter } from "vega-interpreter";
import { type Drawings, drawReport } from "../../../../reports/evaluation/drawing.ts";
import type { EvaluationReport } from "../../../../reports/evaluation/report.ts";

export function drawnInPage(report: EvaluationReport, signal: AbortSignal): Promise<Drawings> {
  return drawReport(report, signal, expressionInterpreter);
}
