/**
 * The example for Kubernetes: its manifests against the official schemas, and the commands of its containers as
 * processes, with their environment, and with the volumes as folders of this machine.
 */
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { before, describe, test } from "node:test";
import { Deployment } from "kubernetes-models/apps/v1";
import { Job } from "kubernetes-models/batch/v1";
import { PersistentVolumeClaim } from "kubernetes-models/v1";
import { parseAllDocuments } from "yaml";
import { useFolder } from "../support/folder.ts";
import { NO_POSTGRES, startPostgres } from "../support/postgres.ts";
import { assertSameAsOne, damagedShard, makePlaces, onThisMachine, type Places, run, startWorkers } from "./fixture.ts";

const FOLDER = resolve("examples/kubernetes");
const MODELS = { Deployment, Job, PersistentVolumeClaim };
const MODULES = { Deployment: "apps/v1", Job: "batch/v1", PersistentVolumeClaim: "v1" };

const at = useFolder("kubernetes");
const manifests = readdirSync(FOLDER)
  .filter((name) => name.endsWith(".yaml"))
  .flatMap((name) =>
    parseAllDocuments(readFileSync(resolve(FOLDER, name), "utf8")).map((document) => {
      assert.deepEqual([document.errors, document.warnings], [[], []], name);
      return { name, manifest: document.toJS() };
    }),
  );

interface Container {
  readonly image: string;
  readonly command: string[];
  readonly env?: readonly { name: string; value: string }[];
  readonly envFrom?: readonly { secretRef: { name: string } }[];
  readonly volumeMounts: readonly { name: string; mountPath: string; readOnly?: boolean }[];
}

const specOf = (file: string) => manifests.find(({ name }) => name === file)!.manifest.spec;
const containerOf = (file: string): Container => specOf(file).template.spec.containers[0];

describe("the manifests", () => {
  test("have the values that the schemas allow", () => {
    for (const { name, manifest } of manifests) {
      const Model = MODELS[manifest.kind as keyof typeof MODELS] as new (data: object) => { validate(): void };
      assert.ok(Model, `${name}: no schema for ${manifest.kind}`);
      assert.doesNotThrow(() => new Model(manifest).validate(), name);
    }
    assert.equal(manifests.length, 6);
  });

  // A cluster ignores a misspelled field, and so do the schemas. The types made from them do not.
  test("have no field that the types do not have", async () => {
    const statements = manifests.map(({ manifest }, index) => {
      const kind = manifest.kind as keyof typeof MODULES;
      const type = `import("kubernetes-models/${MODULES[kind]}").I${kind}`;
      return `export const m${index}: ${type} = ${JSON.stringify(manifest)};`;
    });
    mkdirSync(at("types"));
    symlinkSync(resolve("node_modules"), at("types", "node_modules"));
    const misspelled = 'export const m: import("kubernetes-models/batch/v1").IJob = {\n"spec": { "completion": 3 } };';
    writeFileSync(at("types", "manifests.ts"), `${statements.join("\n")}\n${misspelled}\n`);
    const options = ["--noEmit", "--skipLibCheck", "--strict", "--module", "nodenext", "--types", "node"];
    const { printed } = await run(["tsc", ...options, "manifests.ts"], { cwd: at("types") });
    assert.match(printed, /^manifests\.ts\(8,11\): error TS2353: .*completion/);
    assert.equal(printed.match(/error/g)?.length, 1, printed);
  });

  test("agree with each other and with the package", () => {
    const { version } = JSON.parse(readFileSync("package.json", "utf8"));
    for (const file of ["shards.yaml", "gather.yaml", "submit.yaml", "workers.yaml"]) {
      const { image, volumeMounts } = containerOf(file);
      assert.equal(image, `registry.example.org/cancernet:${version}`);
      const mounts = volumeMounts.map(({ mountPath, readOnly = false }) => [mountPath, readOnly]);
      const expected = [
        ["/slides", true],
        ["/results", false],
      ].slice(file === "gather.yaml" ? 1 : 0);
      assert.deepEqual(mounts, expected, file);
      const claims = specOf(file).template.spec.volumes.map(
        (volume: { persistentVolumeClaim: { claimName: string } }) => volume.persistentVolumeClaim.claimName,
      );
      assert.deepEqual(
        claims,
        volumeMounts.map(({ name }) => name),
        file,
      );
    }
    const names = manifests.filter(({ name }) => name === "volumes.yaml").map(({ manifest }) => manifest.metadata.name);
    assert.deepEqual(names, ["slides", "results"]);
    const { completions, selector } = { ...specOf("shards.yaml"), ...specOf("workers.yaml") };
    assert.deepEqual(containerOf("shards.yaml").env, [{ name: "SHARDS", value: String(completions) }]);
    assert.deepEqual(selector.matchLabels, specOf("workers.yaml").template.metadata.labels);
  });
});

describe("the containers", () => {
  let places: Places;
  before(async () => {
    places = await makePlaces(at);
  });

  const start = (file: string, results: string, environment: NodeJS.ProcessEnv = {}) => {
    const volumes = new Map([
      ["/slides", places.slides],
      ["/results", results],
    ]);
    const words = onThisMachine(containerOf(file).command, volumes);
    return { words, env: { PATH: places.path, ...environment } };
  };
  const runIn = (file: string, results: string, environment?: NodeJS.ProcessEnv) => {
    const { words, env } = start(file, results, environment);
    return run(words, { env, cwd: at() });
  };

  test("do the shards of all indices, and then the summary", async () => {
    const SHARDS = 3;
    const indices = [...Array(SHARDS).keys()];
    for (const index of indices) {
      const environment = { SHARDS: String(SHARDS), JOB_COMPLETION_INDEX: String(index) };
      const { code, printed } = await runIn("shards.yaml", at("indexed"), environment);
      // Code 2 is what the Job's policy does not repeat.
      assert.equal(code, index + 1 === damagedShard(SHARDS) ? 2 : 0, printed);
    }
    const { code, printed } = await runIn("gather.yaml", at("indexed"));
    assert.equal(code, 2, printed);
    assert.match(printed, /1 of 14 slides failed/);
    await assertSameAsOne(at("indexed", "slides"), places);
  });

  test("work as workers of a queue", { skip: NO_POSTGRES }, async (t) => {
    const { environment } = await startPostgres(t);
    const names = Object.keys(environmentFile());
    // The example's file names all that the server needs, and the password, which this server does not ask for.
    assert.deepEqual(names.toSorted(), ["PGDATABASE", "PGHOST", "PGPASSWORD", "PGUSER"]);
    const secret = { ...environment, PGPASSWORD: "" };
    mkdirSync(at("queue"));
    const { words, env } = start("workers.yaml", at("queue"), secret);
    const { stop } = startWorkers(t, words, env, specOf("workers.yaml").replicas);
    const { code, printed } = await runIn("submit.yaml", at("queue"), secret);
    assert.equal(code, 2, printed);
    assert.match(printed, /1 of 14 slides failed/);
    await stop();
    await assertSameAsOne(at("queue", "slides"), places);
  });
});

/** The variables of database.env.example, of which "kubectl create secret" makes the Secret. */
function environmentFile(): Record<string, string> {
  const lines = readFileSync(resolve(FOLDER, "database.env.example"), "utf8").trim().split("\n");
  return Object.fromEntries(lines.map((line) => line.split("=") as [string, string]));
}
