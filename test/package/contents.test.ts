/** What the package is made of, as far as it shows without packing: its links, its notices, and no install script. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { NOTICES_FILE, notices } from "../../scripts/notices.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
const description = JSON.parse(read("package.json"));
/** The repository's address, which stands in package.json. */
const ADDRESS: string = description.repository.url.replace(/^git\+/, "").replace(/\.git$/, "");

test("the package's addresses are those of its repository", () => {
  assert.equal(description.homepage, `${ADDRESS}#readme`);
  assert.equal(description.bugs.url, `${ADDRESS}/issues`);
});

test("each link and picture of the README works on the registry's page too, and names a file that exists", () => {
  const pages = `${ADDRESS}/blob/main/`;
  const pictures = `${ADDRESS.replace("//github.com/", "//raw.githubusercontent.com/")}/main/`;
  const links = [...read("README.md").matchAll(/(!?)\[[^\]]*\]\(([^)\s]+)\)/g)];
  assert.ok(links.length > 20, `only ${links.length} links found`);
  for (const [, isPicture, link] of links) {
    const start = isPicture ? pictures : pages;
    if (!link!.includes("cancernet/cancernet")) assert.match(link!, /^https:\/\//);
    else {
      assert.ok(link!.startsWith(start), `${link} does not start with ${start}`);
      const path = link!.slice(start.length).replace(/#.*/, "");
      assert.ok(existsSync(join(ROOT, path)), `README.md names ${path}, which does not exist`);
    }
  }
});

test("links within docs/ are relative", () => {
  for (const page of ["library", "reliability", "train"]) {
    assert.ok(!read(`docs/${page}.md`).includes(`](${ADDRESS}`), `docs/${page}.md links to the repository's address`);
  }
});

test(`${NOTICES_FILE} is up to date`, () => {
  assert.equal(read(NOTICES_FILE), notices(ROOT), `run "node scripts/notices.ts"`);
});

test("no package that an installation brings has an install script in package-lock.json", () => {
  const { packages } = JSON.parse(read("package-lock.json")) as {
    packages: Record<string, { dev?: boolean; hasInstallScript?: boolean }>;
  };
  const scripted = Object.keys(packages).filter((path) => packages[path]!.hasInstallScript && !packages[path]!.dev);
  assert.deepEqual(scripted, [], "remove the entries hasInstallScript: npm 10 would run the scripts, which download");
});

test("the packages of the queue are optional, and are tested with versions that are permitted", () => {
  const { peerDependencies, peerDependenciesMeta, devDependencies, dependencies } = description;
  for (const name of ["pg", "pg-boss"]) {
    assert.equal(peerDependenciesMeta[name].optional, true);
    assert.ok(!(name in dependencies));
    const [permitted, tested] = [peerDependencies[name], devDependencies[name]].map((range: string) =>
      range.replace("^", "").split(".").map(Number),
    );
    assert.equal(tested![0], permitted![0]);
    assert.ok(tested![1]! >= permitted![1]!, name);
  }
});
