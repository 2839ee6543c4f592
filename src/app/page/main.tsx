/** Starts the page: its frame, the model, and the service worker. */
import { render } from "preact";
import { App } from "./app.tsx";
import { openFirstModel } from "./models.ts";
import { startOffline } from "./offline.ts";

const root = document.getElementById("page")!;
root.replaceChildren();
render(<App />, root);
void openFirstModel();
startOffline();
