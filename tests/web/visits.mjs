// Visits that every browser must bear alike: to the demo shop, to a shop of hostile data, to a page with
// strict policies. `page` is Playwright's, or firefox.mjs's likeness of it.
import assert from "node:assert/strict";
import {readFileSync} from "node:fs";
import {join} from "node:path";
import {listOf, PATIENCE_MS, settled} from "./browser.mjs";
import {products, writeBundle} from "./fixture.mjs";
import {STRICT_CSP} from "./server.mjs";

export const TRUSTED_TYPES_CSP = `${STRICT_CSP}; require-trusted-types-for 'script'; trusted-types lit-html vitrine`;

/** The demo shop's red dresses that can be had. */
export function redDresses(site) {
  const catalogue = JSON.parse(readFileSync(join(site, "catalogue.json"), "utf8"));
  return catalogue.filter((product) => isDress(product) && isRed(product) && product.availability !== "out_of_stock");
}

export function isDress({title, department, category}) {
  return /dress/i.test(`${title} ${department ?? ""} ${category ?? ""}`);
}

function isRed({colour}) {
  return /^red$/i.test(colour ?? "");
}

/** Opens a product's page and waits for its lists. */
export async function view(page, product, base) {
  await page.goto(`${base}product.html?id=${encodeURIComponent(product.id)}`);
  await page.waitForFunction((title) => document.querySelector("#title")?.textContent === title, product.title);
  await settled(page);
}

/** Agrees to be remembered; returns when the device holds as much (before, it says "Nothing is kept on this device"). */
export async function agree(page) {
  await page.locator("[data-consent=yes]").click();
  await page.waitForFunction(() => /actions? kept on this device/.test(document.querySelector("#memory").textContent));
}

/** Looks at products one after the other, each until it is kept. */
export async function viewAll(page, products, base) {
  for (const [i, product] of products.entries()) {
    await view(page, product, base);
    const viewed = products.slice(0, i + 1).map(({id}) => id);
    const end = Date.now() + PATIENCE_MS;
    let kept;
    do kept = await page.evaluate(keptIds);
    while (kept.length < viewed.length && Date.now() < end);
    assert.deepEqual(kept, viewed, "the device keeps what was viewed");
  }
}

// Runs in the page: the products of the events that the device keeps.
function keptIds() {
  return new Promise((resolve) => {
    const request = indexedDB.open("vitrine", 1);
    request.onerror = () => resolve([]);
    request.onupgradeneeded = () => request.transaction.abort();
    request.onsuccess = () => {
      const {result} = request;
      const reading = result.transaction("events").objectStore("events").getAll();
      reading.onsuccess = () => {
        result.close();
        resolve(reading.result.map(({id}) => id));
      };
    };
  });
}

/** Three red dresses turn the home page's list towards red and dresses. */
export async function looksAtRedDresses({page, seen}, url, dresses) {
  assert.ok(dresses.length >= 3, "the shop has three red dresses");
  await page.goto(url);
  await settled(page);
  const before = await listOf(page, "#for-you");
  assert.equal(before.status, "fallback", "a stranger gets what is popular");
  assert.ok(before.items.length >= 4);
  await agree(page);
  await viewAll(page, dresses.slice(0, 3), url);
  await page.goto(url);
  await settled(page);
  const later = await listOf(page, "#for-you");
  assert.equal(later.status, "ready", `the engine answers: ${later.detail}`);
  const share = ({items}) => items.filter((item) => isRed(item) || isDress({...item, category: ""})).length / items.length;
  assert.ok(share(later) >= 0.5, `after: ${later.items.map((item) => item.title).join(", ")}`);
  assert.ok(share(later) > share(before), `before: ${share(before)}, after: ${share(later)}`);
  const viewed = new Set(dresses.slice(0, 3).map(({id}) => id));
  assert.deepEqual(later.items.filter(({id}) => viewed.has(id)), [], "what was viewed is not recommended again");
  assert.ok(later.painted.every((text) => text.trim() !== ""));
  assert.deepEqual(seen.problems, []);
}

