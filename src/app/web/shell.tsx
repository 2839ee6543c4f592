/** The frame of every screen: menu, connection, theme, the overlay of keys, the research-use notice. */
import { signal, useComputed } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { nextTheme, theme } from "../look/theme.ts";
import { Link, Problem } from "./parts/basics.tsx";
import { KeyHelp } from "./parts/key_help.tsx";
import { SCREENS, type Screen } from "./screens.ts";
import { isConnected, runningJobs } from "./state/items.ts";
import { useKeys } from "./state/keys.ts";
import { goTo, route } from "./state/route.ts";
import { session, sessionProblem } from "./state/session.ts";

const helpIsOpen = signal(false);

function showHelp(isOpen: boolean): void {
  helpIsOpen.value = isOpen;
}

export function Shell() {
  useKeys(
    "Everywhere",
    [
      { key: "?", does: "Show or hide the keys", run: () => showHelp(!helpIsOpen.value) },
      { key: "T", does: "Light, dark, or as the system", run: nextTheme },
      ...SCREENS.map(({ name, title }, index) => ({
        key: String(index + 1),
        does: title,
        run: () => goTo(`/${name}`),
      })),
    ],
    [],
  );
  if (sessionProblem.value) return <Locked message={sessionProblem.value} />;
  return (
    <>
      <a class="skip" href="#screen">
        Skip to the content
      </a>
      <header class="bar">
        <Link class="brand" to="/">
          cancernet studio
        </Link>
        <nav aria-label="Screens">
          {SCREENS.map((screen) => (
            <MenuLink key={screen.name} screen={screen} />
          ))}
        </nav>
        <div class="bar-end">
          {!isConnected.value && (
            <span class="alert" role="status">
              Not connected
            </span>
          )}
          <button type="button" onClick={nextTheme} title="Light, dark, or as the system (T)">
            {theme.value === "system" ? "Auto" : theme.value === "dark" ? "Dark" : "Light"}
          </button>
          <button type="button" onClick={() => showHelp(true)} title="Keys (?)">
            Keys
          </button>
        </div>
      </header>
      <main id="screen" tabIndex={-1}>
        <CurrentScreen />
      </main>
      <footer>
        {session.value?.notice} {session.value?.software}
      </footer>
      {helpIsOpen.value && <KeyHelp close={() => showHelp(false)} />}
    </>
  );
}

function MenuLink({ screen: { name, title } }: { screen: Screen }) {
  const isCurrent = useComputed(() => route.value.screen === name);
  const count = name === "jobs" && runningJobs.value.length > 0 ? ` (${runningJobs.value.length})` : "";
  return (
    <Link to={`/${name}`} {...(isCurrent.value ? { "aria-current": "page" as const } : {})}>
      {title}
      {count}
    </Link>
  );
}

function CurrentScreen() {
  const name = useComputed(() => route.value.screen).value;
  const screen = SCREENS.find((one) => one.name === name);
  const [loaded, setLoaded] = useState<{ readonly name: string; readonly Component: ComponentType }>();
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    document.title = screen ? `${screen.title} - cancernet studio` : "cancernet studio";
    screen?.load().then(
      (Component) => setLoaded({ name, Component }),
      () => setProblem("A part of the page could not be loaded: load the page again."),
    );
  }, [name]);
  if (!screen) return <Problem>There is no screen at this address.</Problem>;
  if (problem) return <Problem>{problem}</Problem>;
  if (loaded?.name !== name) return <p class="muted">Loading...</p>;
  return <loaded.Component />;
}

function Locked({ message }: { message: string }) {
  return (
    <main id="screen">
      <h1>cancernet studio</h1>
      <p class="alert">{message}</p>
    </main>
  );
}
