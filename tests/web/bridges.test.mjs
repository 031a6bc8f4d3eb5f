// A shop's analytics and consent, replayed in a real browser against the fixture shop.
import assert from "node:assert/strict";
import {cpSync} from "node:fs";
import {join} from "node:path";
import {test} from "node:test";
import {listOf, openPage, packageDist, PATIENCE_MS, settled, whyNot} from "./browser.mjs";
import {onePage} from "./one_page.mjs";

const skip = whyNot(join(packageDist, "define.js"));
const options = {skip, timeout: 3 * PATIENCE_MS};
const here = onePage(skip, (folder) => cpSync(packageDist, join(folder, "vitrine"), {recursive: true}));

const GTAG = "window.dataLayer = window.dataLayer || []; function gtag() { dataLayer.push(arguments); }";

// A page with `script` before the package, as analytics snippets are.
async function open(script, {meta = "", context: had, list = '<vitrine-recs id="list" type="for-you"></vitrine-recs>'} = {}) {
  here.html = `<!doctype html><html lang="en"><title>Shop</title>${meta}<script>${script}</script>
    <script type="module" src="vitrine/define.js"></script><main><h1>Shop</h1>${list}</main>`;
  const opened = had ? {context: had, page: await had.newPage()} : await openPage(here.browser);
  await opened.page.goto(here.url);
  await settled(opened.page);
  return opened;
}

const profile = (page) => page.evaluate(async () =>
  (await import("/vitrine/vitrine.js")).sharedRecommender().profile());

async function profileWhen(page, condition) {
  await page.waitForFunction(async (source) => {
    const found = await (await import("/vitrine/vitrine.js")).sharedRecommender().profile();
    return new Function("profile", `return ${source}`)(found);
  }, condition);
  return profile(page);
}

test("a GA4 session recorded before and after load changes what is for you", options, async () => {
  const {page, context} = await open(`${GTAG}
    gtag("js", new Date()); gtag("config", "G-0");
    gtag("event", "view_item", {currency: "EUR", items: [{item_id: "f-103", item_name: "Red dotted dress"}]});
    dataLayer.push({event: "gtm.js"}, null, 7, "text", {event: "view_item"}, {event: "view_item", ecommerce: {items: "?"}});
    dataLayer.push({ecommerce: null}, {event: "view_item", ecommerce: {items: [{item_id: "f-101"}]}});`);
  await profileWhen(page, "profile.events.length === 2");
  await page.evaluate(() => {
    gtag("event", "add_to_cart", {items: [{item_id: "f-104"}, {item_id: "f-105"}]});
    dataLayer.push({event: "purchase", ecommerce: {transaction_id: "T1", items: [{item_id: "f-106", quantity: 2}]}});
    dataLayer.push({event: "add_to_wishlist", ecommerce: {items: [{item_id: 107}]}});
    dataLayer.push({event: "select_item", ecommerce: {items: [{id: "f-100"}]}}, {event: "scroll"});
  });
  const {events} = await profileWhen(page, "profile.events.length === 7");
  assert.deepEqual(events.map(({kind, id}) => [kind, id]), [["view", "f-103"], ["view", "f-101"], ["cart", "f-104"],
    ["cart", "f-105"], ["order", "f-106"], ["wishlist", "107"], ["click", "f-100"]]);
  await page.waitForFunction(() => document.querySelector("#list").recommendations.items[0].reason.kind !== "popular");
  const {items} = await listOf(page, "#list");
  assert.ok(items.filter(({department, colour}) => department === "Dresses" || colour === "Red").length > items.length / 2);
  assert.ok(items.some(({reasonText}) => /^Because you looked at Red/.test(reasonText)));
  await context.close();
});

test("pushing to the data layer still returns what it returned", options, async () => {
  const {page, context} = await open(GTAG);
  await page.waitForFunction(() => !/native/.test(dataLayer.push));
  assert.equal(await page.evaluate(() => dataLayer.push({event: "a"}, {event: "b"})), 2);
  await context.close();
});

test("Segment's calls are read, those that still wait for its script too", options, async () => {
  const {page, context} = await open(`var analytics = [["track", "Product Viewed", {product_id: "f-103"}], ["page"], ["track", "Signed Up"]];
    analytics.on = (name, then) => (window.fire = then);`);
  await page.waitForFunction(() => window.fire);
  await page.evaluate(() => {
    fire("Product Added", {product_id: "f-104"});
    fire("Order Completed", {products: [{product_id: "f-105"}, {sku: "f-106"}, {}]});
    fire("Product Viewed", null);
  });
  const {events} = await profileWhen(page, "profile.events.length === 4");
  assert.deepEqual(events.map(({kind, id}) => [kind, id]), [["view", "f-103"], ["cart", "f-104"], ["order", "f-105"], ["order", "f-106"]]);
  await context.close();
});

