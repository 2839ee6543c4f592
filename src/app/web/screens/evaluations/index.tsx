/** The screen of evaluations: the list, one evaluation, or a comparison. */
import "./evaluations.css";
import { ComparisonView } from "./compare.tsx";
import { OneEvaluation, useEvaluationId } from "./evaluation.tsx";
import { EvaluationList } from "./list.tsx";

export function EvaluationsScreen() {
  const id = useEvaluationId();
  if (id === "") return <EvaluationList />;
  return id === "compare" ? <ComparisonView /> : <OneEvaluation key={id} id={id} />;
}
