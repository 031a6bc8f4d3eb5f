// Runs every example of the guides: HTML in a browser, JavaScript in a page, Liquid and PHP through their
// own languages, and what they print in a browser again. The guides of React and Vue are run by
// frameworks.test.mjs.
import assert from "node:assert/strict";
import {execFileSync, spawnSync} from "node:child_process";
import {cpSync, existsSync, readdirSync, symlinkSync, writeFileSync} from "node:fs";
import {createRequire} from "node:module";
import {extname, join} from "node:path";
import {test} from "node:test";
import {openPage, packageDist, PATIENCE_MS, root, settled, whyNot} from "./browser.mjs";
import {examples, languages} from "./documentation.mjs";
import {onePage} from "./one_page.mjs";

const skip = whyNot(join(packageDist, "define.js"));
const options = {skip, timeout: 3 * PATIENCE_MS};
const fixtures = join(root, "tests", "web", "fixtures");
const SCRIPT = '<script src="/vitrine/vitrine.script.js" defer></script>';
const IMPORTS = JSON.stringify({imports: {vitrine: "/vitrine/vitrine.js", "vitrine/define": "/vitrine/define.js",
  "vitrine/bridges": "/vitrine/bridges.js", "vitrine/experiments": "/vitrine/experiments.js"}});

const here = onePage(skip, (folder) => {
  symlinkSync(packageDist, join(folder, "vitrine"));
  for (const place of ["wp-content/uploads", "media"]) {
    for (const part of ["vitrine", "bundle"]) cpSync(join(folder, part), join(folder, place, part), {recursive: true});
  }
});

const TYPES = {".js": "text/javascript", ".json": "application/json", ".css": "text/css"};

