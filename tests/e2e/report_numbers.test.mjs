// The numbers of a small shop's report, counted again from the shop's own files and from the lists
// that `vitrine recommend` gives: slowly, and by nothing that the report was made with.
import assert from "node:assert/strict";
import {appendFileSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync} from "node:fs";
import {join} from "node:path";
import {after, before, describe, test} from "node:test";
import {brotliCompressSync, constants} from "node:zlib";
import {cards, noDemo, readJson, run} from "./bundle.mjs";
import {makeSmallShop} from "./small_shop.mjs";

const kMinUsers = 5;
const RESULT_BYTES = 32;  // wasm/api.h
const kWeights = {view: 1, click: 2, wishlist: 6, cart: 12, order: 20};  // of the log, times those of [taste]
const kHalfLifeDays = 365;

// As popularity is published: the upper half of a float.
function bfloat16(value) {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  const bits = bytes.readUInt32LE();
  bytes.writeUInt32LE(((bits + 0x7fff + ((bits >>> 16) & 1)) & 0xffff0000) >>> 0);
  return bytes.readFloatLE();
}

function csv(path) {
  const [header, ...lines] = readFileSync(path, "utf8").trimEnd().split("\n");
  const names = header.split(",");
  return lines.map((line) => {
    const cells = [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)].map(([, cell]) => cell.replace(/^"|"$/g, "").replaceAll('""', '"'));
    return Object.fromEntries(names.map((name, at) => [name, cells[at]]));
  });
}

const near = (actual, expected, what) =>
  assert.ok(Math.abs(actual - expected) <= 1e-5 * Math.max(1e-9, Math.abs(expected)) + 1e-12, `${what}: ${actual}, counted ${expected}`);
const sum = (values) => values.reduce((total, value) => total + value, 0);

