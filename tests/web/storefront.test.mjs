// The demo shop in a real browser: VITRINE_DEMO_SITE names its folder (default build/demo).
import assert from "node:assert/strict";
import {existsSync, readFileSync} from "node:fs";
import {join} from "node:path";
import {after, before, test} from "node:test";
import {setTimeout as pause} from "node:timers/promises";
import {site} from "../e2e/bundle.mjs";
import {accessibilityViolations, launch, listOf, openPage, PATIENCE_MS, settled, whyNot} from "./browser.mjs";
import {serve, STRICT_CSP} from "./server.mjs";
import {agree, isDress, leavesNothing, looksAtRedDresses, readsReasons, redDresses, viewAll} from "./visits.mjs";

const skip = whyNot(join(site, "index.html"), join(site, "catalogue.json"), join(site, "bundle", "manifest.json"));
const options = {skip, timeout: 5 * PATIENCE_MS};

// What every browser of one kind says alike, and what names the document, which is the shop's own.
const ANONYMOUS_HEADERS = ["accept", "accept-encoding", "accept-language", "cache-control", "connection", "host",
  "if-modified-since", "if-none-match", "origin", "pragma", "purpose", "referer", "upgrade-insecure-requests", "user-agent"];

let browser;
let server;
let dresses;

before(async () => {
  if (skip) return;
  browser = await launch();
  server = await serve([site], {headers: {"content-security-policy": STRICT_CSP}});
  dresses = redDresses(site);
});

after(async () => {
  await browser?.close();
  await server?.close();
});

test("three red dresses turn the home page's list towards red and dresses", options, async () => {
  const opened = await openPage(browser);
  await looksAtRedDresses(opened, server.url, dresses);
  await opened.context.close();
});

test("a product page shows what is bought together and what is similar, each with its reason", options, async () => {
  const opened = await openPage(browser);
  await readsReasons(opened, server.url, dresses[0]);
  await opened.context.close();
});

// What went over the line; of a request that its page gave up before it did, what it would have said.
const headersOf = (request) => Promise.race([request.allHeaders(), pause(2000).then(() => request.headers())]);

test("a visit asks for static files of the shop and of nothing else", options, async () => {
  const {page, context, seen} = await openPage(browser);
  page.on("websocket", (socket) => assert.fail(`a socket to ${socket.url()}`));
  await page.goto(server.url);
  await settled(page);
  await agree(page);
  await viewAll(page, dresses.slice(0, 3), server.url);
  await page.locator("#similar a.title").first().click();
  await page.waitForURL((url) => !url.href.includes(dresses[2].id));
  await settled(page);
  await page.goBack();
  await settled(page);
  await page.locator("#buy [type=radio]").first().check({force: true}).catch(() => {});
  await page.locator("#buy button").click();
  await page.goto(`${server.url}cart.html`);
  await settled(page);
  await page.goto(server.url);
  await settled(page);
  await page.getByRole("button", {name: "Forget everything"}).click();
  await page.waitForFunction(() => document.querySelector("#for-you").status === "fallback");
  assert.ok(seen.requests.length > 20);
  for (const request of seen.requests) {
    const url = new URL(request.url());
    assert.equal(url.origin, new URL(server.url).origin, request.url());
    assert.equal(request.method(), "GET", request.url());
    assert.equal(request.postData(), null);
    if (request.resourceType() === "document") continue;
    assert.equal(url.search, "", `${request.url()} has a query string`);
    const headers = Object.keys(await headersOf(request)).filter((name) => !name.startsWith("sec-") && !name.startsWith(":"));
    assert.deepEqual(headers.filter((name) => !ANONYMOUS_HEADERS.includes(name)), [], request.url());
    assert.ok(existsSync(join(site, decodeURIComponent(url.pathname))), `${url.pathname} is a file of the shop`);
  }
  assert.ok(seen.requests.some((request) => request.url().endsWith(".wasm")), "the engine was used");
  assert.deepEqual(await context.cookies(), []);
  assert.deepEqual(seen.problems, []);
  await context.close();
});

test("nothing is stored before consent, and nothing is left after it is taken back", options, async () => {
  const opened = await openPage(browser);
  await leavesNothing(opened, server.url, dresses[0]);
  await opened.context.close();
});