/** A product's page: what is bought together and what is similar, each with its reason and photo. */
export async function readsReasons({page, seen}, url, product) {
  await view(page, product, url);
  for (const selector of ["#together", "#similar"]) {
    const {status, items, painted} = await listOf(page, selector);
    assert.equal(status, "ready", selector);
    assert.ok(items.length >= 4, `${selector} has ${items.length}`);
    items.forEach((item, i) => {
      assert.notEqual(item.reasonText, "");
      assert.ok(painted[i].includes(item.title), `${painted[i]} names ${item.title}`);
      assert.ok(painted[i].includes(item.reasonText), `${painted[i]} says ${item.reasonText}`);
      assert.match(painted[i], /\d/, "has a price");
    });
    await page.locator(selector).evaluate((element) => element.scrollIntoView());
    await page.waitForFunction((css) => {
      const photos = [...document.querySelector(css).shadowRoot.querySelectorAll("img")].slice(0, 3);
      return photos.length > 0 && photos.every(({complete, naturalWidth}) => complete && naturalWidth > 0);
    }, selector);
  }
  assert.deepEqual(seen.problems, []);
}

/** Nothing is stored before consent, and nothing is left after it is taken back. */
export async function leavesNothing({page}, url, product) {
  const stored = () => page.evaluate(async () => ({
    databases: (await indexedDB.databases()).map(({name}) => name), local: localStorage.length,
    session: sessionStorage.length, caches: await caches.keys(), cookie: document.cookie,
  }));
  const nothing = {databases: [], local: 0, session: 0, caches: [], cookie: ""};
  const useEngine = () => page.evaluate(async () => {
    const recommender = (await import("./vitrine/vitrine.js")).sharedRecommender("bundle/");
    await recommender.warmUp();
    return (await recommender.diagnostics()).engine;
  });
  await view(page, product, url);
  assert.equal(await useEngine(), "worker");
  assert.deepEqual(await stored(), nothing);
  await agree(page);
  await page.waitForFunction(async () => (await indexedDB.databases()).length === 1);
  await page.goto(url);
  await settled(page);
  await page.waitForFunction(() => /1 action kept/.test(document.querySelector("#memory").textContent));
  await page.locator("#forget").click();
  await page.waitForFunction(async () => (await indexedDB.databases()).length === 0);
  assert.equal(await useEngine(), "worker");
  assert.deepEqual(await stored(), nothing);
}

// Presses Tab until `selector` (of the page or of a list in it) has the focus.
async function tabTo(page, selector) {
  for (let presses = 0; presses < 200; presses++) {
    await page.keyboard.press("Tab");
    const there = await page.evaluate((wanted) => {
      let focus = document.activeElement;
      while (focus?.shadowRoot?.activeElement) focus = focus.shadowRoot.activeElement;
      return focus?.matches(wanted) && focus.matches(":focus-visible");
    }, selector);
    if (there) return;
  }
  assert.fail(`${selector} cannot be reached with the Tab key`);
}

/** From the home page to an order with the keys Tab, Space and Enter alone. */
export async function buysByKeyboard({page}, url) {
  await page.goto(url);
  await settled(page);
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.className), "skip", "the first stop skips the header");
  await tabTo(page, "a.title");  // of a recommended product
  await page.keyboard.press("Enter");
  await page.waitForURL(/product\.html/);
  await page.waitForSelector("#buy button");
  await settled(page);
  if (await page.evaluate(() => document.querySelector("#buy [type=radio]") !== null)) {
    await tabTo(page, "#buy [type=radio]");
    await page.keyboard.press(" ");
  }
  await tabTo(page, "#buy button");
  await page.keyboard.press("Enter");
  await tabTo(page, "#added a");
  await page.keyboard.press("Enter");
  await page.waitForURL(/cart\.html/);
  await page.waitForSelector(".cart-line");
  await settled(page);
  assert.ok((await listOf(page, "vitrine-recs")).items.length > 0, "the cart has recommendations");
  await tabTo(page, ".add");  // another one, from the list
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.querySelector(".cart-link").ariaLabel === "Cart, 2 products");
  await page.reload();
  await page.waitForSelector(".cart-line:nth-of-type(2)");
  await tabTo(page, ".cart-summary button");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.body.innerText.includes("Thank you."));
}

