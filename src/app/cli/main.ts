#!/usr/bin/env node
/**
 * The program's entry: refuses a Node that is too old before anything else is loaded, then starts the command line and
 * hands its exit code to the system; everything else is start.ts's work.
 */
export {};

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(
    `cancernet: Node ${process.versions.node} is too old: version 22.18 or newer is needed; install it from nodejs.org.\n`,
  );
  process.exitCode = 2;
} else {
  const { start } = await import("./start.ts");
  process.exitCode = await start(process, (code) => process.exit(code));
}
