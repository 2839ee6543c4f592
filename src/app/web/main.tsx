/** Starts the page: the session, the stream, the shell. */
import "./state/without_eval.ts";
import { render } from "preact";
import { Shell } from "./shell.tsx";
import { openStream } from "./state/items.ts";
import { beginSession, session } from "./state/session.ts";
import "../look/theme.ts";

await beginSession();
if (session.value) openStream();
render(<Shell />, document.getElementById("studio")!);