describe("the numbers of a small shop's report", {skip: noDemo}, () => {
  let folder, report, catalogue, orders, events, order, indexOf, demand, baskets;

  before(async () => {
    folder = makeSmallShop(1);
    // All cases, not a sample; and no half-life that is chosen by what predicts best.
    appendFileSync(join(folder, "vitrine.toml"), `\n[evaluate]\nmax_cases = 1000000\n[taste]\nhalf_life_days = ${kHalfLifeDays}\n`);
    const built = await run(["build", "-c", join(folder, "vitrine.toml"), "-o", join(folder, "out")]);
    assert.equal(built.code, 0, built.stderr);
    report = readJson(join(folder, "report/report.json"));
    [catalogue, orders, events] = ["catalogue", "orders", "events"].map((name) => csv(join(folder, `${name}.csv`)));
    order = cards(join(folder, "out")).map((card) => card.id);  // bundle order
    const byId = new Map(catalogue.map((product) => [product.id, product]));
    catalogue = order.map((id) => byId.get(id));
    indexOf = new Map(order.map((id, index) => [id, index]));
    demand = order.map(() => 0);
    for (const line of orders) ++demand[indexOf.get(line.item_id)];
    const together = new Map();
    for (const line of orders) {
      if (!together.has(line.order_id)) together.set(line.order_id, {user: line.user_id, items: new Set()});
      together.get(line.order_id).items.add(indexOf.get(line.item_id));
    }
    baskets = [...together.values()];
  });
  after(() => rmSync(folder, {recursive: true}));

  // The tenth of each product by demand, 1 = the most wanted; ties in bundle order.
  const deciles = () => {
    const ranked = [...demand.keys()].sort((a, b) => demand[b] - demand[a] || a - b);
    const tenth = [];
    ranked.forEach((item, rank) => { tenth[item] = Math.floor((rank * 10) / ranked.length) + 1; });
    return tenth;
  };
  const having = (...items) => baskets.filter((basket) => items.every((item) => basket.items.has(item)));

  /** What `vitrine recommend` answers to each question. */
  async function answers(questions, limit) {
    const file = join(folder, "questions.txt");
    writeFileSync(file, questions.join("\n") + "\n");
    const {code, stdout, stderr} = await run(["recommend", "--bundle", join(folder, "out"), "--queries", file, "-k", String(limit)]);
    assert.equal(code, 0, stderr);
    return stdout.split("\n").slice(0, questions.length).map((line) => {
      const bytes = Buffer.from(line, "hex");
      return Array.from({length: bytes.length / RESULT_BYTES}, (_, r) => ({item: bytes.readUInt32LE(r * RESULT_BYTES)}));
    });
  }

  test("data: rows, fields, prices, times, departments", () => {
    const {data} = report;
    for (const input of data.inputs) assert.equal(input.rows_read, input.rows_kept + input.rows_rejected);
    assert.equal(data.products, catalogue.length);
    for (const [field, column] of Object.entries({title: "title", price: "price", brand: "brand", colour: "colour", images: "images", description: "description"})) {
      near(data.fill_rate[field], catalogue.filter((product) => product[column]).length / catalogue.length, field);
    }
    const prices = catalogue.map((product) => Number(product.price)).sort((a, b) => a - b);
    const [range] = data.prices.ranges;
    const quantile = (share) => prices[Math.floor(share * (prices.length - 1))];
    near(range.min, prices[0], "lowest price");
    near(range.quartile_1, quantile(0.25), "first quartile");
    near(range.median, quantile(0.5), "median");
    near(range.quartile_3, quantile(0.75), "third quartile");
    near(range.max, prices.at(-1), "highest price");
    assert.equal(sum(range.bars), prices.length);
    const counts = {};
    for (const {department} of catalogue) counts[department] = (counts[department] ?? 0) + 1;
    assert.deepEqual(Object.fromEntries(data.departments.map(({value, products}) => [value, products])), counts);
    assert.equal(sum(data.times.bars), data.interactions);
    const days = [...events, ...orders].map(({time}) => Math.floor((Date.parse(time) / 1000 - data.times.first_seconds) / 86400));
    assert.equal(data.times.days_per_bar, 1);
    assert.equal(data.times.bars.length, Math.max(...days) + 1);
    assert.equal(data.available, catalogue.filter((product) => product.availability !== "out_of_stock").length);
    assert.equal(data.products_with_demand, demand.filter((count) => count > 0).length);
    assert.equal(data.baskets, baskets.length);
    const groups = new Map();
    for (const product of catalogue) {
      const key = [product.title, product.colour, product.brand].join("/");
      groups.set(key, [...(groups.get(key) ?? []), product]);
    }
    const twice = [...groups.values()].filter((same) => same.length > 1 && !same.every((one) => one.group_id && one.group_id === same[0].group_id));
    assert.equal(data.duplicates.title_and_colour.sets, twice.length);
    assert.equal(data.duplicates.title_and_colour.products, sum(twice.map((same) => same.length)));
  });

  test("mining: every rule's counts, and who has partners", () => {
    const {mining} = report;
    assert.ok(mining.top_rules.length > 10 && mining.scatter.length > 50, `${mining.top_rules.length} rules, ${mining.scatter.length} points`);
    const check = (antecedent, consequent, {count, support, confidence, lift}, what) => {
      const both = having(...antecedent, consequent).length;
      const ratio = both / having(...antecedent).length;
      if (count !== undefined) assert.equal(count, both, what);
      near(support, both / baskets.length, `${what}: support`);
      near(confidence, ratio, `${what}: confidence`);
      near(lift, ratio / (having(consequent).length / baskets.length), `${what}: lift`);
    };
    for (const rule of mining.top_rules) {
      check(rule.antecedent.map((product) => product.index), rule.consequent.index, rule, rule.consequent.title);
      assert.equal(rule.consequent.id, order[rule.consequent.index]);
    }
    const pairs = mining.scatter.filter(([support, , , a, b]) => Math.abs(support - having(a, b).length / baskets.length) < 1e-6);
    assert.ok(pairs.length > mining.scatter.length / 2);  // the others have more products on the left
    for (const [support, confidence, lift, a, b] of pairs.slice(0, 200)) {
      if (Math.abs(confidence - having(a, b).length / having(a).length) < 1e-5) check([a], b, {support, confidence, lift}, `${a} with ${b}`);
    }
    const partnered = order.map((_, item) => {
      const users = new Map();
      for (const basket of having(item)) for (const other of basket.items) {
        if (other !== item) users.set(other, (users.get(other) ?? new Set()).add(basket.user));
      }
      return [...users.values()].some((group) => group.size >= kMinUsers);
    });
    const tenth = deciles();
    for (const row of mining.partners_by_decile) {
      const members = order.map((_, item) => item).filter((item) => tenth[item] === row.decile);
      assert.equal(row.products, members.length);
      assert.equal(row.with_partner, members.filter((item) => partnered[item]).length, `decile ${row.decile}`);
    }
  });

  test("similarity: precision and invariants of what is shown", async () => {
    const {similarity} = report;
    const n = order.length;
    const queries = Array.from({length: Math.min(n, 400)}, (_, k) => Math.floor((k * n) / Math.min(n, 400)));
    const lists = await answers(queries.map((item) => `similar\t${order[item]}`), 10);
    const colourOf = ({colour}) => (colour === "Light blue" ? "Blue" : colour);  // one word of the standard vocabulary
    const typeOf = (product) => product.category.split(">").at(-1).trim();
    for (const [name, same] of Object.entries({
      type: (a, b) => typeOf(a) === typeOf(b), colour: (a, b) => colourOf(a) === colourOf(b), audience: (a, b) => a.audience === b.audience})) {
      const shares = lists.map((list, q) => (list.length === 0 ? null :
        list.filter(({item}) => same(catalogue[queries[q]], catalogue[item])).length / list.length)).filter((share) => share !== null);
      const {value, low, high} = similarity.precision_10_shown[name];
      near(value, sum(shares) / shares.length, name);
      const deviation = Math.sqrt(sum(shares.map((share) => (share - value) ** 2)) / shares.length);
      const half = (1.96 * deviation) / Math.sqrt(shares.length);  // of a mean of so many
      assert.ok(Math.abs(high - low - 2 * half) < 0.2 * 2 * half + 1e-9, `${name}: ${low} to ${high}, expected ${half} to each side`);
    }
    assert.deepEqual(similarity.violations, {cross_audience: 0, out_of_stock: 0, same_group: 0, in_cart: 0});
    for (const row of similarity.gallery.best) {
      near(row.mean_cosine, sum(row.similar.map((product) => product.cosine)) / row.similar.length, "mean cosine");
    }
  });

  test("for you: what is asked of whom, and how popular answers it", async () => {
    const clean = await run(["ingest", "-c", join(folder, "vitrine.toml"), "-o", join(folder, "clean"), "-q"]);
    assert.equal(clean.code, 0, clean.stderr);
    const log = csv(join(folder, "clean/events.csv")).map((row) => ({...row, seconds: Date.parse(row.time) / 1000, item: indexOf.get(row.item_id)}));
    const sessions = new Map();
    for (const event of log) sessions.set(event.session_id, [...(sessions.get(event.session_id) ?? []), event]);
    const starts = [...sessions.values()].map(([first]) => first.seconds).sort((a, b) => a - b);
    const cut = starts[Math.floor(starts.length * 0.9)];
    const later = [...sessions.values()].filter(([first]) => first.seconds >= cut);
    const earlier = [...sessions.values()].filter(([first]) => first.seconds < cut).flat().filter(({seconds}) => seconds < cut);
    const {personalization} = report;
    assert.equal(personalization.cut_seconds, cut);
    assert.equal(personalization.later_sessions, later.length);
    assert.equal(personalization.earlier_sessions, sessions.size - later.length);
    assert.equal(personalization.interactions_before_cut, earlier.length);
    assert.equal(personalization.interactions_learned, earlier.length);

    const newest = Math.max(...earlier.map(({seconds}) => seconds));
    const score = order.map(() => 0), shoppers = order.map(() => new Set()), touched = order.map(() => 1);
    for (const {item, user_id, kind, seconds} of earlier) {
      score[item] += kWeights[kind] * 2 ** ((seconds - newest) / 86400 / kHalfLifeDays);
      shoppers[item].add(user_id);
      ++touched[item];
    }
    const published = score.map((sum, item) => (shoppers[item].size >= kMinUsers ? bfloat16(sum) : 0));
    const ranked = [...published.keys()].filter((item) => published[item] > 0).sort((a, b) => published[b] - published[a] || a - b);
    const known = new Set(earlier.map(({user_id}) => user_id));
    const slices = {"existing": [], "new with events": [], "new without events": []};
    for (const session of later) {
      const seen = new Set();
      session.forEach(({item, user_id}, position) => {
        if (seen.has(item)) return;
        const list = ranked.filter((other) => !seen.has(other)).slice(0, 20);
        const rank = list.indexOf(item) + 1;
        const coming = new Set(session.slice(position).map((event) => event.item).filter((other) => !seen.has(other)));
        slices[known.has(user_id) ? "existing" : position === 0 ? "new without events" : "new with events"].push({
          list, rank, recall: list.filter((other) => coming.has(other)).length / coming.size,
          novelty: sum(list.map((other) => -Math.log2(touched[other] / sum(touched)))) / list.length});
        seen.add(item);
      });
    }
    const mean = (cases, value) => sum(cases.map(value)) / cases.length;
    for (const [value, cases] of [["all", Object.values(slices).flat()], ...Object.entries(slices)]) {
      assert.ok(cases.length > 100, `${value}: ${cases.length} cases`);
      const {popular} = personalization.groups.find((group) => group.value === value && ["all", "slice"].includes(group.dimension)).strategies;
      assert.equal(popular.cases, cases.length, value);
      for (const depth of [1, 5, 10, 20]) near(popular[`hit_rate_${depth}`].value, mean(cases, ({rank}) => Number(rank > 0 && rank <= depth)), `${value}: HR@${depth}`);
      near(popular.mrr_20.value, mean(cases, ({rank}) => (rank > 0 ? 1 / rank : 0)), `${value}: MRR@20`);
      near(popular.ndcg_20.value, mean(cases, ({rank}) => (rank > 0 ? 1 / Math.log2(rank + 1) : 0)), `${value}: NDCG@20`);
      near(popular.recall_20.value, mean(cases, ({recall}) => recall), `${value}: recall@20`);
      near(popular.novelty_bits.value, mean(cases, ({novelty}) => novelty), `${value}: novelty`);
      near(popular.coverage, new Set(cases.flatMap(({list}) => list)).size / order.length, `${value}: coverage`);
    }
  });

  test("for you: the figures of each strategy hang together", () => {
    const {personalization} = report;
    const metrics = (dimension) => personalization.groups.filter((group) => group.dimension === dimension);
    const lengths = metrics("session length").map(({value}) => value);
    assert.ok(lengths.length >= 4, `session lengths: ${lengths}`);
    assert.deepEqual(lengths, ["0", "1", "2", "3-4", "5-9", "10+"].filter((length) => lengths.includes(length)));
    const [{strategies: all}] = metrics("all");
    for (const [name, one] of Object.entries(all)) {
      for (const dimension of ["slice", "session length", "popularity decile", "audience", "department"]) {
        const parts = metrics(dimension).map((group) => group.strategies[name]);
        assert.equal(sum(parts.map((part) => part.cases)), one.cases, dimension);
        for (const key of ["hit_rate_1", "hit_rate_20", "mrr_20", "ndcg_20", "recall_20"]) {
          const mean = sum(parts.map((part) => part[key].value * part.cases)) / one.cases;
          assert.ok(Math.abs(mean - one[key].value) < 1e-5, `${name} by ${dimension}: ${key} ${one[key].value}, from its parts ${mean}`);
        }
      }
      const gain = one.hit_rate_20.value - all.popular.hit_rate_20.value;
      assert.ok(Math.abs(one.hit_rate_20_gain.value - gain) < 2e-6, `${name}: gain ${one.hit_rate_20_gain.value}, counted ${gain}`);  // each is rounded
      assert.ok(one.hit_rate_1.value <= one.hit_rate_5.value && one.hit_rate_5.value <= one.hit_rate_10.value && one.hit_rate_10.value <= one.hit_rate_20.value);
      assert.ok(one.ndcg_20.value >= one.mrr_20.value && one.hit_rate_20.value >= one.ndcg_20.value);
    }
    assert.ok(all.blend && all.session);
  });

  test("long tail: reach of purchases and of the lists of all pages", async () => {
    const tenth = deciles();
    const gini = (values) => {
      let differences = 0;
      for (const a of values) for (const b of values) differences += Math.abs(a - b);
      return differences / (2 * values.length * sum(values));
    };
    const rows = {purchases: demand};
    for (const [name, question] of [["bought together", "bought-together"], ["similar", "similar"]]) {
      const times = order.map(() => 0);
      for (const list of await answers(order.map((id) => `${question}\t${id}`), 8)) for (const {item} of list) ++times[item];
      rows[name] = times;
    }
    for (const [name, times] of Object.entries(rows)) {
      const row = report.long_tail.rows.find((one) => one.name === name);
      near(row.entries, sum(times), `${name}: entries`);
      near(row.coverage, times.filter((count) => count > 0).length / times.length, `${name}: coverage`);
      near(row.gini, gini(times), `${name}: gini`);
      near(row.rare_share, sum(times.filter((_, item) => demand[item] < report.long_tail.rare_below)) / sum(times), `${name}: rare`);
      assert.equal(row.dead_products_shown, times.filter((count, item) => count > 0 && demand[item] === 0).length);
      row.share_by_decile.forEach((share, d) => near(share, sum(times.filter((_, item) => tenth[item] === d + 1)) / sum(times), `${name}: decile ${d + 1}`));
      const ascending = [...times].sort((a, b) => a - b);
      for (const [x, y] of row.lorenz) near(y, sum(ascending.slice(0, Math.floor(Math.round(x * 50) * times.length / 50))) / sum(times), `${name}: lorenz at ${x}`);
    }
    assert.equal(report.long_tail.dead_products, demand.filter((count) => count === 0).length);
  });

  test("privacy: no number stands on fewer shoppers than the floor", () => {
    const {privacy} = report;
    assert.equal(privacy.min_users, kMinUsers);
    assert.ok(privacy.smallest_group >= kMinUsers);
    const users = order.map(() => new Set());
    const add = (line) => users[indexOf.get(line.item_id)].add(line.user_id);
    events.forEach(add);
    orders.forEach(add);
    const sizes = users.map((group) => group.size).filter((size) => size >= kMinUsers);
    const group = privacy.groups.find(({what}) => what === "popularity of products");
    assert.equal(group.numbers, sizes.length);
    assert.equal(group.smallest_group, Math.min(...sizes));
    group.numbers_by_group_size.forEach((count, bar) => {
      const from = privacy.group_sizes[bar], to = privacy.group_sizes[bar + 1] ?? Infinity;
      assert.equal(count, sizes.filter((size) => size >= from && size < to).length, `groups of ${from}`);
    });
    const rules = privacy.groups.find(({what}) => what === "rules of bought together");
    assert.equal(sum(rules.numbers_by_group_size), rules.numbers);
    for (const rule of report.mining.top_rules) {
      const behind = new Set(having(...rule.antecedent.map((product) => product.index), rule.consequent.index).map((basket) => basket.user));
      assert.ok(behind.size >= kMinUsers && behind.size >= rules.smallest_group);
    }
  });

  test("bytes: the files of the bundle, and how a CDN sends them", () => {
    const {bytes} = report;
    const manifest = readJson(join(folder, "out/manifest.json"));
    const brotli = (path) => brotliCompressSync(readFileSync(join(folder, "out", path)), {params: {
      [constants.BROTLI_PARAM_QUALITY]: 9, [constants.BROTLI_PARAM_LGWIN]: 24}}).length;
    const size = (path) => statSync(join(folder, "out", path)).size;
    const stage = Object.fromEntries(bytes.bundle.stages.map((one) => [one.part, one]));
    for (const [name, {file}] of Object.entries(manifest.sections)) {
      assert.equal(stage[name].bytes, size(file), name);
      assert.ok(Math.abs(stage[name].brotli_bytes / brotli(file) - 1) < 0.05, `${name}: ${stage[name].brotli_bytes} sent, counted ${brotli(file)}`);
    }
    assert.equal(stage.manifest.bytes, size("manifest.json"));
    assert.equal(bytes.bundle.page_shards.files, readdirSync(join(folder, "out/pages", manifest.pages.stamp)).filter((name) => name.endsWith(".json")).length);
  });

  test("comparison: the itemsets that another run of the miner counts", async () => {
    const file = join(folder, "baskets.txt");
    writeFileSync(file, baskets.map(({items}) => [...items].join(" ")).join("\n") + "\n");
    for (const one of report.comparison.mining.runs) {
      assert.equal(one.min_count, Math.max(2, Math.ceil(one.min_support * baskets.length)));
      const {stdout} = await run(["mine", "--baskets", file, "--min-count", String(one.min_count), "--algorithm", "apriori", "--count-only"]);
      const total = sum(stdout.trim().split("\n").filter((line) => /^\d+\t\d+$/.test(line)).map((line) => Number(line.split("\t")[1])));
      for (const miner of one.miners.filter(({finished}) => finished)) assert.equal(miner.itemsets, total, miner.algorithm);
      if (one.miners.every(({finished}) => finished)) assert.ok(one.same_result);
    }
    for (const index of report.comparison.indexes.indexes) {
      assert.ok(index.recall_20 >= 0 && index.recall_20 <= 1);
      if (index.name === "exact") near(index.recall_20, 1, "exact");
    }
  });
});