// Opens a page made of `html`. The hosts that the guides name are the fixture shop, on another origin.
async function open(html) {
  here.html = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Example</title><script type="importmap">${IMPORTS}</script>${html}`;
  const opened = await openPage(here.browser);
  await opened.context.route(/^https:\/\/(cdn|recs)\.example\//, (route) => {
    const {pathname} = new URL(route.request().url());
    return route.fulfill({path: join(here.folder, pathname), headers: {"access-control-allow-origin": "*", "content-type": TYPES[extname(pathname)] ?? "image/svg+xml"}});
  });
  await opened.page.goto(here.url);
  await opened.page.waitForLoadState("load");
  await settled(opened.page);
  return opened;
}

// Every list of the page has products, and nothing went wrong.
async function works({page, context, seen}, count) {
  const lists = await page.evaluate(() => [...document.querySelectorAll("vitrine-recs")].map(({type, status, recommendations}) =>
    ({type, status, items: recommendations?.items.length ?? 0})));
  assert.equal(lists.length, count);
  for (const {type, status, items} of lists) assert.ok(/ready|fallback/.test(status) && items > 0, `${type}: ${status}, ${items} items`);
  assert.deepEqual(seen.problems, []);
  await context.close();
}

const listsIn = (html) => html.match(/<vitrine-recs/g)?.length ?? 0;

test("no guide has an example that is not run", () => {
  const run = {"storefront.md": ["html", "js"], "platforms/plain.md": ["html"], "platforms/shopify.md": ["liquid", "html"],
    "platforms/woocommerce.md": ["php"], "platforms/magento.md": ["xml", "php"], "platforms/react.md": ["tsx", "ts"], "platforms/vue.md": ["js", "vue"]};
  for (const [page, known] of Object.entries(run)) assert.deepEqual(languages(page).sort(), [...known].sort(), page);
  assert.deepEqual(readdirSync(join(root, "docs", "platforms")).map((name) => `platforms/${name}`).sort(),
    Object.keys(run).filter((page) => page.includes("/")).sort());
});

for (const guide of ["storefront.md", "platforms/plain.md", "platforms/shopify.md"]) {
  examples(guide, "html").forEach((html, i) => {
    test(`${guide}, HTML example ${i + 1}`, options, async () => {
      const opened = await open(html.includes("vitrine.script.js") ? html : SCRIPT + html);
      const {page} = opened;
      if (html.includes("my-banner")) {
        await page.evaluate(() => document.dispatchEvent(new CustomEvent("my-banner", {detail: {agreed: true}})));
        await page.getByText("Kept on this device.").waitFor();
      }
      if (html.includes('"add-to-cart", (')) {
        await page.evaluate(() => document.dispatchEvent(new CustomEvent("add-to-cart", {detail: {item: {id: "f-110"}}})));
        const {events} = await page.evaluate(() => vitrine.sharedRecommender().profile());
        assert.deepEqual(events.map(({kind, id}) => [kind, id]), [["view", "f-103"], ["cart", "f-110"]]);
      }
      if (html.includes("<template>")) {
        await page.waitForSelector(".my-card");
        assert.ok((await page.locator("vitrine-recs").evaluate((list) => list.recommendations.items)).every(({price}) => price <= 80));
      }
      await works(opened, listsIn(html));
    });
  });
}

examples("storefront.md", "js").forEach((code, i) => {
  test(`storefront.md, JavaScript example ${i + 1}`, options, async () => {
    const opened = await open(`<vitrine-recs type="popular"></vitrine-recs><script type="module" src="/vitrine/define.js"></script>`);
    const names = [...code.matchAll(/^const \{?([\w, ]+)\}? =/gm)].flatMap(([, list]) => list.split(", "));
    const values = await opened.page.evaluate(([source, kept]) => new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.type = "module";
      globalThis.done = (found) => resolve(JSON.parse(JSON.stringify(found)));
      script.textContent = `${source}\ndone({${kept.join(",")}});`;
      globalThis.addEventListener("error", ({message}) => reject(new Error(message)));
      document.head.append(script);
    }), [code, names.filter((name) => !/recommender|list/.test(name))]);
    if (values.items) assert.ok(values.items.length > 0 && values.items.length <= 4);
    if (code.includes("priceMax: 90")) {
      assert.ok(values.items.every(({price, colour, audience}) => price <= 90 && /Red|Pink/.test(colour) && audience === "men"));
      assert.ok(values.items.some(({price}) => price === 19.9), "the live price");
    }
    if (code.includes("setTexts")) {
      await opened.page.evaluate(() => document.querySelector("vitrine-recs").refresh());
      assert.match(await opened.page.locator("vitrine-recs .reason >> nth=0").innerText(), /^\d+ shoppers' choice$/);
    }
    if (code.includes("SHOP-")) {
      const events = await opened.page.evaluate(async () => {
        window.dataLayer.push({event: "view_item", ecommerce: {items: [{item_id: "SHOP-103"}]}});
        return (await (await import("/vitrine/vitrine.js")).sharedRecommender().profile()).events;
      });
      assert.deepEqual(events.map(({id}) => id), ["f-103"]);
    }
    if (values.variant === "control") assert.equal(await opened.page.locator("vitrine-recs").isVisible(), false);
    await works(opened, 1);
  });
});

const liquid = existsSync(join(fixtures, "node_modules", "liquidjs")) ? skip : "tests/web/fixtures/node_modules is not installed";
test("shopify.md, the Liquid of head, product and cart", {...options, skip: liquid}, async () => {
  const {Liquid} = createRequire(join(fixtures, "package.json"))("liquidjs");
  const engine = new Liquid({strictFilters: true});
  const product = {handle: "red-dress", selected_or_first_available_variant: {sku: "f-103"}};
  const context = {settings: {}, product, collection: {products: [{url: "/products/x", title: "A <b>dress</b>"}]},
    cart: {items: [{sku: "f-103", product}, {sku: "f-151", product}]}};
  const parts = await Promise.all(examples("platforms/shopify.md", "liquid").map((code) => engine.parseAndRender(code, context)));
  const opened = await open(parts.join("\n"));
  const ids = await opened.page.evaluate(() => [...document.querySelectorAll("vitrine-recs")].map((list) => list.productId ?? list.cart));
  assert.deepEqual(ids, ["f-103", "f-103", "f-103,f-151"]);
  await works(opened, 3);
});

const php = spawnSync("php", ["--version"]).status === 0 ? skip : "php-cli is not installed";
function runPhp(platform, ...rest) {
  const file = join(here.folder, "example.php");
  writeFileSync(file, examples(`platforms/${platform}.md`, "php")[0]);
  return execFileSync("php", ["-d", "error_reporting=E_ALL", "-d", "display_errors=stderr", join(fixtures, "guides.php"), platform, file, ...rest], {encoding: "utf8"});
}

test("woocommerce.md, the PHP of head, product and cart", {...options, skip: php}, async () => {
  const html = runPhp("woocommerce", "wp_head", "woocommerce_after_single_product_summary", "woocommerce_after_cart_table");
  const opened = await open(html);
  const {events} = await opened.page.evaluate(() => vitrine.sharedRecommender().profile());
  assert.deepEqual(events.map(({kind, id}) => [kind, id]), [["view", "f-103"]]);
  assert.equal(await opened.page.locator("vitrine-recs").last().getAttribute("cart"), "f-103,f-151");
  await works(opened, 3);
});

test("magento.md, the template and its layout", {...options, skip: php}, async () => {
  const opened = await open(runPhp("magento"));
  const [layout] = examples("platforms/magento.md", "xml");
  const template = await opened.page.evaluate((xml) => {
    const parsed = new DOMParser().parseFromString(xml, "application/xml");
    return parsed.querySelector("parsererror") ? "no XML" : parsed.querySelector("block").getAttribute("template");
  }, layout);
  assert.equal(template, "Magento_Catalog::vitrine.phtml");
  await works(opened, 2);
});
