/** The jobs: running, waiting, ended. */
import { CommandLine } from "../parts/basics.tsx";
import { jobs } from "../state/items.ts";

export function JobsScreen() {
  return (
    <>
      <h1>Jobs</h1>
      {jobs.value.length === 0 && <p class="muted">No job has run yet.</p>}
      {jobs.value.map(({ id, verb, state, command, message }) => (
        <article key={id}>
          <h2>
            {verb}: {state}
          </h2>
          {message && <p class="alert">{message}</p>}
          <CommandLine text={command} />
        </article>
      ))}
    </>
  );
}