test("a Shopify product page is a view, and its privacy banner decides", options, async () => {
  const {page, context} = await open(`window.ShopifyAnalytics = {meta: {product: {id: 9103, type: "Dress",
    variants: [{id: 1, sku: "f-103"}, {id: 2, sku: "f-104"}]}}};`);
  const {events, stored} = await profileWhen(page, "profile.events.length === 1");
  assert.deepEqual([events[0].id, stored], ["f-103", false]);
  await page.evaluate(() => {
    const form = document.body.appendChild(document.createElement("form"));
    form.action = "/cart/add";
    form.append(Object.assign(document.createElement("input"), {type: "hidden", name: "id", value: "2"}));
    form.addEventListener("submit", (event) => event.preventDefault());  // as themes do
    form.requestSubmit();
  });
  assert.deepEqual((await profile(page)).events.map(({kind, id}) => [kind, id]), [["view", "f-103"], ["cart", "f-104"]]);
  await page.evaluate(() => document.dispatchEvent(new CustomEvent("visitorConsentCollected", {detail: {preferencesAllowed: true}})));
  await profileWhen(page, "profile.stored");
  await page.evaluate(() => document.dispatchEvent(new CustomEvent("visitorConsentCollected", {detail: {preferencesAllowed: false}})));
  assert.equal((await profileWhen(page, "profile.consent === 'denied'")).events.length, 0);
  await context.close();
});

test("Google's consent mode is followed: default waits, update decides, denied leaves nothing", options, async () => {
  const {page, context} = await open(`${GTAG}
    gtag("consent", "default", {personalization_storage: "denied", ad_storage: "denied"});
    gtag("event", "view_item", {items: [{item_id: "f-103"}]});`);
  const early = await profileWhen(page, "profile.events.length === 1");
  assert.deepEqual([early.consent, early.stored], ["unset", false]);
  assert.deepEqual(await page.evaluate(async () => await indexedDB.databases()), []);
  await page.evaluate(() => gtag("consent", "update", {ad_storage: "granted"}));
  await page.evaluate(() => gtag("consent", "update", {personalization_storage: "granted"}));
  await profileWhen(page, "profile.stored && profile.events.length === 1");
  await page.evaluate(() => gtag("consent", "update", {personalization_storage: "denied"}));
  assert.deepEqual((await profileWhen(page, "profile.consent === 'denied'")).events, []);
  assert.deepEqual(await page.evaluate(async () => await indexedDB.databases()), []);
  await page.evaluate(() => gtag("event", "view_item", {items: [{item_id: "f-103"}]}));
  assert.deepEqual((await profile(page)).events, []);
  await context.close();
});

test("a default that grants counts only where no default denies", options, async () => {
  const granted = 'gtag("consent", "default", {personalization_storage: "granted"});';
  const everywhere = await open(`${GTAG} ${granted}`);
  await profileWhen(everywhere.page, "profile.consent === 'granted'");
  await everywhere.context.close();
  const {page, context} = await open(`${GTAG} ${granted}
    gtag("consent", "default", {personalization_storage: "denied", region: ["DE", "FR"]});
    gtag("event", "view_item", {items: [{item_id: "f-103"}]});`);
  assert.equal((await profileWhen(page, "profile.events.length === 1")).consent, "unset");
  assert.deepEqual(await page.evaluate(async () => await indexedDB.databases()), []);
  await context.close();
});

test("what was granted is there on the next page, in two tabs, until one takes it back", options, async () => {
  const grant = 'gtag("consent", "update", {personalization_storage: "granted"}); gtag("event", "view_item", {items: [{item_id: "f-103"}]});';
  const first = await open(`${GTAG} ${grant}`);
  await profileWhen(first.page, "profile.stored && profile.events.length === 1");
  await first.page.goto(`${here.site.url}catalogue.json`);
  const {page} = await open("", {context: first.context});
  assert.deepEqual((await profileWhen(page, "profile.stored")).events.map(({id}) => id), ["f-103"]);
  const {page: second} = await open("", {context: first.context});
  await profileWhen(second, "profile.stored");
  await page.evaluate(async () => (await import("/vitrine/vitrine.js")).sharedRecommender().clear());
  assert.deepEqual((await profileWhen(second, "!profile.stored")).events, []);
  await first.context.close();
});

