/** The screen of evaluations: the list, one evaluation, or a comparison. */
import "./evaluations.css";
import { Comparison } from "./compare.tsx";
import { Evaluation, useEvaluationId } from "./evaluation.tsx";
import { EvaluationList } from "./list.tsx";

export function EvaluationsScreen() {
  const id = useEvaluationId();
  if (id === "") return <EvaluationList />;
  return id === "compare" ? <Comparison /> : <Evaluation key={id} id={id} />;
}
