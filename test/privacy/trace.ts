/** Runs a program under strace and names what it does beyond its own folders: look-ups, connections, and files that it changes. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";

/** Where Node keeps compiled sources, if the tests are started so: its files there are the test's wish. */
const COMPILED = process.env.NODE_COMPILE_CACHE;

/** Why nothing can be traced here, for `skip`; false where it can. */
export const CANNOT_TRACE =
  spawnSync("strace", ["-qq", "-e", "trace=none", "true"]).status !== 0 && "no strace (Debian: strace)";

/** Calls that open, make, change or remove files, each on the systems that have it ("?"). */
const FILE_CALLS = [
  ..."open openat openat2 creat memfd_create rename renameat renameat2 unlink unlinkat rmdir mkdir mkdirat link linkat".split(
    " ",
  ),
  ..."symlink symlinkat truncate chmod fchmodat fchmodat2 chown lchown fchownat utimensat mknod mknodat setxattr".split(
    " ",
  ),
].map((name) => `?${name}`);

export interface Traced {
  readonly exitCode: number;
  readonly output: string;
  /** What it did that nobody had asked for: a line of strace each, and what it has left in the temporary or home folder. */
  readonly deeds: readonly string[];
}

export interface Surroundings {
  /** Where it runs. */
  readonly cwd: string;
  /** The files and folders that it may make or change, from `cwd`; hidden ones beside them that hold their names are theirs too. */
  readonly writes: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Files in the home folder, which only their owner may read: their names and texts. None may be opened. */
  readonly home?: Readonly<Record<string, string>>;
}

/** Runs Node with these arguments, in an environment without a user's settings, with empty home and temporary folders. */
export async function traceNode(
  args: readonly string[],
  { cwd, writes, env = {}, home: files = {} }: Surroundings,
): Promise<Traced> {
  const own = mkdtempSync(join(dirname(cwd), "trace-"));
  const [home, temporary, log] = ["home", "temporary", "log"].map((name) => join(own, name)) as [
    string,
    string,
    string,
  ];
  for (const folder of [home, temporary]) mkdirSync(folder);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(home, name)), { recursive: true });
    writeFileSync(join(home, name), text, { mode: 0o600 });
  }
  const settings = ["-f", "-y", "--seccomp-bpf", "-qq", "-o", log, "-e", `trace=%network,${FILE_CALLS}`];
  const child = spawn("strace", [...settings, process.execPath, "--disable-warning=ExperimentalWarning", ...args], {
    cwd,
    // Of the ways in which Node may open files, strace sees all but io_uring.
    env: {
      ...{ PATH: process.env.PATH ?? "", HOME: home, TMPDIR: temporary, UV_USE_IO_URING: "0" },
      ...(COMPILED && { NODE_COMPILE_CACHE: COMPILED }),
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (part) => (output += part));
  const [exitCode] = await once(child, "close");
  if (!existsSync(log)) throw new Error(`strace did not start: ${output}`);
  const named = writes.map((path) => resolve(cwd, path));
  const lines = readFileSync(log, "utf8").split("\n");
  const given = Object.keys(files).map((name) => join(home, name.split("/")[0]!));
  const left = [home, temporary]
    .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
    .filter((path) => !given.includes(path))
    .map((path) => `left: ${path}`);
  const opened = lines.filter(
    (line) => OPENED.test(line) && Object.keys(files).some((name) => line.includes(`"${join(home, name)}"`)),
  );
  const scratch = [temporary, ...(COMPILED ? [resolve(COMPILED)] : [])];
  const mayChange = (path: string) =>
    path === "/dev/null" || scratch.some((folder) => isIn(folder, path)) || isNamed(path, named);
  return { exitCode, output, deeds: [...lines.filter((line) => isDeed(line, cwd, mayChange)), ...opened, ...left] };
}

const isIn = (folder: string, path: string) => path === folder || path.startsWith(`${folder}/`);

/** A named path, one below it, or one below a hidden one that holds its name, such as ".run.json.4711.tmp". */
function isNamed(path: string, named: readonly string[]): boolean {
  return named.some((one) => isIn(one, path) || path.startsWith(join(dirname(one), `.${basename(one)}.`)));
}

/** Files that a program reads in order to look up a name in the network. */
const LOOKUP = /"\/etc\/(resolv\.conf|hosts|host\.conf|gai\.conf|nsswitch\.conf)"/;
const SOCKET = /^\d+ +(socket|connect|bind|listen|accept4?)\(/;
const OPENED = /^\d+ +(open|openat|openat2|creat|memfd_create)\(/;
const CHANGED = /^\d+ +(rename|unlink|rmdir|mkdir|link|symlink|truncate|f?chmod|l?chown|utime|mknod|setxattr)\w*\(/;
const LINKED = /^\d+ +(sym)?link(at)?\(/;
const FOR_WRITING = /O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|creat\(/;
/** A path as a call is given it, with the folder that it starts from: AT_FDCWD</folder>, "file". */
const PATH = /(?:(?:AT_FDCWD|\d+)<([^>]*)>, )?"((?:[^"\\]|\\.)*)"/g;

function isDeed(line: string, cwd: string, mayChange: (path: string) => boolean): boolean {
  // The folder above an output is there already.
  if (/ = -1 EEXIST /.test(line)) return false;
  if (SOCKET.test(line) || LOOKUP.test(line)) return true;
  if (!(OPENED.test(line) && FOR_WRITING.test(line)) && !CHANGED.test(line)) return false;
  const [call] = line.split(/\) += /);
  const paths = [...call!.matchAll(PATH)].map(([, from, path]) => resolve(from ?? cwd, path!));
  // A link leaves what it leads to as it was.
  const changed = LINKED.test(line) ? paths.slice(-1) : paths;
  return changed.some((path) => !mayChange(path));
}
