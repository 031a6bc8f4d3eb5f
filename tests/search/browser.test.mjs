// Search in a real browser: the element, the model on the device, and what goes wrong.
import assert from "node:assert/strict";
import {existsSync, readFileSync, statSync, unlinkSync} from "node:fs";
import {join} from "node:path";
import {after, before, test} from "node:test";
import {accessibilityViolations, launch, openPage, packageDist, PATIENCE_MS, root, whyNot} from "../web/browser.mjs";
import {serve, STRICT_CSP} from "../web/server.mjs";
import {cards, run, shop as demoShop, site as demo} from "../e2e/bundle.mjs";
import {buildTinyShop, makeSite, noShop} from "./support.mjs";

const skip = noShop || whyNot(join(packageDist, "search.js"));
const demoPhotos = join(demoShop, "images");
const options = {skip, timeout: 4 * PATIENCE_MS};
const csp = STRICT_CSP.replace("img-src 'self'", "img-src 'self' data:");
let browser, shop, dir, site;
// What the server refuses or does to a request; set by a test.
let fault = () => undefined;

before(async () => {
  if (skip) return;
  shop = await buildTinyShop();
  dir = makeSite(shop);
  browser = await launch();
  site = await serve([dir], {headers: {"content-security-policy": csp}, handle: (request, response) => {
    const answer = fault(request.url);
    if (answer === undefined) return false;
    response.writeHead(answer.status ?? 200, {"content-security-policy": csp, "content-type": "text/html; charset=utf-8", ...answer.headers}).end(answer.body ?? "");
    return true;
  }});
});
after(async () => {
  await browser?.close();
  await site?.close();
  shop?.remove();
});

async function open({context: given, headers} = {}) {
  fault = headers ? (url) => (url === "/" ? {headers, body: readFileSync(join(dir, "index.html"))} : undefined) : () => undefined;
  const opened = given ?? await openPage(browser);
  await opened.page.goto(site.url);
  await opened.page.waitForFunction(() => document.querySelector("vitrine-search")?.shadowRoot?.querySelector("input"));
  return opened;
}

const field = (page) => page.getByRole("combobox", {name: "Search this shop"});
const ofModel = (request) => /\/ort\/|search\/(text|image)\./.test(request.url());
const searchState = (page, state) => page.waitForFunction((wanted) => document.querySelector("vitrine-search").state === wanted, state);
const answerOf = (page) => page.evaluate(() => {
  const {answer, state} = document.querySelector("vitrine-search");
  return {...answer, state};
});
const search = (page, text, more = {}) => page.evaluate(async ([words, wish]) => {
  const {sharedRecommender} = await import("/vitrine/vitrine.js");
  const states = [];
  const answer = await sharedRecommender("bundle/").search(words, {...wish, onUpdate: ({state}) => states.push(state)});
  return {...answer, states};
}, [text, more]);
const soldOut = (id) => shop.products.find((product) => product.id === id).availability === "out_of_stock";

