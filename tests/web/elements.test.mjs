// The elements in a real browser, on a small shop without an engine (fixture.mjs).
import assert from "node:assert/strict";
import {cpSync, mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {after, before, test} from "node:test";
import {accessibilityViolations, launch, listOf, openPage, packageDist, PATIENCE_MS, settled, whyNot} from "./browser.mjs";
import {writeShop} from "./fixture.mjs";
import {serve, STRICT_CSP} from "./server.mjs";
import {hostileBody, meetsHostileData, TRUSTED_BODY, TRUSTED_TYPES_CSP, worksUnderStrictPolicies, writeHostileBundle} from "./visits.mjs";

const skip = whyNot(join(packageDist, "define.js"));
const options = {skip, timeout: 3 * PATIENCE_MS};

let browser;
let shop;
let site;
// Paths that the server answers by itself: html, or a function (request, response).
const answers = new Map();

before(async () => {
  if (skip) return;
  browser = await launch();
  shop = mkdtempSync(join(tmpdir(), "vitrine-shop-"));
  writeShop(shop);
  cpSync(packageDist, join(shop, "vitrine"), {recursive: true});
  site = await serve([shop], {headers: {"content-security-policy": STRICT_CSP}, handle});
});

after(async () => {
  await browser?.close();
  await site?.close();
  if (shop) rmSync(shop, {recursive: true, force: true});
});

function handle(request, response) {
  const answer = answers.get(new URL(request.url, "http://x").pathname);
  if (answer === undefined) return false;
  if (typeof answer === "function") return answer(request, response) !== false;
  response.writeHead(200, {"content-type": "text/html; charset=utf-8", "content-security-policy": STRICT_CSP}).end(answer);
  return true;
}

const MODULE = '<script type="module" src="vitrine/define.js"></script>';

function html(body, {head = MODULE, attributes = 'lang="en"'} = {}) {
  return `<!doctype html><html ${attributes}><head><meta charset="utf-8"><title>Test shop</title>
<link rel="stylesheet" href="vitrine/vitrine.css">${head}</head><body><main><h1>Shop</h1>${body}</main></body></html>`;
}

// Opens a page with this body; the lists have answered when it returns.
async function open(body, {page: pageOptions, path = "/page.html", ...head} = {}) {
  answers.set(path, html(body, head));
  const opened = await openPage(browser, pageOptions);
  await opened.page.goto(site.url.slice(0, -1) + path);
  await settled(opened.page);
  return opened;
}

const painted = (page, selector = "vitrine-recs") => page.locator(selector).evaluate((element) => ({
  titles: [...element.shadowRoot.querySelectorAll(".item .title")].map((title) => title.textContent),
  links: [...element.shadowRoot.querySelectorAll("a.title")].map((link) => link.href),
  images: [...element.shadowRoot.querySelectorAll("img")].map((image) => image.src),
  note: element.shadowRoot.querySelector(".note")?.innerText,
}));

test("three lines in a blank page paint recommendations", options, async () => {
  answers.set("/blank.html", `<!doctype html><html lang="en"><title>Blank</title>
    <link rel="stylesheet" href="vitrine/vitrine.css">
    <script src="vitrine/vitrine.script.js" defer></script>
    <vitrine-recs type="similar" product-id="f-103" base-url="bundle/"></vitrine-recs>`);
  const {page, seen} = await openPage(browser);
  await page.goto(`${site.url}blank.html`);
  await settled(page);
  const {titles, links, images} = await painted(page);
  assert.equal(titles.length, 10);
  assert.match(links[0], /\/product\.html\?id=f-\d+$/);
  assert.match(images[0], /\/images\/f-\d+\.svg$/);
  assert.deepEqual(seen.problems, []);
  await page.context().close();
});

test("first paint takes the script, the manifest and one shard", options, async () => {
  const {page, seen} = await open('<vitrine-recs type="bought-together" product-id="f-103"></vitrine-recs>',
    {head: '<script src="vitrine/vitrine.script.js" defer></script>'});
  const asked = seen.requests.map((request) => new URL(request.url()).pathname).filter((path) => !path.startsWith("/images/"));
  assert.equal(asked.length, 5, asked.join(" "));
  assert.deepEqual(asked.slice(0, 4), ["/page.html", "/vitrine/vitrine.css", "/vitrine/vitrine.script.js", "/bundle/manifest.json"]);
  assert.match(asked[4], /^\/bundle\/pages\/[0-9a-f]{16}\/\d+\.json$/);
  await page.context().close();
});

test("importing the package's root does nothing by itself", options, async () => {
  const {page, seen} = await open("", {head: '<script type="module" src="vitrine/vitrine.js"></script>'});
  assert.equal(await page.evaluate(() => customElements.get("vitrine-recs")), undefined);
  assert.ok(seen.requests.every((request) => !request.url().includes("/bundle/")));
  await page.context().close();
});

test("a template's cards carry the shop's own markup, with texts and addresses filled in", options, async () => {
  const {page} = await open(`<vitrine-recs type="similar" product-id="f-103" limit="3"><template>
    <div class="mine"><a data-field="url"><img data-field="image" alt=""><b data-field="title"></b></a>
    <i data-field="price"></i><u data-field="reason"></u><s data-field="nonsense"></s></div></template></vitrine-recs>`);
  const cards = await page.locator(".mine").evaluateAll((list) => list.map((card) => ({
    href: card.querySelector("a").href, src: card.querySelector("img").src, title: card.querySelector("b").textContent,
    price: card.querySelector("i").textContent, reason: card.querySelector("u").textContent, hidden: card.querySelector("s").hidden,
    box: card.getBoundingClientRect().width,
  })));
  const {items} = await listOf(page, "vitrine-recs");
  assert.equal(cards.length, 3);
  cards.forEach((card, i) => {
    assert.deepEqual([card.href, card.src, card.title, card.reason], [items[i].url, items[i].image, items[i].title, items[i].reasonText]);
    assert.match(card.price, /^€\d+\.\d\d$/);
    assert.ok(card.hidden && card.box > 50);
  });
  await page.context().close();
});

test("children are shown until there is an answer, and when there is none", options, async () => {
  const {page} = await open(`<vitrine-recs id="good" type="popular"><p class="own">Fallback</p></vitrine-recs>
    <vitrine-recs id="bad" type="popular" base-url="nowhere/"><p class="own">Fallback</p></vitrine-recs>`);
  assert.equal(await page.locator("#good .own").isVisible(), false);
  assert.equal(await page.locator("#bad .own").isVisible(), true);
  assert.equal(await page.locator("#bad").getAttribute("status"), "error");
  await page.context().close();
  const {page: bare} = await openPage(browser, {javaScriptEnabled: false});
  await bare.goto(`${site.url}page.html`);
  assert.equal(await bare.locator("#good .own").isVisible(), true, "without JavaScript");
  await bare.context().close();
});

test("select and add-to-cart say which product of which answer", options, async () => {
  const {page} = await open('<vitrine-recs type="similar" product-id="f-103" add-to-cart></vitrine-recs>');
  await page.evaluate(() => {
    globalThis.heard = [];
    for (const name of ["select", "add-to-cart"]) {
      document.addEventListener(name, (event) => {
        event.preventDefault();
        heard.push([name, event.detail.item.id, event.detail.recommendId]);
      });
    }
  });
  const {items} = await listOf(page, "vitrine-recs");
  await page.locator("a.title").nth(1).click();
  await page.getByRole("button", {name: /^Add to cart/}).nth(2).click();
  const heard = await page.evaluate(() => globalThis.heard);
  assert.deepEqual(heard.map(([name, id]) => [name, id]), [["select", items[1].id], ["add-to-cart", items[2].id]]);
  assert.match(heard[0][2], /^similar:[0-9a-f]{16}:\d+$/);
  assert.equal(new URL(page.url()).pathname, "/page.html", "a prevented select stays on the page");
  await page.context().close();
});

test("a change of the product asks again, and the last question wins", options, async () => {
  const {page} = await open('<vitrine-recs type="similar" product-id="f-103"></vitrine-recs>');
  await page.evaluate(() => {
    const list = document.querySelector("vitrine-recs");
    for (const id of ["f-110", "f-120", "f-150"]) list.productId = id;
  });
  await page.waitForFunction(() => document.querySelector("vitrine-recs").recommendations.items[0].department === "Tops");
  await page.context().close();
});

test("a recommender answers the page's own questions: filters, threshold, transformItems", options, async () => {
  const {page} = await open("");
  const answers = await page.evaluate(async () => {
    const {openRecommender} = await import("/vitrine/vitrine.js");
    const recommender = openRecommender({baseUrl: "bundle/"});
    const all = await recommender.similar("f-103", {limit: 20});
    return {
      all, red: await recommender.similar("f-103", {filters: {colour: "Red"}, limit: 3}),
      sure: await recommender.similar("f-103", {threshold: all.items[3].score, limit: 20}),
      odd: await recommender.similar("f-103", {limit: 2, transformItems: (items) => items.reverse()}),
      none: await recommender.similar("nothing like it", {fallback: "none"}),
      instead: await recommender.similar("nothing like it"),
      cart: await recommender.boughtTogether(["f-103", "f-151"]),
    };
  });
  assert.ok(answers.red.items.every((item) => item.colour === "Red"));
  assert.equal(answers.red.items.length, 3);
  assert.ok(answers.sure.items.every((item) => item.score >= answers.all.items[3].score));
  assert.ok(answers.sure.items.length < answers.all.items.length);
  assert.equal(answers.odd.items[0].id, answers.all.items.at(-1).id);
  assert.deepEqual([answers.none.status, answers.none.items.length], ["empty", 0]);
  assert.deepEqual([answers.instead.status, answers.instead.items[0].reason.kind], ["fallback", "popular"]);
  assert.ok(answers.cart.items.length > 3 && answers.cart.items.every(({id}) => id !== "f-103" && id !== "f-151"));
  await page.context().close();
});

test("what the shop says of the shopper chooses the audience of popular lists, until it is forgotten", options, async () => {
  const {page} = await open('<vitrine-recs type="popular" limit="6"></vitrine-recs><vitrine-recs type="for-you" limit="6"></vitrine-recs>');
  const audiences = () => page.evaluate(() => [...document.querySelectorAll("vitrine-recs")].map((list) =>
    [...new Set(list.recommendations.items.map(({audience}) => audience))].sort().join(" ")));
  assert.deepEqual(await audiences(), ["men women", "men women"]);
  const changed = (condition) => page.waitForFunction((men) => [...document.querySelectorAll("vitrine-recs")].every((list) =>
    list.recommendations.items.every(({audience}) => audience === "men") === men), condition);
  await page.evaluate(async () => (await import("/vitrine/vitrine.js")).sharedRecommender().setUser({audience: "men", ageGroup: "25-34"}));
  await changed(true);
  assert.deepEqual(await page.evaluate(async () => (await (await import("/vitrine/vitrine.js")).sharedRecommender().profile()).user),
    {audience: "men", ageGroup: "25-34"});
  await page.evaluate(async () => (await import("/vitrine/vitrine.js")).sharedRecommender().clear());
  await changed(false);
  await page.context().close();
});

test("hostile titles, addresses and pictures are text or nothing", options, async () => {
  writeHostileBundle(join(shop, "hostile"));
  answers.set("/hostile.html", (_, response) => void response.writeHead(200, {"content-type": "text/html"}).end(html(hostileBody("hostile/"))));
  const opened = await openPage(browser);
  await meetsHostileData(opened, `${site.url}hostile.html`);
  await opened.context.close();
});

test("pages that demand Trusted Types get their recommendations", options, async () => {
  answers.set("/trusted.html", (_, response) => void response.writeHead(200,
    {"content-type": "text/html", "content-security-policy": TRUSTED_TYPES_CSP}).end(html(TRUSTED_BODY)));
  const opened = await openPage(browser);
  await worksUnderStrictPolicies(opened, `${site.url}trusted.html`);
  await opened.context.close();
});

const states = `
  <vitrine-recs type="similar" product-id="f-103" add-to-cart></vitrine-recs>
  <vitrine-recs type="popular" layout="grid" limit="6" heading-level="3"></vitrine-recs>
  <vitrine-recs type="recent" heading="Seen before"></vitrine-recs>
  <vitrine-recs type="popular" base-url="nowhere/" heading="Broken"></vitrine-recs>`;
for (const [name, setup] of Object.entries({
  "light": {}, "dark": {page: {colorScheme: "dark"}}, "right to left": {attributes: 'lang="ar" dir="rtl"'},
  "at 200 % zoom": {page: {viewport: {width: 640, height: 450}, deviceScaleFactor: 2}}, "on a telephone": {page: {viewport: {width: 360, height: 740}}},
  "forced colours": {page: {forcedColors: "active"}},
})) {
  test(`all states, ${name}: no accessibility violation, nothing moves, nothing overflows`, options, async () => {
    const {page, context, shift} = await open(states, setup);
    await page.waitForTimeout(300);
    const {value, sources} = await shift();
    assert.equal(value, 0, `moved: ${sources.join(", ")}`);
    assert.deepEqual(await accessibilityViolations(page), []);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
    await context.close();
  });
}

test("the rail is moved with its buttons, in the direction of the text", options, async () => {
  for (const attributes of ['lang="en"', 'lang="ar" dir="rtl"']) {
    const {page, context} = await open('<vitrine-recs type="similar" product-id="f-103" limit="20"></vitrine-recs>',
      {attributes, page: {reducedMotion: "reduce"}});
    const left = () => page.locator("ul.items").evaluate((list) => list.scrollLeft);
    const [previous, next] = [page.locator(".arrow").first(), page.locator(".arrow").last()];
    assert.equal(await previous.getAttribute("aria-disabled"), "true");
    await next.click();
    await page.waitForFunction(() => document.querySelector("vitrine-recs").shadowRoot.querySelector(".arrow").ariaDisabled === "false");
    assert.equal(Math.sign(await left()), attributes.includes("rtl") ? -1 : 1);
    await previous.click();
    await page.waitForFunction(() => document.querySelector("vitrine-recs").shadowRoot.querySelector("ul").scrollLeft === 0);
    await context.close();
  }
});