for (const [what, setup] of Object.entries({
  "light": {colorScheme: "light"}, "dark": {colorScheme: "dark"}, "on a telephone": {viewport: {width: 390, height: 780}},
})) {
  for (const name of ["index.html", "product.html", "cart.html"]) {
    test(`${name}, ${what}: no accessibility violation, and nothing on it moves`, options, async () => {
      const {page, context, shift} = await openPage(browser, {...setup, reducedMotion: "reduce"});
      const query = name === "product.html" ? `?id=${encodeURIComponent(dresses[0].id)}` : "";
      await page.goto(`${server.url}${name}${query}`);
      await page.waitForLoadState("load");
      await settled(page);
      await page.waitForTimeout(300);  // a shift that follows the answer
      const {value, sources} = await shift();
      assert.equal(value, 0, `moved: ${sources.join(", ")}`);
      assert.deepEqual(await accessibilityViolations(page), []);
      await context.close();
    });
  }
}

// Three views, then the shopper's own list, with a part of the browser taken away.
async function forYouWithout(headers, block) {
  const limited = await serve([site], {headers});
  const {page, context} = await openPage(browser);
  try {
    if (block) await page.route(block, (route) => route.abort());
    await page.goto(limited.url);
    await settled(page);
    await agree(page);
    await viewAll(page, dresses.slice(0, 3), limited.url);
    assert.equal((await listOf(page, "#similar")).status, "ready", "the product page needs nothing of it");
    await page.goto(limited.url);
    await settled(page);
    const {engine} = await page.evaluate(async () =>
      (await import("./vitrine/vitrine.js")).sharedRecommender("bundle/").diagnostics());
    return {...await listOf(page, "#for-you"), engine};
  } finally {
    await context.close();
    await limited.close();
  }
}

test("baseUrl, wasmUrl, workerUrl and shopUrl: each file comes from where the shop says", options, async () => {
  const {wasm} = JSON.parse(readFileSync(join(site, "bundle", "manifest.json"), "utf8")).engine;
  const moved = {"/engines/one.wasm": join("bundle", wasm.file), "/scripts/w.js": join("vitrine", "worker.js")};
  const elsewhere = await serve([site], {headers: {"content-security-policy": STRICT_CSP}, handle: (request, response) => {
    if (request.url === "/blank.html") return response.writeHead(200, {"content-type": "text/html"}).end("<!doctype html><title>Blank</title>"), true;
    const path = request.url.startsWith("/recs/") ? request.url.replace("/recs/", "/bundle/") : `/${moved[request.url] ?? ""}`;
    if (path === "/") return false;
    response.writeHead(200, {"content-type": path.endsWith(".js") ? "text/javascript" : "application/octet-stream"})
      .end(readFileSync(join(site, path)));
    return true;
  }});
  const {page, context, seen} = await openPage(browser);
  await page.goto(`${elsewhere.url}blank.html`);
  const {items, engine} = await page.evaluate(async (id) => {
    const {openRecommender} = await import("./vitrine/vitrine.js");
    const recommender = openRecommender({baseUrl: "/recs/", wasmUrl: "/engines/one.wasm", workerUrl: "/scripts/w.js", shopUrl: "https://shop.example/de/"});
    recommender.track({kind: "view", id});
    await recommender.warmUp();
    return {...await recommender.forYou(), engine: (await recommender.diagnostics()).engine};
  }, dresses[0].id);
  assert.equal(engine, "worker");
  assert.ok(items.length > 0 && items.every(({image, url}) => [image, url].every((address) => address.startsWith("https://shop.example/de/"))));
  const asked = seen.requests.map((request) => new URL(request.url()).pathname);
  for (const path of Object.keys(moved)) assert.ok(asked.includes(path), `${path} of ${asked.join(" ")}`);
  assert.ok(asked.some((path) => path.startsWith("/recs/cards/")) && !asked.some((path) => path.endsWith(wasm.file)));
  await context.close();
  await elsewhere.close();
});

test("without workers the engine answers in the page", options, async () => {
  const {status, engine, items} = await forYouWithout({"content-security-policy": STRICT_CSP.replace("worker-src 'self'", "worker-src 'none'")});
  assert.deepEqual([status, engine], ["ready", "main"]);
  assert.ok(items.length >= 4);
});

test("a worker whose script is gone is done without", options, async () => {
  const {status, engine} = await forYouWithout({"content-security-policy": STRICT_CSP}, "**/worker.js");
  assert.deepEqual([status, engine], ["ready", "main"]);
});

test("where WebAssembly is forbidden, the page shards still make a personal list", options, async () => {
  const csp = STRICT_CSP.replace(" 'wasm-unsafe-eval'", "");
  const {status, detail, engine, items} = await forYouWithout({"content-security-policy": csp});
  assert.deepEqual([status, engine], ["fallback", "failed"], detail);
  assert.ok(items.filter(({colour, department}) => /^red$/i.test(colour) || isDress({title: "", department})).length > items.length / 2);
  assert.ok(items.every(({reasonText}) => /^Because you looked at/.test(reasonText)));
});
