// The visits of visits.mjs in a real Firefox: another engine under the same elements.
import assert from "node:assert/strict";
import {cpSync, mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {after, before, test} from "node:test";
import {site} from "../e2e/bundle.mjs";
import {accessibilityViolations, listOf, packageDist, PATIENCE_MS, settled} from "./browser.mjs";
import {launchFirefox, whyNoFirefox} from "./firefox.mjs";
import {writeShop} from "./fixture.mjs";
import {serve, STRICT_CSP} from "./server.mjs";
import {buysByKeyboard, hostileBody, leavesNothing, looksAtRedDresses, meetsHostileData, readsReasons, redDresses,
        TRUSTED_BODY, TRUSTED_TYPES_CSP, worksUnderStrictPolicies, writeHostileBundle} from "./visits.mjs";

const skip = whyNoFirefox(join(packageDist, "define.js"), join(site, "index.html"), join(site, "bundle", "manifest.json"));
const options = {skip, timeout: 5 * PATIENCE_MS};

let browser;
let demo;
let folder;
let small;  // the shop of fixture.mjs
let dresses;

const page = (body) => `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Test shop</title>
  <link rel="stylesheet" href="vitrine/vitrine.css"><script type="module" src="vitrine/define.js"></script></head>
  <body><main><h1>Shop</h1>${body}</main></body></html>`;
const PAGES = {
  "/hostile.html": [page(hostileBody("hostile/")), {}],
  "/trusted.html": [page(TRUSTED_BODY), {"content-security-policy": TRUSTED_TYPES_CSP}],
};

before(async () => {
  if (skip) return;
  browser = await launchFirefox();
  demo = await serve([site], {headers: {"content-security-policy": STRICT_CSP}});
  dresses = redDresses(site);
  folder = mkdtempSync(join(tmpdir(), "vitrine-firefox-shop-"));
  writeShop(folder);
  writeHostileBundle(join(folder, "hostile"));
  cpSync(packageDist, join(folder, "vitrine"), {recursive: true});
  small = await serve([folder], {handle: (request, response) => {
    const [html, headers] = PAGES[request.url] ?? [];
    if (!html) return false;
    response.writeHead(200, {"content-type": "text/html; charset=utf-8", ...headers}).end(html);
    return true;
  }});
});

after(async () => {
  await browser?.close();
  await demo?.close();
  await small?.close();
  if (folder) rmSync(folder, {recursive: true, force: true});
});

// One visit by a shopper who has never been there.
function visit(name, walk) {
  test(`Firefox: ${name}`, options, async () => {
    const opened = await browser.open();
    try {
      await walk(opened);
    } finally {
      await opened.context.close();
    }
  });
}

visit("three red dresses turn the home page's list towards red and dresses", (opened) => looksAtRedDresses(opened, demo.url, dresses));
visit("a product page shows what is bought together and what is similar, each with its reason", (opened) => readsReasons(opened, demo.url, dresses[0]));
visit("nothing is stored before consent, and nothing is left after it is taken back", (opened) => leavesNothing(opened, demo.url, dresses[0]));
visit("from the home page to an order with the keys Tab, Space and Enter alone", (opened) => buysByKeyboard(opened, demo.url));
visit("hostile titles, addresses and pictures are text or nothing", (opened) => meetsHostileData(opened, `${small.url}hostile.html`));
visit("pages with a strict policy and Trusted Types get their recommendations", (opened) => worksUnderStrictPolicies(opened, `${small.url}trusted.html`));

visit("no accessibility violation on the home page, a product's, the cart and the gallery of all states", async ({page: tab}) => {
  for (const name of ["index.html", `product.html?id=${dresses[0].id}`, "cart.html", "gallery.html"]) {
    await tab.goto(`${demo.url}${name}`);
    if (name === "gallery.html") {
      await tab.waitForFunction(() => [...document.querySelectorAll("vitrine-recs:not(#state-loading)")].every((list) => list.status !== "loading"));
    } else {
      await settled(tab);
    }
    assert.deepEqual(await accessibilityViolations(tab), [], name);
  }
});

visit("Arabic runs from right to left, and a rail moves that way", async ({page: tab}) => {
  await tab.goto(`${demo.url}gallery.html`);
  await tab.evaluate(() => {
    const language = document.querySelector("#language");
    language.value = "ar";
    language.dispatchEvent(new Event("change"));
  });
  await tab.waitForFunction(() => document.querySelector("#state-rail").status === "ready" &&
    document.querySelector("#state-rail").shadowRoot.querySelector(".heading").textContent === "تصاميم مشابهة");
  assert.ok((await listOf(tab, "#state-rail")).items.every(({reasonText}) => /[\u0600-\u06ff]/.test(reasonText)));
  assert.equal(await tab.evaluate(() => getComputedStyle(document.querySelector("#state-rail").shadowRoot.querySelector(".title")).textAlign), "right",
    "English titles too stand at the edge where the line begins");
  await tab.evaluate(() => [...document.querySelector("#state-rail").shadowRoot.querySelectorAll(".arrow")].at(-1).click());
  await tab.waitForFunction(() => document.querySelector("#state-rail").shadowRoot.querySelector("ul.items").scrollLeft < 0);
});
