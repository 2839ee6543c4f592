#!/usr/bin/env node
/**
 * The entry point of the program. Refuses a Node that is too old before it loads anything else, then starts the command
 * line and sets the exit code. start.ts does the rest.
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
