// The numbers of a small shop's report, counted again from the shop's own files and from the lists
// that `vitrine recommend` gives: slowly, and by nothing that the report was made with.
import assert from "node:assert/strict";
import {appendFileSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync} from "node:fs";
import {join} from "node:path";
import {after, before, describe, test} from "node:test";
import {brotliCompressSync, constants} from "node:zlib";
import {cards, noDemo, readJson, run} from "./bundle.mjs";
import {Resamples, answers, bfloat16, csv, evenSample, gini, mean, near, sum, tenths, typeOf} from "./recount.mjs";
import {makeSmallShop} from "./small_shop.mjs";

const kMinUsers = 5;
const kWeights = {view: 1, click: 2, wishlist: 6, cart: 12, order: 20};  // of the log, times those of [taste]
const kHalfLifeDays = 365;

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
      if (!together.has(line.order_id)) together.set(line.order_id, {user: line.user_id, seconds: Date.parse(line.time) / 1000, items: new Set()});
      together.get(line.order_id).items.add(indexOf.get(line.item_id));
    }
    baskets = [...together.values()];
  });
  after(() => rmSync(folder, {recursive: true}));

  const having = (...items) => baskets.filter((basket) => items.every((item) => basket.items.has(item)));

  test("data: rows, fields, prices, times, departments", () => {
    const {data} = report;
    for (const input of data.inputs) assert.equal(input.rows_read, input.rows_kept + input.rows_rejected);
    assert.equal(data.products, catalogue.length);
    for (const [field, rate] of Object.entries(data.fill_rate)) {
      const column = field === "size" ? "sizes" : field;
      near(rate, catalogue.filter((product) => product[column]).length / catalogue.length, field);
    }
    const prices = catalogue.map((product) => Number(product.price)).sort((a, b) => a - b);
    const [range] = data.prices.ranges;
    const quantile = (share) => prices[Math.floor(share * (prices.length - 1))];
    near(range.min, prices[0], "lowest price");
    near(range.quartile_1, quantile(0.25), "first quartile");
    near(range.median, quantile(0.5), "median");
    near(range.quartile_3, quantile(0.75), "third quartile");
    near(range.max, prices.at(-1), "highest price");
    const bars = range.bars.map(() => 0);
    for (const price of prices) ++bars[Math.min(bars.length - 1, Math.floor((price - prices[0]) / range.bar_width + 1e-9))];
    assert.deepEqual(range.bars, bars);
    for (const [column, list] of [["department", data.departments], ["audience", data.audiences]]) {
      const counts = {};
      for (const product of catalogue) counts[product[column]] = (counts[product[column]] ?? 0) + 1;
      assert.deepEqual(Object.fromEntries(list.map(({value, products}) => [value, products])), counts);
    }
    // Purchases are told by the orders; every click, wish and cart by the events.
    const log = [...events.filter(({kind}) => kind !== "order"), ...orders];
    assert.equal(data.interactions, log.length);
    assert.deepEqual(data.item_ids, {seen: log.length, matched: log.length, match_rate: 1, most_frequent_unmatched: []});
    assert.equal(data.users, new Set(log.map(({user_id: user}) => user)).size);
    assert.equal(data.basket_items, sum(baskets.map(({items}) => items.size)));
    const seconds = log.map(({time}) => Date.parse(time) / 1000);
    assert.equal(data.times.first_seconds, Math.min(...seconds));
    assert.equal(data.times.last_seconds, Math.max(...seconds));
    assert.equal(data.times.days_per_bar, 1);
    const perDay = Array(Math.floor((data.times.last_seconds - data.times.first_seconds) / 86400) + 1).fill(0);
    for (const time of seconds) ++perDay[Math.floor((time - data.times.first_seconds) / 86400)];
    assert.deepEqual(data.times.bars, perDay);
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
    assert.equal(data.duplicates.photo.products, catalogue.length - new Set(catalogue.map(({images}) => images)).size);
  });

  const kPrior = 3;  // baskets; docs/mining.md
  const shrunk = (count, a, b, all) => ((count + kPrior) / ((a * b) / all + kPrior)) * Math.sqrt(b / all);
  /** Who was bought with each product by enough shoppers: [Map of other product to {count, score}], in these baskets. */
  function partners(of) {
    const count = order.map(() => 0), together = order.map(() => new Map());
    for (const {user, items} of of) for (const item of items) {
      ++count[item];
      for (const partner of items) {
        if (partner === item) continue;
        const both = together[item].get(partner) ?? {count: 0, users: new Set()};
        ++both.count;
        both.users.add(user);
        together[item].set(partner, both);
      }
    }
    together.forEach((found, item) => {
      for (const [partner, both] of found) {
        if (both.users.size < kMinUsers) found.delete(partner);
        else both.score = shrunk(both.count, count[item], count[partner], of.length);
      }
    });
    return {count, together};
  }
  /** Every way to leave one of them out. */
  const withoutOne = (items) => items.map((_, k) => items.toSpliced(k, 1));

  test("mining: how many rules, the best of them, and the picture of pairs", () => {
    const {mining} = report;
    const {count, together} = partners(baskets);
    const rules = together.flatMap((found, item) => [...found].map(([partner, both]) => ({set: [item, partner].sort((a, b) => a - b), users: both.users.size, score: both.score})));
    assert.ok(together.every((found) => found.size <= 20));  // as many are kept
    // Sets of three and four products, each bought together by enough shoppers.
    const sets = new Map();
    for (const {user, items} of baskets) {
      const grow = (set, rest) => rest.forEach((item, k) => {
        const more = [...set, item];
        if (more.length > 2) sets.set(more.join(), [...(sets.get(more.join()) ?? []), user]);
        if (more.length < 4) grow(more, rest.slice(k + 1));
      });
      grow([], [...items].sort((a, b) => a - b));
    }
    let carts = 0;
    for (const [key, users] of sets) {
      const set = key.split(",").map(Number);
      if (users.length < kMinUsers || new Set(users).size < kMinUsers) continue;
      for (const left of withoutOne(set)) {
        const right = set.find((item) => !left.includes(item));
        const confidence = users.length / having(...left).length;
        // A rule with a part of its left side must not say nearly as much.
        if (withoutOne(left).some((part) => confidence < 1.1 * having(...part, right).length / having(...part).length)) continue;
        ++carts;
        rules.push({set, users: new Set(users).size, score: shrunk(users.length, having(...left).length, count[right], baskets.length)});
      }
    }
    assert.ok(carts > 3);
    assert.equal(mining.baskets, baskets.length);
    assert.equal(mining.rules, rules.length);
    assert.equal(mining.cart_rules, carts);
    const sides = new Map();  // of several directions of one set the best
    for (const {set, score} of rules.sort((a, b) => b.score - a.score)) if (!sides.has(set.join())) sides.set(set.join(), score);
    assert.equal(mining.scatter.length, sides.size);
    mining.top_rules.forEach(({antecedent, consequent, count: both}, k) => {
      const score = shrunk(both, having(...antecedent.map(({index}) => index)).length, count[consequent.index], baskets.length);
      near(score, [...sides.values()][k], `the score of rule ${k + 1}`);
    });
    const {nodes, edges} = mining.graph;
    assert.equal(edges.length, Math.min(36, [...sides.keys()].filter((set) => set.split(",").length === 2).length));
    assert.deepEqual(new Set(edges.flatMap(({from, to}) => [from, to])), new Set(nodes.keys()));
    for (const {from, to, count: both, lift} of edges) {
      const [a, b] = [nodes[from], nodes[to]].map(({index, id}) => { assert.equal(order[index], id); return index; });
      assert.equal(both, having(a, b).length);
      near(lift, (both * baskets.length) / count[a] / count[b], "lift of a pair");
    }
    const group = report.privacy.groups.find(({what}) => what === "rules of bought together");
    group.numbers_by_group_size.forEach((number, bar) => {
      const from = report.privacy.group_sizes[bar], to = report.privacy.group_sizes[bar + 1] ?? Infinity;
      assert.equal(number, rules.filter(({users}) => users >= from && users < to).length, `rules of ${from} shoppers`);
    });
    assert.equal(group.smallest_group, Math.min(...rules.map(({users}) => users)));
  });

  test("mining: later baskets, foreseen by rules of the earlier ones", () => {
    const cut = report.personalization.cut_seconds;
    const earlier = baskets.filter(({seconds}) => seconds < cut);
    const later = baskets.filter(({seconds, items}) => seconds >= cut && items.size > 1);
    assert.ok(later.length > 50 && later.length <= 2000);  // all are asked about
    const {count, together} = partners(earlier);
    const popular = [...count.keys()].sort((a, b) => count[b] - count[a] || a - b);
    const users = [], figures = {hit_rate_10: [], popular_hit_rate_10: [], answered: [], gain: []};
    for (const {user, items} of later) for (const shown of items) {
      const hit = (list) => Number(list.slice(0, 10).some((item) => items.has(item)));
      const best = [...together[shown]].sort(([a, x], [b, y]) => y.score - x.score || a - b).map(([item]) => item);
      const known = popular.filter((item) => item !== shown);
      users.push(user);
      for (const [name, value] of Object.entries({hit_rate_10: hit(best), popular_hit_rate_10: hit(known), answered: Number(best.length > 0), gain: hit(best) - hit(known)})) figures[name].push(value);
    }
    const {next_baskets: told} = report.mining;
    assert.equal(told.cases, users.length);
    const resamples = new Resamples(users);
    for (const [name, values] of Object.entries(figures)) resamples.check(told[name], values, name);
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
    const {together} = partners(baskets);
    const tenth = tenths(demand);
    for (const row of mining.partners_by_decile) {
      const members = order.map((_, item) => item).filter((item) => tenth[item] === row.decile);
      assert.equal(row.products, members.length);
      assert.equal(row.with_partner, members.filter((item) => together[item].size > 0).length, `decile ${row.decile}`);
      near(row.share, row.with_partner / row.products, `decile ${row.decile}`);
      near(row.mean_partners, mean(members.map((item) => together[item].size)), `decile ${row.decile}`);
    }
  });

  test("similarity: precision and invariants of what is shown", async () => {
    const {similarity} = report;
    const n = order.length;
    const queries = evenSample(n, 400);
    const lists = await answers(folder, queries.map((item) => `similar\t${order[item]}`), 10);
    const colourOf = ({colour}) => (colour === "Light blue" ? "Blue" : colour);  // one word of the standard vocabulary
    for (const [name, same] of Object.entries({
      type: (a, b) => typeOf(a) === typeOf(b), colour: (a, b) => colourOf(a) === colourOf(b), audience: (a, b) => a.audience === b.audience})) {
      const shares = lists.map((list, q) => (list.length === 0 ? null :
        list.filter(({item}) => same(catalogue[queries[q]], catalogue[item])).length / list.length)).filter((share) => share !== null);
      new Resamples(shares.map((_, q) => q)).check(similarity.precision_10_shown[name], shares, name);
    }
    assert.deepEqual(similarity.violations, {cross_audience: 0, out_of_stock: 0, same_group: 0, in_cart: 0});
    const all = await answers(folder, order.map((id) => `similar\t${id}`), 8);
    const bought = await answers(folder, order.map((id) => `bought-together\t${id}`), 8);
    assert.equal(similarity.lists_checked, 2 * n);
    assert.equal(similarity.entries_checked, sum([...all, ...bought].map((list) => list.length)));
    assert.equal(similarity.products_asked, n);
    assert.equal(similarity.products_answered, all.filter((list) => list.length > 0).length);
    const rows = [...all.entries()].filter(([, list]) => list.length > 0).map(([item, list]) => {
      const similar = list.slice(0, 5);
      return {item, similar: similar.map((line) => line.item), cosines: similar.map((line) => line.strength)};
    });
    const ranked = rows.toSorted((a, b) => mean(b.cosines) - mean(a.cosines) || a.item - b.item);
    const expected = {best: ranked.slice(0, 6), worst: ranked.slice(-6).reverse(), random: evenSample(rows.length, 6).map((row) => rows[row])};
    for (const [name, shown] of Object.entries(expected)) {
      assert.deepEqual(similarity.gallery[name].map(({product}) => product.index), shown.map(({item}) => item), name);
      similarity.gallery[name].forEach((row, k) => {
        assert.deepEqual(row.similar.map(({index}) => index), shown[k].similar, name);
        row.similar.forEach(({cosine}, r) => near(cosine, shown[k].cosines[r], "cosine"));
        near(row.mean_cosine, mean(shown[k].cosines), "mean cosine");
      });
    }
    assert.equal(similarity.map.points.length, n);
    similarity.map.points.forEach(([x, y, department, title], item) => {
      assert.ok(Number.isFinite(x) && Number.isFinite(y));
      assert.deepEqual([department, title], [catalogue[item].department, catalogue[item].title]);
    });
    // Neighbours stand near each other on the map.
    const apart = (a, b) => Math.hypot(...[0, 1].map((axis) => similarity.map.points[a][axis] - similarity.map.points[b][axis]));
    const near_ = mean(rows.map(({item, similar}) => apart(item, similar[0]))), far = mean(rows.map(({item}) => apart(item, (item + n / 2) % n)));
    assert.ok(near_ < far / 3, `neighbours are ${near_} apart, others ${far}`);
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
    const tenth = tenths(demand);
    const rows = {purchases: demand};
    for (const [name, question] of [["bought together", "bought-together"], ["similar", "similar"]]) {
      const times = order.map(() => 0);
      for (const list of await answers(folder, order.map((id) => `${question}\t${id}`), 8)) for (const {item} of list) ++times[item];
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
    assert.equal(bytes.bundle.items, order.length);
    assert.equal(bytes.bundle.build, manifest.build);
    assert.deepEqual(bytes.sections.map(({section}) => section), ["catalogue", "rules", "taste", "vectors"]);
    for (const {section, bytes: size_, bytes_per_item: perItem} of bytes.sections) {
      assert.equal(size_, size(manifest.sections[section].file) - 24, section);  // without the frame
      near(perItem, size_ / order.length, section);
    }
    for (const [name, part] of [["pages", "page shard (mean)"], ["cards", "card shard (mean)"]]) {
      const shards = bytes.bundle[`${name.slice(0, -1)}_shards`];
      const files = readdirSync(join(folder, "out", name, manifest[name].stamp)).filter((file) => file.endsWith(".json"));
      assert.equal(shards.files, files.length);
      const sample = evenSample(files.length, 24).map((number) => `${name}/${manifest[name].stamp}/${number}.json`);
      near(shards.mean_bytes, mean(sample.map(size)), part);
      assert.ok(Math.abs(shards.mean_brotli_bytes / mean(sample.map(brotli)) - 1) < 0.05, part);
      assert.ok(Math.abs(shards.largest_brotli_bytes / Math.max(...sample.map(brotli)) - 1) < 0.05, part);
      assert.equal(stage[part].bytes, shards.mean_bytes);
      assert.equal(stage[part].brotli_bytes, Math.floor(shards.mean_brotli_bytes));
    }
    assert.equal(stage.popular.bytes, size(manifest.popular.file));
    assert.deepEqual(bytes.bundle.stages.filter((one) => one.before_first_paint).map((one) => one.part), ["manifest", "page shard (mean)"]);
  });

  test("verdict: what it says are the figures of the pages", () => {
    const percent = (share) => `${(100 * share).toFixed(1)} %`;
    const count = (number) => number.toLocaleString("en");
    const {data, mining, similarity, personalization} = report;
    const {blend, popular} = personalization.groups[0].strategies;
    const told = Object.fromEntries(report.verdict.map(({subject, reason}) => [subject, reason]));
    assert.equal(told.Data, `${count(data.products)} products, ${count(data.interactions)} interactions, ${count(data.baskets)} baskets; 100.0 % of the ids match.`);
    const partnered = sum(mining.partners_by_decile.map((row) => row.with_partner)) / order.length;
    assert.equal(told["Bought together"], `${percent(partnered)} of the products have partners; ${count(mining.rules)} rules; on later baskets the first ten hold ` +
      `another product of the basket in ${percent(mining.next_baskets.hit_rate_10.value)} of cases (most bought: ${percent(mining.next_baskets.popular_hit_rate_10.value)}).`);
    assert.equal(told["Similar products"], `Only ${percent(similarity.precision_10_shown.type.value)} of what is shown is of the same type.`);
    assert.equal(told["For you"], `The next product is among the first 20 in ${percent(blend.hit_rate_20.value)} of ${count(blend.cases)} later cases ` +
      `(${percent(blend.hit_rate_20.low)} to ${percent(blend.hit_rate_20.high)}); popularity alone: ${percent(popular.hit_rate_20.value)}.`);
    assert.ok(blend.hit_rate_20_gain.high > 0);
    assert.deepEqual(report.gate, {failures: [], published: true});
    assert.deepEqual([report.compared_with, report.changes], [null, []]);
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