test("at most 200 actions of the last 90 days are kept, on the device too", options, async () => {
  const {page, context} = await open(`${GTAG} gtag("consent", "update", {personalization_storage: "granted"}); gtag("event", "view_item", {items: [{item_id: "f-100"}]});`);
  await profileWhen(page, "profile.stored");
  const kept = () => page.evaluate(() => new Promise((resolve) => {
    const request = indexedDB.open("vitrine", 1);
    request.onsuccess = () => {
      const all = request.result.transaction("events").objectStore("events").getAll();
      all.onsuccess = () => {
        request.result.close();
        resolve(all.result.map(({id}) => id));
      };
    };
  }));
  const now = Math.floor(Date.now() / 1000);
  await page.evaluate(async (seconds) => {
    const recommender = (await import("/vitrine/vitrine.js")).sharedRecommender();
    for (let i = 0; i < 250; i++) recommender.track({kind: "view", id: `f-${i}`, time: seconds});
    recommender.track({kind: "view", id: "f-old", time: seconds - 91 * 24 * 3600});
  }, now);
  while ((await kept()).at(-1) !== "f-old") await page.waitForTimeout(50);
  await page.goto(here.url);  // what is too old is gone by the next page at the latest
  await settled(page);
  const {events} = await profileWhen(page, "profile.stored");
  assert.ok(events.length <= 200 && events.every(({time}) => time > now - 90 * 24 * 3600));
  assert.equal(events.at(-2)?.id ?? "", "f-249", "the latest ones, then the page's own");
  assert.deepEqual(await kept(), events.map(({id}) => id));
  await context.close();
});

test("with 'off' nothing is read; with 'report' lists are reported once, and not read back", options, async () => {
  const off = await open(`${GTAG} gtag("event", "view_item", {items: [{item_id: "f-103"}]});`, {meta: '<meta name="vitrine-bridges" content="off">'});
  await off.page.waitForLoadState("load");
  assert.deepEqual((await profile(off.page)).events, []);
  await off.context.close();

  const {page, context} = await open("", {meta: '<meta name="vitrine-bridges" content="report">',
    list: '<vitrine-recs id="list" type="similar" product-id="f-103" heading="More like it"></vitrine-recs>'});
  await page.waitForFunction(() => window.dataLayer?.some((entry) => entry.event === "view_item_list"));
  const {items} = await listOf(page, "#list");
  await page.evaluate(() => document.addEventListener("click", (event) => event.preventDefault()));
  await page.locator("a.title").nth(2).click();
  await page.waitForFunction(() => window.dataLayer.some((entry) => entry.event === "select_item"));
  const layer = await page.evaluate(() => window.dataLayer);
  const [view, ...more] = layer.filter((entry) => entry.event === "view_item_list");
  assert.equal(more.length, 0);
  assert.match(view.recommend_id, /^similar:[0-9a-f]{16}:\d+$/);
  assert.deepEqual(view.ecommerce.items.map(({item_id: id}) => id), items.map(({id}) => id));
  assert.deepEqual([view.ecommerce.item_list_id, view.ecommerce.item_list_name, view.ecommerce.items[3].index], ["similar", "More like it", 3]);
  const select = layer.find((entry) => entry.event === "select_item");
  assert.deepEqual([select.ecommerce.items[0].item_id, select.recommend_id], [items[2].id, view.recommend_id]);
  assert.deepEqual((await profile(page)).events.map(({kind, id}) => [kind, id]), [["click", items[2].id]], "once");
  await context.close();
});

test("the privacy element shows what is kept, grants, withdraws and clears", options, async () => {
  const {page, context} = await open(`${GTAG} gtag("event", "view_item", {items: [{item_id: "f-103"}]});`,
    {list: "<vitrine-privacy></vitrine-privacy>"});
  const button = (name) => page.getByRole("button", {name});
  await page.getByText("In memory only").waitFor();
  await page.getByText("f-103").waitFor();
  await button("Remember on this device").click();
  await page.getByText("Kept on this device.").waitFor();
  await button("Forget everything").click();
  await page.getByText("In memory only").waitFor();
  assert.equal(await page.getByText("f-103").count(), 0);
  await button("Do not remember").click();
  await page.getByText("Nothing is remembered.").waitFor();
  assert.deepEqual(await page.evaluate(async () => await indexedDB.databases()), []);
  await context.close();
});
