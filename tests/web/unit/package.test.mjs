// The package as it is published: sizes, entries, types, manifest, lock file.
import assert from "node:assert/strict";
import {execFileSync} from "node:child_process";
import {existsSync, mkdtempSync, readFileSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {test} from "node:test";
import {brotliCompressSync} from "node:zlib";
import {packageDist, root} from "../browser.mjs";

const web = join(root, "web");
const skip = existsSync(join(packageDist, "define.js")) ? undefined : "web/dist is not built";
const compressed = (name) => brotliCompressSync(readFileSync(join(packageDist, name))).length;

test("the core is at most 14 KiB of brotli, the worker 6", {skip}, () => {
  assert.ok(compressed("vitrine.script.js") <= 14 * 1024, `${compressed("vitrine.script.js")} bytes`);
  assert.ok(compressed("worker.js") <= 6 * 1024, `${compressed("worker.js")} bytes`);
});

const engine = join(root, "build-wasm", "wasm", "vitrine.wasm");
test("the engine is at most 60 KiB of brotli", {skip: existsSync(engine) ? undefined : `${engine} is not built`}, () => {
  const {length} = brotliCompressSync(readFileSync(engine));
  assert.ok(length <= 60 * 1024, `${length} bytes`);
});

test("every entry of the package is a file, with its types", {skip}, () => {
  const {exports} = JSON.parse(readFileSync(join(web, "package.json"), "utf8"));
  for (const entry of Object.values(exports).flatMap((each) => (typeof each === "string" ? [each] : Object.values(each)))) {
    assert.ok(existsSync(join(web, entry)), entry);
  }
});

test("what the core imports later is there", {skip}, () => {
  for (const name of ["vitrine.script.js", "define.js", "personal.js"]) {
    for (const [, file] of readFileSync(join(packageDist, name), "utf8").matchAll(/import\("\.\/([^"]+)"\)/g)) {
      assert.ok(existsSync(join(packageDist, file)), `${name} imports ${file}`);
    }
  }
});

test("publint finds nothing", {skip}, async () => {
  const {publint} = await import(join(web, "node_modules", "publint", "src", "index-node.js"));
  const {messages} = await publint({pkgDir: web, level: "suggestion", strict: true});
  assert.deepEqual(messages, []);
});

test("the types resolve under every kind of module resolution", {skip}, async () => {
  const {checkPackage, createPackageFromTarballData} =
    await import(join(web, "node_modules", "@arethetypeswrong", "core", "dist", "index.js"));
  const folder = mkdtempSync(join(tmpdir(), "vitrine-pack-"));
  try {
    const name = execFileSync("npm", ["pack", "--silent", "--pack-destination", folder], {cwd: web, encoding: "utf8"}).trim();
    const {problems} = await checkPackage(createPackageFromTarballData(new Uint8Array(readFileSync(join(folder, name)))),
      {excludeEntrypoints: ["./vitrine.css"]});
    // That require() of an ES module gives an ES module is what the package is.
    assert.deepEqual(problems.filter(({kind}) => kind !== "CJSResolvesToESM"), []);
  } finally {
    rmSync(folder, {recursive: true});
  }
});

test("the manifest names each element with its attributes, events, parts and properties", {skip}, () => {
  const {schemaVersion, modules} = JSON.parse(readFileSync(join(packageDist, "custom-elements.json"), "utf8"));
  assert.match(schemaVersion, /^1\./);
  const elements = Object.fromEntries(modules.flatMap(({path, declarations}) =>
    declarations.map((element) => [element.tagName, {path, ...element}])));
  const recs = elements["vitrine-recs"];
  const source = (name) => readFileSync(join(web, "src", "elements", name), "utf8");
  // What the sources say, each in its own way.
  const parts = new Set([...`${source("recs.ts")}${source("card.ts")}`.matchAll(/ part="([\w-]+)"/g)].map(([, part]) => part));
  assert.deepEqual(recs.cssParts.map(({name}) => name).sort(), [...parts].sort());
  const properties = new Set(source("styles.ts").match(/--vitrine-[\w-]+/g));
  assert.deepEqual(recs.cssProperties.map(({name}) => name).sort(), [...properties].sort());
  assert.deepEqual(recs.events.map(({name}) => name).sort(), ["add-to-cart", "empty", "error", "load", "select"]);
  assert.ok(recs.attributes.some(({name}) => name === "product-id"));
  const privacyParts = new Set([...source("privacy.ts").matchAll(/ part="([\w-]+)"/g)].map(([, part]) => part));
  assert.deepEqual(elements["vitrine-privacy"].cssParts.map(({name}) => name).sort(), [...privacyParts].sort());
  for (const {path, tagName} of Object.values(elements)) assert.ok(existsSync(join(web, path)), `${tagName}: ${path}`);
});

test("docs/storefront_api.md says what the types say", {skip}, () => {
  execFileSync(process.execPath, ["reference.mjs", "--check"], {cwd: web, stdio: "pipe"});
});

test("the lock file names no registry", () => {
  const lock = readFileSync(join(web, "package-lock.json"), "utf8");
  assert.doesNotMatch(lock, /"resolved"/);
});