const EVIL_TEXTS = ['<img src=x onerror="alert(1)">', "\"'><script>alert(1)</script>", "a\u202Ecilam\u2066", "x".repeat(10_000),
  "${alert(1)}", "{{constructor.constructor('alert(1)')()}}"];
const EVIL_ADDRESSES = ["javascript:alert(1)", "data:text/html,<script>alert(1)</script>", " \tjava\nscript:alert(1)",
  "https://ok.example/x\" onclick=\"alert(1)", "//other.example/x", "vbscript:alert(1)"];

/** The small shop with hostile titles, brands, addresses and pictures, and a page's body that shows it. */
export function writeHostileBundle(folder) {
  const of = (list, i) => list[i % list.length];
  writeBundle(folder, products().map((product, i) => ({...product, title: of(EVIL_TEXTS, i), brand: of(EVIL_TEXTS, i + 1),
    url: of(EVIL_ADDRESSES, i), image: of(EVIL_ADDRESSES, i + 1)})));
}
export const hostileBody = (baseUrl) => `
  <vitrine-recs base-url="${baseUrl}" type="similar" product-id="f-103" limit="20"></vitrine-recs>
  <vitrine-recs base-url="${baseUrl}" type="popular" limit="20"><template><a data-field="url" class="t"><img data-field="image" alt=""><b data-field="title"></b></a></template></vitrine-recs>`;

/** A page with hostileBody() and no policy: nothing but our own care stands between the data and it. */
export async function meetsHostileData({page}, url) {
  let alerted = false;
  page.on("dialog", (dialog) => { alerted = true; return dialog.dismiss(); });
  await page.goto(url);
  await settled(page);
  const found = await page.evaluate(() => {
    const lists = [...document.querySelectorAll("vitrine-recs")];
    const all = (css) => lists.flatMap((list) => [list, list.shadowRoot].flatMap((root) => [...root.querySelectorAll(css)]));
    return {
      addresses: all("a[href], img[src]").map((element) => element.href ?? element.src),
      titles: [...lists[0].shadowRoot.querySelectorAll(".item .title")].map((title) => title.textContent),
      scripts: document.querySelectorAll("script").length + all("script, [onerror], [onclick]").length,
      wide: document.documentElement.scrollWidth > innerWidth,
    };
  });
  assert.ok(found.addresses.length > 10);
  for (const address of found.addresses) assert.match(address, /^https?:\/\//);
  assert.ok(found.titles.some((title) => EVIL_TEXTS.includes(title) && title.includes("<")), "shown as text");
  assert.ok(found.titles.every((title) => title.length <= 300 && !/[\u202a-\u202e\u2066-\u2069]/.test(title)));
  assert.equal(found.scripts, 1, "the package's own");
  assert.equal(alerted, false);
  assert.equal(found.wide, false, "long titles do not widen the page");
}

/** What a page shows that demands Trusted Types. */
export const TRUSTED_BODY = `<vitrine-recs type="similar" product-id="f-103"></vitrine-recs><vitrine-privacy></vitrine-privacy>
  <vitrine-recs type="popular" limit="3"><template><b class="mine" data-field="title"></b></template></vitrine-recs>`;

/** A page with TRUSTED_BODY under TRUSTED_TYPES_CSP paints its lists and the privacy element. */
export async function worksUnderStrictPolicies({page, seen}, url) {
  await page.goto(url);
  await settled(page);
  await page.waitForFunction(() => document.querySelector("vitrine-privacy").shadowRoot?.textContent.includes("In memory only"));
  assert.deepEqual(await page.evaluate(() => [document.querySelector("vitrine-recs").shadowRoot.querySelectorAll(".item .title").length,
    document.querySelectorAll(".mine").length]), [10, 3]);
  assert.deepEqual(seen.problems, []);
}
