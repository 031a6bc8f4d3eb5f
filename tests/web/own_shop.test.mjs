// "See your own shop here": what one drops on the demo's page own.html becomes its shop. With a bundle that
// works on every static host; without one `vitrine serve --own-shops` makes it of tables and photos.
import assert from "node:assert/strict";
import {spawn} from "node:child_process";
import {cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from "node:fs";
import {request as httpRequest} from "node:http";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {test} from "node:test";
import {bundle, shop, site, vitrine, wasm} from "../e2e/bundle.mjs";
import {accessibilityViolations, listOf, openPage, PATIENCE_MS, settled, whyNot} from "./browser.mjs";
import {demoSite} from "./demo_site.mjs";

const skip = whyNot(join(site, "own.html"), join(site, "catalogue.json"), join(bundle, "manifest.json"));
const options = {skip, timeout: 5 * PATIENCE_MS};
const indexes = {...options, skip: skip ?? whyNot(vitrine, wasm, join(shop, "catalogue.csv"))};

const demo = demoSite(skip);

// For you, from the one look at a product that this page is.
async function answersInAWorker(page) {
  const {engine, list} = await page.evaluate(async () => {
    const recommender = (await import("./vitrine/vitrine.js")).sharedRecommender("bundle/");
    await recommender.warmUp();
    return {list: await recommender.forYou(), engine: (await recommender.diagnostics()).engine};
  });
  assert.deepEqual([engine, list.status], ["worker", "ready"], list.detail);
}

test("a static host: one's own bundle, photos and catalogue become the demo's shop, in this browser only, until removed", options, async () => {
  const folder = mkdtempSync(join(tmpdir(), "vitrine-own-"));
  const {page, context, seen} = await openPage(demo.browser);
  try {
    cpSync(join(site, "bundle"), join(folder, "bundle"), {recursive: true});
    const [product] = demo.catalogue.filter(({department, availability}) => /dresses/i.test(department) && availability === "in_stock");
    cpSync(join(site, product.image), join(folder, "photos", "deep", product.image.split("/").at(-1)));
    writeFileSync(join(folder, "mine.csv"), `ID;Description;Sizes\r\n${product.id};"A ""very"" own; text";4|5\r\n`);
    await page.goto(`${demo.server.url}own.html`);
    await page.setInputFiles("#own-csv", join(folder, "mine.csv"));
    await page.getByText("vitrine init --from mine.csv").waitFor();
    assert.equal(await page.locator("#own-open").isDisabled(), true, "without a bundle there is nothing to open");
    assert.deepEqual(await accessibilityViolations(page), []);
    await page.setInputFiles("#own-photos", join(folder, "photos"));
    await page.setInputFiles("#own-bundle", join(folder, "bundle"));
    await page.getByText(/^Bundle: /).waitFor();
    const asked = seen.requests.length;
    await page.locator("#own-open").click();
    await page.waitForURL(/own\/index\.html$/);
    await settled(page);
    await page.getByText(`${demo.catalogue.length.toLocaleString("en")} products`).waitFor();
    await page.goto(`${demo.server.url}own/product.html?id=${product.id}`);
    await page.getByText('A "very" own; text').waitFor();
    assert.equal(await page.locator("#buy [type=radio]").count(), 2);
    await settled(page);
    assert.equal((await listOf(page, "#similar")).status, "ready");
    assert.equal(await page.locator("#picture img").evaluate((image) => image.decode().then(() => image.naturalWidth > 0)), true);
    await answersInAWorker(page);
    await page.locator("#similar a.title").first().click();
    await page.waitForURL((url) => url.pathname === "/own/product.html" && !url.search.includes(product.id));
    assert.ok(seen.requests.slice(asked).every((request) => request.method() === "GET" && new URL(request.url()).origin === new URL(demo.server.url).origin));
    await page.goto(`${demo.server.url}own.html`);
    await page.getByRole("button", {name: "Remove it from this browser"}).click();
    await page.getByText("Nothing of it is left in this browser.").waitFor();
    assert.deepEqual(await page.evaluate(async () => [await caches.keys(), (await navigator.serviceWorker.getRegistrations()).length]), [[], 0]);
  } finally {
    await context.close();
    rmSync(folder, {recursive: true});
  }
});

// The first products of the demo shop as a shop of its own: a bare CSV and a folder of photos.
const PRODUCTS = 60;
function writeOwnFiles(folder) {
  const rows = readFileSync(join(shop, "catalogue.csv"), "utf8").split("\n").slice(0, PRODUCTS + 1);
  const photos = [...rows.join("\n").matchAll(/images\/([\w.-]+\.jpg)/g)].map(([, name]) => name);
  mkdirSync(join(folder, "images"), {recursive: true});
  for (const name of photos) cpSync(join(shop, "images", name), join(folder, "images", name));
  writeFileSync(join(folder, "our products.csv"), `${rows.join("\n")}\n`);
}

// `vitrine serve --own-shops`, which keeps what it is given below `temporary` only.
async function serveOwnShops(temporary) {
  const program = spawn(vitrine, ["serve", site, "--port", "0", "--own-shops", wasm],
    {stdio: ["ignore", "ignore", "pipe"], env: {...process.env, TMPDIR: temporary}});
  const url = await new Promise((resolve, reject) => {
    let said = "";
    program.stderr.on("data", (chunk) => {
      said += chunk;
      const [found] = /http:\S+\//.exec(said) ?? [];
      if (found) resolve(found);
    });
    program.on("exit", () => reject(new Error(said)));
  });
  return {url, end: () => new Promise((resolve) => program.on("exit", resolve) && program.kill("SIGTERM"))};
}

test("a bare CSV and photos become a shop: the real indexer makes the bundle, the real engine answers", indexes, async () => {
  const folder = mkdtempSync(join(tmpdir(), "vitrine-own-"));
  writeOwnFiles(folder);
  mkdirSync(join(folder, "temporary"));
  const program = await serveOwnShops(join(folder, "temporary"));
  const {page, context, seen} = await openPage(demo.browser);
  try {
    await page.goto(`${program.url}own.html`);
    await page.setInputFiles("#own-csv", join(folder, "our products.csv"));
    await page.setInputFiles("#own-photos", join(folder, "images"));
    await page.locator("#own-index").click();
    await page.getByText(new RegExp(`^Bundle: My shop, ${PRODUCTS} products`)).waitFor();
    assert.match(await page.locator("#own-log").textContent(), /; 0 products without a usable photo/);
    assert.deepEqual(await accessibilityViolations(page), []);
    const left = await fetch(`${program.url}own-shop/bundle/manifest.json`);
    assert.equal(left.status, 404, "the program keeps nothing of it");
    await page.locator("#own-open").click();
    await page.waitForURL(/own\/index\.html$/);
    await page.locator("#grid a").first().click();
    await page.waitForURL(/own\/product\.html/);
    await settled(page);
    const similar = await listOf(page, "#similar");
    assert.equal(similar.status, "ready", similar.detail);
    assert.ok(similar.items.length >= 4);
    const widths = await page.locator("#similar").evaluate((list) => Promise.all(
      [...list.shadowRoot.querySelectorAll("img")].slice(0, 3).map((image) => image.decode().then(() => image.naturalWidth))));
    assert.ok(widths.every((width) => width > 0), "with their photos");
    await answersInAWorker(page);
    assert.ok(seen.requests.every((request) => new URL(request.url()).origin === new URL(program.url).origin));
  } finally {
    await context.close();
    await program.end();
  }
  assert.deepEqual(readdirSync(join(folder, "temporary")), [], "nothing is left on the disk");
  rmSync(folder, {recursive: true});
});

// A request with headers that a browser's fetch would not let a test set.
const ask = (url, method, path, headers) => new Promise((resolve, reject) => {
  const {hostname, port} = new URL(url);
  httpRequest({hostname, port, method, path, headers}, (response) => {
    response.resume().on("end", () => resolve(response.statusCode));
  }).on("error", reject).end("x");
});

test("what cannot be indexed is said, and other sites' pages have no say", indexes, async () => {
  const folder = mkdtempSync(join(tmpdir(), "vitrine-own-"));
  const program = await serveOwnShops(folder);
  const {page, context} = await openPage(demo.browser);
  try {
    await page.goto(`${program.url}own.html`);
    await page.setInputFiles("#own-csv", {name: "nothing.csv", mimeType: "text/csv", buffer: Buffer.from("red,green\n1,2\n")});
    await page.locator("#own-index").click();
    await page.getByText("could not make a bundle").waitFor();
    assert.match(await page.locator("#own-log").innerText(), /nothing\.csv/);
    const own = {"x-vitrine-own-shop": "1"};
    assert.equal(await ask(program.url, "PUT", "/own-shop/files/a.csv", {}), 403, "without the header");
    assert.equal(await ask(program.url, "POST", "/own-shop/bundle", {...own, host: "shop.example"}), 403, "under another name");
    assert.equal(await ask(program.url, "GET", "/own-shop/bundle/manifest.json", {host: "shop.example"}), 403);
    for (const path of ["..%2F..%2Fa.csv", "%2Fetc%2Fa.csv", "..%2fa.jpg", "a.html"]) {
      assert.equal(await ask(program.url, "PUT", `/own-shop/files/${path}`, own), 415, path);
    }
    assert.equal(await ask(program.url, "GET", "/own-shop/bundle/..%2Flog", {}), 404);
  } finally {
    await context.close();
    await program.end();
    rmSync(folder, {recursive: true});
  }
});
