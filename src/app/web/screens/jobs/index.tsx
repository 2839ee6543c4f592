/** The screen of jobs: the list, one job, or the form of a new one. */
import "./jobs.css";
import { route } from "../../state/route.ts";
import { JobView } from "./job.tsx";
import { JobList } from "./list.tsx";
import { NewJob } from "./new_job.tsx";

export function JobsScreen() {
  const { id } = route.value;
  if (id === "") return <JobList />;
  return id === "new" ? <NewJob /> : <JobView key={id} id={id} />;
}
