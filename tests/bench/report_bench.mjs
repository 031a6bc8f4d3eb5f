// What the report of a large shop takes: seconds of the build, bytes, and how soon it can be read in
// Chromium. The shop is made up: shoppers like a kind and a colour, products have companions.
//
//   node tests/bench/report_bench.mjs [--products 100000] [--shoppers 60000] [--keep DIR]
//
// Needs ./run build; with ./run demo the products have the demo's photos.
import {execFileSync} from "node:child_process";
import {existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {pathToFileURL} from "node:url";
import {parseArgs} from "node:util";
import {Random} from "../../examples/demo-shop/random.mjs";
import {writeToml} from "../e2e/small_shop.mjs";
import {launch, openPage, root} from "../web/browser.mjs";

const {values: options} = parseArgs({options: {
  products: {type: "string", default: "100000"}, shoppers: {type: "string", default: "60000"}, keep: {type: "string"},
}});
const PRODUCTS = Number(options.products), SHOPPERS = Number(options.shoppers);
const FIRST_DAY_SECONDS = 1772496000, DAYS = 60;

const KINDS = ["T-Shirt", "Shirt", "Dress", "Jeans", "Trousers", "Skirt", "Jacket", "Coat", "Jumper", "Sneakers",
  "Sandals", "Boots", "Handbag", "Backpack", "Belt", "Scarf", "Watch", "Socks", "Blouse", "Shorts"];
const DEPARTMENTS = ["Tops", "Tops", "Dresses", "Bottoms", "Bottoms", "Bottoms", "Outerwear", "Outerwear", "Knitwear", "Shoes",
  "Shoes", "Shoes", "Bags", "Bags", "Accessories", "Accessories", "Accessories", "Accessories", "Tops", "Bottoms"];
const COLOURS = ["Navy Blue", "Black", "White", "Red", "Olive", "Beige", "Grey", "Pink", "Mustard", "Teal", "Burgundy", "Brown"];
const STYLES = ["Printed", "Striped", "Plain", "Checked", "Floral", "Ribbed", "Slim", "Oversized", "Cropped", "Pleated", "Quilted", "Washed"];
const MATERIALS = ["Cotton", "Linen", "Wool", "Denim", "Jersey", "Satin", "Fleece", "Leather", "Viscose"];
const BRANDS = Array.from({length: 60}, (_, b) => `Brand ${b + 1}`);
const AUDIENCES = ["women", "men", "girls"];

const folder = options.keep ?? mkdtempSync(join(tmpdir(), "vitrine-report-bench-"));
mkdirSync(folder, {recursive: true});

const photos = join(root, "build/demo-shop/images");
const photoNames = existsSync(photos) ? readdirSync(photos) : [];
const random = new Random("report bench");
const products = Array.from({length: PRODUCTS}, (_, i) => {
  const kind = random.below(KINDS.length), colour = random.pick(COLOURS), audience = random.pick(AUDIENCES);
  const brand = random.pick(BRANDS), price = (9 + random.below(190)).toFixed(2);
  return {kind, audience, popularity: 1 / Math.sqrt(20 + random.below(PRODUCTS)), line: [10_000_000 + i, `g${i}`,
    `${brand} ${random.pick(STYLES)} ${random.pick(MATERIALS)} ${colour} ${KINDS[kind]}`, audience, colour, DEPARTMENTS[kind], `${DEPARTMENTS[kind]} > ${KINDS[kind]}`,
    brand, price, "EUR", "in_stock", photoNames.length > 0 ? photoNames[i % photoNames.length] : ""].join(",")};
});
writeFileSync(join(folder, "catalogue.csv"), ["id,group_id,title,audience,colour,department,category,brand,price,currency,availability,images",
  ...products.map(({line}) => line), ""].join("\n"));

// Each audience's products of a kind, in the order of a cumulative popularity that is drawn from.
const pools = new Map();
products.forEach(({kind, audience, popularity}, index) => {
  const key = `${audience}/${kind}`;
  if (!pools.has(key)) pools.set(key, {items: [], upTo: []});
  const pool = pools.get(key);
  pool.items.push(index);
  pool.upTo.push((pool.upTo.at(-1) ?? 0) + popularity);
});
function draw(audience, kind) {
  const {items, upTo} = pools.get(`${audience}/${kind}`);
  const wanted = random.next() * upTo.at(-1);
  let low = 0, high = upTo.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (upTo[middle] < wanted) low = middle + 1; else high = middle;
  }
  return items[low];
}
const events = ["user_id,session_id,item_id,time,kind"], orders = ["order_id,user_id,time,item_id"];
for (let shopper = 0; shopper < SHOPPERS; ++shopper) {
  const audience = random.pick(AUDIENCES), kinds = [random.below(KINDS.length), random.below(KINDS.length)];
  for (let s = 0; s < 1 + random.below(3); ++s) {
    let seconds = FIRST_DAY_SECONDS + random.below(DAYS * 86400);
    const cart = new Set();
    for (let views = 1 + random.below(8); views > 0; --views) {
      const index = draw(audience, random.pick(kinds));
      events.push([`u${shopper}`, `u${shopper}-${s}`, 10_000_000 + index, seconds += 40, "view"].join(","));
      if (!random.chance(0.25)) continue;
      cart.add(index);
      // A companion: of the next kind, always the same of the popular few.
      const {items} = pools.get(`${audience}/${(products[index].kind + 1) % KINDS.length}`);
      if (random.chance(0.5)) cart.add(items[index % Math.min(40, items.length)]);
    }
    for (const index of cart) orders.push([`o${shopper}-${s}`, `u${shopper}`, seconds + 60, 10_000_000 + index].join(","));
  }
}
writeFileSync(join(folder, "events.csv"), [...events, ""].join("\n"));
writeFileSync(join(folder, "orders.csv"), [...orders, ""].join("\n"));
writeToml(folder, "Large", `[embed]\nencoders = ["sparse-projection"]\n${photoNames.length > 0 ? `image_root = "${photos}"\n` : ""}`);
console.log(`${PRODUCTS} products, ${events.length - 1} events, ${orders.length - 1} order lines`);

