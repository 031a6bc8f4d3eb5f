// Bought together on real fashion orders: of each later order of several products one is shown, and
// one of the others must be among the engine's first ten answers (in WebAssembly). Learned from the
// first days, measured on the last two; beside it co-counts of the same days, which keep no privacy
// floor. Also how long an answer takes, and how much of it is sent.
//
//   node tests/bench/baskets.bench.mjs [--data ../shared/data] [--variants] [--min-users 5]
//
// --variants: another colour or size of the shown product counts as a product of its own (no
// group_id). Needs ./run build and the folders hm-baskets and hm-articles.
import {execFileSync} from "node:child_process";
import {existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {parseArgs} from "node:util";
import {brotliCompressSync, gunzipSync} from "node:zlib";
import {cards, Engine, itemsOf} from "../e2e/bundle.mjs";

const {values: options} = parseArgs({options: {
  data: {type: "string", default: "../shared/data"}, variants: {type: "boolean", default: false},
  "min-users": {type: "string", default: "5"}, keep: {type: "string"},
}});
const CUTOFF = 10, TEST_DAYS = 2, RARE_BELOW = 5;
const orders = join(options.data, "hm-baskets/transactions.csv.gz");
const articles = resolve(options.data, "hm-articles/articles.csv.gz");
if (!existsSync(orders) || !existsSync(articles)) {
  console.error(`baskets.bench: no hm-baskets and hm-articles in ${options.data}; name their folder with --data`);
  process.exit(1);
}
const folder = options.keep ?? mkdtempSync(join(tmpdir(), "vitrine-baskets-"));

const [header, ...lines] = gunzipSync(readFileSync(orders)).toString("utf8").trim().split("\n");
const days = [...new Set(lines.map((line) => line.split(",", 1)[0]))].sort();
const firstTestDay = days.at(-TEST_DAYS);
const earlier = lines.filter((line) => line < firstTestDay), later = lines.filter((line) => line >= firstTestDay);
writeFileSync(join(folder, "orders.csv"), [header, ...earlier, ""].join("\n"));
writeFileSync(join(folder, "vitrine.toml"), `
[shop]
name = "Orders"
currency = "EUR"
[catalogue]
files = "${articles}"
[catalogue.columns]
id = "article_id"
group_id = "${options.variants ? "" : "product_code"}"
title = "prod_name"
description = "detail_desc"
audience = ["index_name"]
colour = "colour_group_name"
department = "garment_group_name"
category = ["product_group_name", "product_type_name"]
[orders]
files = "orders.csv"
[orders.columns]
user = "customer"
item = "article_id"
time = "date"
[embed]
encoders = ["sparse-projection"]
[privacy]
min_users = ${Number(options["min-users"])}
[search]
enabled = false
[report]
folder = ""
`);
execFileSync("build/vitrine", ["build", "-c", join(folder, "vitrine.toml"), "-o", join(folder, "bundle")],
             {stdio: ["ignore", "ignore", "inherit"]});

/** Orders as lists of different articles, one for each day and customer. */
function basketsOf(rows) {
  const baskets = new Map();
  for (const row of rows) {
    const [day, customer, article] = row.split(",");
    const key = `${day} ${customer}`;
    if (!baskets.has(key)) baskets.set(key, {customer, articles: new Set()});
    baskets.get(key).articles.add(article);
  }
  return [...baskets.values()].map(({customer, articles}) => ({customer, articles: [...articles]}));
}

const known = basketsOf(earlier), bought = new Map(), together = new Map();
for (const {customer, articles: basket} of known) {
  for (const a of basket) {
    bought.set(a, (bought.get(a) ?? 0) + 1);
    if (!together.has(a)) together.set(a, new Map());
    const others = together.get(a);
    for (const b of basket) {
      if (a === b) continue;
      if (!others.has(b)) others.set(b, {count: 0, customers: new Set()});
      ++others.get(b).count;
      others.get(b).customers.add(customer);
    }
  }
}
const design = (article) => options.variants ? article : article.slice(0, -3);

/** The ten best by `score(count, a, b)`, of each design one and none of the shown product's own. */
function coCounted(a, score, floor = 1) {
  const best = [...together.get(a) ?? []].filter(([, {customers}]) => customers.size >= floor)
    .map(([b, {count}]) => ({b, value: score(count, a, b)}))
    .sort((x, y) => y.value - x.value || bought.get(y.b) - bought.get(x.b) || (x.b < y.b ? -1 : 1));
  const designs = new Set([design(a)]), list = [];
  for (const {b} of best) {
    if (list.length === CUTOFF) break;
    if (designs.has(design(b))) continue;
    designs.add(design(b));
    list.push(b);
  }
  return list;
}

const bundle = join(folder, "bundle"), engine = await Engine.open(bundle);
const products = cards(bundle);
const indexOf = new Map(products.map(({id, index}) => [id, index]));
const milliseconds = [];
const answered = (a) => {
  const start = performance.now();
  const answer = engine.boughtTogether([indexOf.get(a)], CUTOFF);
  milliseconds.push(performance.now() - start);
  return itemsOf(answer).map((index) => products[index].id);
};
const cosine = (count, a, b) => count / Math.sqrt(bought.get(a) * bought.get(b));
const methods = {
  "co-count cosine": (a) => coCounted(a, cosine),
  "co-counts": (a) => coCounted(a, (count) => count),
  "co-counts, floor": (a) => coCounted(a, (count) => count, Number(options["min-users"])),
  "vitrine": answered,
};
const cases = basketsOf(later).map(({articles}) => articles).filter((basket) => basket.length > 1)
  .flatMap((basket) => basket.map((shown) => ({shown, others: basket.filter((each) => each !== shown)})));
console.log(`${known.length} orders learned from, ${cases.length} products of later orders shown`);
console.log("method            hit@10  rare share  length");
for (const [name, method] of Object.entries(methods)) {
  const lists = new Map();
  let hits = 0, rare = 0, entries = 0;
  for (const {shown, others} of cases) {
    if (!lists.has(shown)) lists.set(shown, method(shown));
    const list = lists.get(shown);
    hits += others.some((other) => list.includes(other)) ? 1 : 0;
    rare += list.filter((article) => (bought.get(article) ?? 0) < RARE_BELOW).length;
    entries += list.length;
  }
  console.log(`${name.padEnd(17)} ${(hits / cases.length).toFixed(4)}  ${(rare / Math.max(1, entries)).toFixed(4).padStart(10)}  ${(entries / cases.length).toFixed(2).padStart(6)}`);
}
milliseconds.sort((a, b) => a - b);
const quantile = (share) => milliseconds[Math.floor(share * (milliseconds.length - 1))].toFixed(2);
console.log(`an answer among ${products.length} products: p50 ${quantile(0.5)} ms, p99 ${quantile(0.99)} ms`);
const section = readdirSync(join(bundle, "data")).find((name) => /^rules\.\w+\.bin$/.test(name));
const sent = brotliCompressSync(readFileSync(join(bundle, "data", section))).length;
console.log(`section RULE as sent: ${(sent / products.length).toFixed(2)} bytes a product`);
if (!options.keep) rmSync(folder, {recursive: true});
