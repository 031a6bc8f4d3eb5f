// The package as npm would install it, in shops made with other people's tools: each is built, opened
// in a real browser, and must show a product's list and a personal one from the engine.
import assert from "node:assert/strict";
import {execFileSync, spawnSync} from "node:child_process";
import {cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from "node:fs";
import {createRequire} from "node:module";
import {join} from "node:path";
import {after, before, test} from "node:test";
import {launch, listOf, openPage, packageDist, PATIENCE_MS, root, settled, whyNot} from "./browser.mjs";
import {bundle, pages} from "../e2e/bundle.mjs";
import {examples} from "./documentation.mjs";
import {serve, STRICT_CSP} from "./server.mjs";

const fixtures = join(root, "tests", "web", "fixtures");
const modules = join(fixtures, "node_modules");
const skip = whyNot(join(packageDist, "define.js"), join(modules, "vite"), join(bundle, "manifest.json"));
const options = {skip, timeout: 5 * PATIENCE_MS};
const fromFixtures = createRequire(join(fixtures, "package.json"));

let browser;
let work;
let product;

before(async () => {
  if (skip) return;
  work = mkdtempSync(join(fixtures, "work-"));  // beside node_modules, where the tools look for it
  const name = execFileSync("npm", ["pack", "--silent", "--pack-destination", work], {cwd: join(root, "web"), encoding: "utf8"}).trim();
  rmSync(join(modules, "vitrine"), {recursive: true, force: true});
  mkdirSync(join(modules, "vitrine"));
  execFileSync("tar", ["-xzf", join(work, name), "-C", join(modules, "vitrine"), "--strip-components=1"]);
  product = someProduct();
  browser = await launch();
});

after(async () => {
  await browser?.close();
  if (work) rmSync(work, {recursive: true, force: true});
});

function someProduct() {
  return [...pages(bundle)].find(([, page]) => page.similar.length >= 4)[0];
}

// The fixture's sources, about a product of the demo shop.
function sources(name, into = name) {
  const folder = join(work, into);
  mkdirSync(folder);
  for (const file of readdirSync(join(fixtures, name))) {
    writeFileSync(join(folder, file), readFileSync(join(fixtures, name, file), "utf8").replaceAll("PRODUCT", product));
  }
  return folder;
}

// The built shop with the demo shop's bundle beside it.
function site(folder) {
  cpSync(bundle, join(folder, "bundle"), {recursive: true});
  return serve([folder], {headers: {"content-security-policy": STRICT_CSP}});
}

/** Opens the shop and looks at its lists; the engine must run in as many workers. */
async function check(url, workers = 1) {
  const {page, context, seen} = await openPage(browser);
  try {
    await page.goto(url);
    await page.waitForSelector("#for-you");
    await page.waitForFunction(() => document.querySelector("#for-you").recommendations);
    await settled(page);
    const similar = await listOf(page, "vitrine-recs[type=similar]");
    assert.equal(similar.status, "ready", similar.detail);
    assert.ok(similar.items.length >= 4 && similar.painted.every((text) => text !== ""));
    await page.waitForFunction(() => document.querySelector("#for-you").recommendations.items[0]?.reason.kind !== "popular");
    const forYou = await listOf(page, "#for-you");
    assert.equal(forYou.status, "ready", forYou.detail);
    assert.equal(page.workers().length, workers);
    // The shop's photos are not here.
    assert.deepEqual(seen.problems.filter((text) => !/Failed to load resource/.test(text)), []);
    return {page, context};
  } catch (error) {
    await context.close();
    throw error;
  }
}

test("a plain page with a script tag", options, async () => {
  const folder = sources("plain");
  cpSync(join(modules, "vitrine", "dist"), join(folder, "vitrine"), {recursive: true});
  const {url, close} = await site(folder);
  const {context} = await check(url);
  await context.close();
  await close();
});

const vite = () => join(modules, "vite", "dist", "node", "index.js");

// `files`: sources beside the fixture's own, by name.
async function viteBuild(name, files = {}) {
  const {build} = await import(vite());
  const folder = sources(name);
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
  const configFile = files["vite.config.js"] ? join(folder, "vite.config.js") : false;
  await build({root: folder, base: "./", configFile, logLevel: "error", build: {outDir: join(folder, "dist")}});
  return join(folder, "dist");
}

test("Vite, built", options, async () => {
  const {url, close} = await site(await viteBuild("vite"));
  const {context} = await check(url);
  await context.close();
  await close();
});

// Vite's pre-bundling moves the package away from its worker: the engine then answers in the page.
for (const [how, exclude, workers] of [["as it comes", [], 0], ["told to leave the package as it is", ["vitrine"], 1]]) {
  test(`Vite's development server, ${how}`, options, async () => {
    const {createServer} = await import(vite());
    const folder = sources("vite", `vite-dev-${workers}`);
    cpSync(bundle, join(folder, "public", "bundle"), {recursive: true});
    const server = await createServer({root: folder, configFile: false, logLevel: "error", optimizeDeps: {exclude},
      server: {port: 0, host: "127.0.0.1"}, cacheDir: join(folder, "cache")});
    try {
      await server.listen();
      const {context} = await check(server.resolvedUrls.local[0], workers);
      await context.close();
    } finally {
      await server.close();
    }
  });
}

test("webpack 5", options, async () => {
  const webpack = fromFixtures("webpack");
  const folder = sources("webpack");
  const dist = join(folder, "dist");
  const stats = await new Promise((resolve, reject) => {
    webpack({mode: "production", context: folder, entry: "./main.js", output: {path: dist, filename: "main.js"}, performance: false},
      (error, result) => (error ? reject(error) : resolve(result)));
  });
  const {errors, warnings} = stats.toJson({all: false, errors: true, warnings: true});
  assert.deepEqual([errors, warnings], [[], []]);
  cpSync(join(folder, "index.html"), join(dist, "index.html"));
  const {url, close} = await site(dist);
  const {context} = await check(url);
  await context.close();
  await close();
});

test("React 19, as its guide says, with types", options, async () => {
  const dist = await viteBuild("react", {
    "ProductRecommendations.tsx": examples("platforms/react.md", "tsx")[0], "vitrine.d.ts": examples("platforms/react.md", "ts")[0]});
  const tsc = spawnSync(process.execPath, [join(root, "web", "node_modules", "typescript", "bin", "tsc"), "-p", join(work, "react")]);
  assert.equal(tsc.stdout.toString(), "");
  const {url, close} = await site(dist);
  const {page, context} = await check(url);
  await addsToCart(page);
  await context.close();
  await close();
});

test("Vue 3, as its guide says", options, async () => {
  const {url, close} = await site(await viteBuild("vue", {
    "ProductRecommendations.vue": examples("platforms/vue.md", "vue")[0], "vite.config.js": examples("platforms/vue.md", "js")[0]}));
  const {page, context} = await check(url);
  await addsToCart(page);
  await context.close();
  await close();
});

// The framework hears our events and hands us objects.
async function addsToCart(page) {
  const list = page.locator("vitrine-recs >> nth=0");
  const [first] = (await listOf(page, "vitrine-recs >> nth=0")).items;
  await list.getByRole("button", {name: /^Add to cart/}).first().click();
  await page.waitForFunction((id) => document.querySelector("#added").textContent === id, first.id);
  assert.equal(await page.locator("vitrine-recs[type=similar]").evaluate((element) => element.query.filters.priceMax), 80);
}