test("nothing of search is requested before the shopper searches, and no model before it is wanted", options, async () => {
  const {page, context, seen} = await open();
  await page.waitForLoadState("networkidle");
  assert.deepEqual(seen.requests.map((request) => request.url()).filter((url) => /bundle\/search|search_worker|\/ort\//.test(url)), []);
  await field(page).fill("red");
  await page.getByRole("option").first().waitFor();
  assert.ok(seen.requests.some((request) => /search\/index\./.test(request.url())));
  assert.deepEqual(seen.requests.filter(ofModel), []);
  assert.deepEqual(seen.problems, []);
  await context.close();
});

test("words are answered at once, then by meaning; every request is a plain GET", options, async () => {
  const {page, context, seen} = await open();
  await field(page).fill("red");
  await field(page).press("Enter");
  await searchState(page, "done");
  const {items} = await answerOf(page);
  const colourOf = (id) => shop.products.find((product) => product.id === id).colour;
  assert.ok(items.slice(0, 5).every(({id}) => colourOf(id) === "Red"), JSON.stringify(items.slice(0, 5).map(({id}) => id)));
  const {states} = await search(page, "red");
  assert.deepEqual(states, ["sharpening"]);
  assert.deepEqual(seen.problems, []);
  for (const request of seen.requests) {
    assert.equal(request.method(), "GET");
    assert.equal(new URL(request.url()).search, "");
    assert.equal(request.postData(), null);
  }
  await context.close();
});

test("a word that no product has is found by its meaning", options, async () => {
  const {page, context} = await open();
  const {items, state} = await search(page, "teal", {limit: 5});
  assert.equal(state, "done");
  assert.equal(items.length, 5);
  await context.close();
});

test("a photo finds products of its colours, a part of it can be chosen, and it goes nowhere", options, async () => {
  const {page, context, seen} = await open();
  const bought = shop.products.filter(({id}) => !soldOut(id)).slice(0, 20);
  const first = await page.evaluate(async (ids) => {
    const recommender = (await import("/vitrine/vitrine.js")).sharedRecommender("bundle/");
    const found = [];
    for (const id of ids) {
      const photo = await (await fetch(`images/${id}.jpg`)).blob();
      const {items} = await recommender.searchByImage(photo, {limit: 5});
      found.push(items.map((item) => item.colour));
    }
    return found;
  }, bought.map(({id}) => id));
  const hit = bought.filter(({colour}, i) => first[i].includes(colour.toLowerCase())).length;
  // Sixteen colours: by chance five of twenty products or so.
  assert.ok(hit >= 10, `${hit} of ${bought.length} have their colour among the first five`);
  await page.locator("vitrine-search input[type=file]").setInputFiles(join(shop.folder, "images", `${bought[0].id}.jpg`));
  await searchState(page, "done");
  await page.getByText("The photo stays on this device.").waitFor();
  const before = await answerOf(page);
  const corner = page.getByRole("button", {name: /Bottom right corner/});
  await corner.focus();
  for (let i = 0; i < 12; i++) await page.keyboard.press("ArrowUp");
  assert.match(await corner.getAttribute("aria-label"), /100 % from the left, 76 % from the top/);
  await page.getByRole("button", {name: "Search with this part"}).click();
  await page.waitForFunction((id) => document.querySelector("vitrine-search").answer?.searchId !== id, before.searchId);
  assert.equal((await answerOf(page)).state, "done");
  assert.ok(seen.requests.every((request) => request.method() === "GET" && request.postData() === null));
  await context.close();
});

test("suggestions by keyboard, results, filters and photo are accessible", options, async () => {
  const {page, context} = await open();
  await field(page).focus();
  await field(page).pressSequentially("re");
  await page.getByRole("option").first().waitFor();
  assert.equal(await field(page).getAttribute("aria-expanded"), "true");
  await page.keyboard.press("ArrowDown");
  assert.equal(await field(page).getAttribute("aria-activedescendant"), "option-0");
  assert.deepEqual(await accessibilityViolations(page), []);
  const chosen = await page.getByRole("option").first().innerText();
  await page.keyboard.press("Enter");
  await searchState(page, "done");
  assert.equal(await field(page).inputValue(), chosen);
  await page.getByRole("status").filter({hasText: /products/}).waitFor();
  const select = page.getByLabel("For");
  const value = await select.locator("option").nth(1).getAttribute("value");
  await select.selectOption(value);
  await page.waitForFunction((audience) => document.querySelector("vitrine-search").answer.items.every((item) => item.audience === audience), value);
  assert.deepEqual(await accessibilityViolations(page), []);
  await context.close();
});

test("like this but red; cheaper; and labels without training", options, async () => {
  const {page, context} = await open();
  const anchor = shop.products.find(({colour, id}) => colour === "Blue" && !soldOut(id));
  const {red, cheap, labels} = await page.evaluate(async (id) => {
    const recommender = (await import("/vitrine/vitrine.js")).sharedRecommender("bundle/");
    const part = await recommender.searcher();
    return {
      red: (await part.like(id, "red", {limit: 5})).items, cheap: (await part.like(id, "cheaper", {limit: 5})).items,
      labels: await part.labels({id}, ["red", "blue", "yellow"]),
    };
  }, anchor.id);
  assert.ok(red.length > 0 && red.slice(0, 3).every(({colour}) => colour === "red"), JSON.stringify(red.map(({id}) => id)));
  const price = Number(anchor.price);
  assert.ok(cheap.length > 0 && cheap.every((item) => item.price < price), `${cheap.map((item) => item.price)} of ${price}`);
  assert.equal(labels.reduce((best, each) => (each.probability > best.probability ? each : best)).label, "blue");
  await context.close();
});

test("without wasm-unsafe-eval words are answered in plain JavaScript, and it says so", options, async () => {
  const {page, context} = await open({headers: {"content-security-policy": csp.replace(" 'wasm-unsafe-eval'", "")}});
  const strict = csp.replace(" 'wasm-unsafe-eval'", "");
  fault = (url) => (url === "/vitrine/search_worker.js"
    ? {headers: {"content-security-policy": strict, "content-type": "text/javascript"}, body: readFileSync(join(dir, "vitrine/search_worker.js"))} : undefined);
  const {items, state, detail} = await search(page, "red", {limit: 5});
  assert.equal(state, "instant");
  assert.match(detail, /WebAssembly|wasm|eval/i);
  assert.ok(items.length > 0);
  assert.ok((await page.evaluate(async () => (await (await import("/vitrine/vitrine.js")).sharedRecommender("bundle/").searcher()).suggest("re"))).length > 0);
  await context.close();
});

test("a blocked model host, a full device and a cancelled download leave the instant answer, and it says so", options, async () => {
  const blocked = await open();
  fault = (url) => (/search\/text\./.test(url) ? {status: 403} : undefined);
  const refused = await search(blocked.page, "red");
  assert.deepEqual([refused.state, refused.states], ["instant", ["sharpening"]]);
  assert.match(refused.detail, /403/);
  assert.ok(refused.items.length > 0);
  fault = (url) => (/\/ort\//.test(url) ? {status: 404} : undefined);
  const without = await search(blocked.page, "red");
  assert.equal(without.state, "instant");
  assert.ok(without.items.length > 0);
  fault = () => undefined;  // the host is back
  const back = await search(blocked.page, "red");
  assert.equal(back.state, "done", back.detail);
  await blocked.context.close();

  const full = await openPage(browser);
  await full.context.addInitScript(() => {
    if (globalThis.Worker) globalThis.Worker = class { constructor() { throw new Error("no worker"); } };
    Cache.prototype.put = () => Promise.reject(new DOMException("quota", "QuotaExceededError"));
  });
  await open({context: full});
  const kept = await search(full.page, "red");
  assert.equal(kept.state, "done", kept.detail);
  await full.context.close();

  const slow = await open();
  const cancelled = await slow.page.evaluate(async () => {
    const recommender = (await import("/vitrine/vitrine.js")).sharedRecommender("bundle/");
    const abort = new AbortController();
    return recommender.search("red", {signal: abort.signal, onUpdate: () => abort.abort()});
  });
  assert.equal(cancelled.state, "instant");
  assert.ok(cancelled.items.length > 0);
  await slow.context.close();
});

// Without its worker search runs in the page, whose clock and memory a test can set.
const withoutWorker = (url) => (url === "/vitrine/search_worker.js" ? {status: 404} : undefined);

test("a model is let go after a minute without questions, and comes back with the next one", options, async () => {
  const given = await openPage(browser);
  await given.page.clock.install();
  const {page, context} = await open({context: given});
  const real = readFileSync(join(dir, "vitrine/ort/ort.wasm.min.js"));
  const counting = `import * as ort from "./real.js";
    globalThis.sessions = {opened: 0, released: 0};
    export const {env, Tensor} = ort;
    export const InferenceSession = {async create(...model) {
      const session = await ort.InferenceSession.create(...model);
      ++globalThis.sessions.opened;
      return {run: (...feeds) => session.run(...feeds), release: async () => {
        await session.release();
        ++globalThis.sessions.released;
      }};
    }};`;
  const headers = {"content-type": "text/javascript"};
  fault = (url) => withoutWorker(url) ?? (url === "/vitrine/ort/ort.wasm.min.js" ? {headers, body: counting}
    : url === "/vitrine/ort/real.js" ? {headers, body: real} : undefined);
  const sessions = () => page.evaluate(() => globalThis.sessions);
  assert.equal((await search(page, "red")).state, "done");
  assert.equal((await search(page, "blue")).state, "done");
  await page.clock.fastForward(50_000);
  assert.deepEqual(await sessions(), {opened: 1, released: 0});
  await page.clock.fastForward(20_000);
  await page.waitForFunction(() => globalThis.sessions.released === 1);
  assert.equal((await search(page, "green")).state, "done");
  assert.deepEqual(await sessions(), {opened: 2, released: 1});
  await context.close();
});

test("a device that reports too little memory gets no model, and words are answered all the same", options, async () => {
  const given = await openPage(browser);
  await given.page.addInitScript(() => Object.defineProperty(navigator, "deviceMemory", {value: 1e-6}));
  const {page, context, seen} = await open({context: given});
  fault = withoutWorker;
  const {items, state, detail} = await search(page, "red");
  assert.equal(state, "instant");
  assert.match(detail, /too little/);
  assert.ok(items.length > 0);
  const photo = await page.evaluate(async (id) => {
    const recommender = (await import("/vitrine/vitrine.js")).sharedRecommender("bundle/");
    return recommender.searchByImage(await (await fetch(`images/${id}.jpg`)).blob());
  }, shop.products[0].id);
  assert.equal(photo.items.length, 0);
  assert.match(photo.detail, /too little/);
  assert.deepEqual(seen.requests.filter(ofModel), []);
  await context.close();
});

const demoReady = existsSync(join(demo, "bundle/manifest.json")) && existsSync(join(demoPhotos, "d1001-orange.jpg"));

test("with MobileNetV2 the photographed product of the demo shop is found first", {
  skip: skip || (demoReady ? false : "the demo is not built: ./run demo"), timeout: 4 * PATIENCE_MS,
}, async () => {
  const shopSite = await serve([demo, join(root, "web"), join(demoPhotos, "..")], {handle: (request, response) => {
    if (request.url !== "/blank.html") return false;
    response.writeHead(200, {"content-type": "text/html; charset=utf-8"}).end("<!doctype html><title>Shop</title>");
    return true;
  }});
  const {page, context} = await openPage(browser);
  await page.goto(`${shopSite.url}blank.html`);
  const sold = cards(join(demo, "bundle")).filter(({availability}) => availability !== "out_of_stock");
  const ids = Array.from({length: 8}, (_, i) => sold[Math.floor((i * sold.length) / 8)].id);
  const found = await page.evaluate(async (wanted) => {
    const recommender = (await import("/dist/vitrine.js")).openRecommender({baseUrl: new URL("/bundle/", location.href).href});
    const first = [];
    for (const id of wanted) {
      const {items, detail} = await recommender.searchByImage(await (await fetch(`/images/${id}.jpg`)).blob(), {limit: 1});
      first.push(items[0]?.id ?? detail);
    }
    return first;
  }, ids);
  assert.deepEqual(found, ids);
  await context.close();
  await shopSite.close();
});

test("a model that was downloaded once is not downloaded again", options, async () => {
  const {page, context, seen} = await open();
  assert.equal((await search(page, "red")).state, "done");
  const before = seen.requests.filter((request) => /search\/text\./.test(request.url())).length;
  assert.ok(before > 0);
  await page.reload();
  await page.waitForFunction(() => document.querySelector("vitrine-search")?.shadowRoot);
  assert.equal((await search(page, "blue")).state, "done");
  assert.equal(seen.requests.filter((request) => /search\/text\./.test(request.url())).length, before);
  await context.close();
});

test("a combined model is split: the towers in the bundle are smaller than it and give the same answers", {skip: noShop, timeout: 4 * PATIENCE_MS}, async () => {
  const combined = await buildTinyShop({encoder: "tiny-colours-combined"});
  try {
    const manifest = JSON.parse(readFileSync(join(combined.bundle, "manifest.json"), "utf8"));
    const {encoder} = JSON.parse(readFileSync(join(combined.bundle, manifest.search.file), "utf8"));
    const whole = statSync(join(combined.models, "tiny-colours-combined/model.onnx")).size;
    for (const tower of [encoder.text, encoder.image]) {
      const bytes = tower.model.reduce((sum, piece) => sum + piece.bytes, 0);
      assert.ok(bytes > 0 && bytes < whole);
      assert.equal(Object.keys(tower.inputs).some((name) => name === "pixel_values"), tower === encoder.image);
    }
    assert.match(readFileSync(join(combined.bundle, encoder.licence_file.file), "utf8"), /Licence: MIT[\s\S]*Permission is hereby granted/);
    assert.equal((await run(["verify", combined.bundle])).code, 0);
    unlinkSync(join(combined.bundle, encoder.text.tokenizer.file));
    assert.notEqual((await run(["verify", combined.bundle])).code, 0);
    assert.ok(!existsSync(join(combined.bundle, "search/undefined")));
  } finally {
    combined.remove();
  }
});