const summary = join(folder, "summary.json");
execFileSync(join(root, "build/vitrine"), ["build", "-c", join(folder, "vitrine.toml"), "-o", join(folder, "out"), "--report", summary, "--accept-worse", "-q"], {stdio: "inherit"});
const {seconds} = JSON.parse(readFileSync(summary, "utf8"));
for (const [stage, taken] of Object.entries(seconds)) console.log(`${taken.toFixed(1).padStart(7)} s  ${stage}`);
const ofReport = Object.entries(seconds).filter(([stage]) => /evaluating|report/.test(stage)).reduce((sum, [, taken]) => sum + taken, 0);
console.log(`${ofReport.toFixed(1).padStart(7)} s  the report: evaluated, drawn and written`);
for (const name of ["index.html", "report.json", "report.md"]) {
  console.log(`${(statSync(join(folder, "report", name)).size / 1e6).toFixed(2).padStart(7)} MB ${name}`);
}

const browser = await launch();
try {
  const {page, seen} = await openPage(browser);
  const start = performance.now();
  await page.goto(pathToFileURL(join(folder, "report/index.html")).href, {waitUntil: "domcontentloaded"});
  await page.waitForSelector("#map.live");
  console.log(`${Math.round(performance.now() - start).toString().padStart(7)} ms until every chart of it can be explored in Chromium`);
  const over = page.locator("#map .u-over");
  await over.scrollIntoViewIfNeeded();
  const box = await over.boundingBox();
  const pointed = performance.now();
  for (let k = 0; k < 50; ++k) await page.mouse.move(box.x + (box.width * k) / 50, box.y + box.height / 2);
  console.log(`${((performance.now() - pointed) / 50).toFixed(1).padStart(7)} ms for each move of the pointer over the map`);
  if (seen.problems.length > 0) throw new Error(seen.problems.join("\n"));
} finally {
  await browser.close();
}
if (!options.keep) rmSync(folder, {recursive: true});
