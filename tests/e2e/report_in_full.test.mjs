// The numbers of `vitrine evaluate -c` on a small shop, counted again: those of every strategy from
// the lists that it made, those of encoders and indexes by comparing all products with all.
import assert from "node:assert/strict";
import {appendFileSync, readFileSync, readdirSync, rmSync, writeFileSync} from "node:fs";
import {basename, join} from "node:path";
import {after, before, describe, test} from "node:test";
import {writeNpy} from "../support/npy.mjs";
import {cards, noDemo, readJson, run} from "./bundle.mjs";
import {Resamples, answers, bfloat16, csv, dot, evenSample, gini, mean, near, nearest, sum, tenths, typeOf, unitRows} from "./recount.mjs";
import {makeSmallShop} from "./small_shop.mjs";

const kMinUsers = 5, kOtherFloor = 1;
const kHalfLifeDays = 365;
const kWeights = {view: 1, click: 2, wishlist: 6, cart: 12, order: 20};  // of the log, times those of [taste]
const kMaxHistory = 50;
const kShares = [0.1, 0.25, 0.5, 1];  // of the log, in the learning curve
const kStrategies = ["popular", "popular-segment", "recent", "user-cf-cosine", "user-cf-pearson", "user-cf-cohorts", "cohorts-pearson", "item-cf",
  "session", "embedding-cf", "cohorts-embedding", "two-tower", "two-tower-mse", "session-encoder", "session-knn", "blend"];

describe("the numbers of a report in full", {skip: noDemo}, () => {
  let folder, report, other, said, catalogue, order, indexOf, earlier, cases, vectors;

  async function vitrine(...args) {
    const ran = await run(args);
    assert.equal(ran.code, 0, ran.stderr);
    return ran.stdout;
  }
  const evaluate = (predictions, ...more) =>
    vitrine("evaluate", "-c", join(folder, "vitrine.toml"), "--predictions", join(folder, predictions, "lists"), ...more);

  before(async () => {
    folder = makeSmallShop(4);
    // All cases, not a sample; and no half-life that is chosen by what predicts best.
    appendFileSync(join(folder, "vitrine.toml"), `\n[evaluate]\nmax_cases = 1000000\n[taste]\nhalf_life_days = ${kHalfLifeDays}\n`);
    const toml = join(folder, "vitrine.toml"), cache = ["--set", "build.cache=cache"];
    await vitrine("build", "-c", toml, "-o", join(folder, "out"), "--set", "report.folder=", ...cache);
    await vitrine("ingest", "-c", toml, "-o", join(folder, "clean"), "-q");
    await evaluate("first", ...cache);
    report = readJson(join(folder, "report/report.json"));
    writeFileSync(join(folder, "first.json"), JSON.stringify(report));
    said = await evaluate("other", ...cache, "--strategy", "session,blend", "--set", `privacy.min_users=${kOtherFloor}`,
      "--compare", join(folder, "first.json"));
    other = readJson(join(folder, "report/report.json"));

    order = cards(join(folder, "out")).map((card) => card.id);  // bundle order
    indexOf = new Map(order.map((id, index) => [id, index]));
    const byId = new Map(csv(join(folder, "clean/products.csv")).map((product) => [product.id, product]));
    catalogue = order.map((id) => byId.get(id));
    vectors = await encode("fused", ["sparse-projection", "mobilenet-v2"]);
    askQuestions();
  });
  after(() => rmSync(folder, {recursive: true}));

  /** Rows of `vitrine embed` in bundle order; of the encoders' fusion where there are two. */
  async function encode(name, encoders, ...more) {
    const out = join(folder, `embedded ${name}`);
    await vitrine("embed", "--catalogue", join(folder, "clean/products.csv"), "--images", folder, "--cache", join(folder, "cache/embed"),
      "--encoder", encoders.join(","), ...(encoders.length > 1 ? ["--fuse", "fused"] : []), ...more, "--out", out);
    const rows = unitRows(join(out, encoders.length > 1 ? "fused.npy" : `${encoders[0]}.npy`));
    const sorted = [];
    readFileSync(join(out, "ids.txt"), "utf8").trimEnd().split("\n").forEach((id, at) => { sorted[indexOf.get(id)] = rows[at]; });
    return sorted;
  }

  /** Reads from the cleaned log what was learned from and what is asked. */
  function askQuestions() {
    const log = csv(join(folder, "clean/events.csv")).map((row) => ({...row, seconds: Date.parse(row.time) / 1000, item: indexOf.get(row.item_id)}));
    const bySession = new Map();
    for (const event of log) bySession.set(event.session_id, [...(bySession.get(event.session_id) ?? []), event]);
    const sessions = [...bySession.values()];
    for (const session of sessions) assert.equal(new Set(session.map(({user_id: user}) => user)).size, 1);
    const starts = sessions.map(([first]) => first.seconds).sort((a, b) => a - b);
    const cut = starts[Math.floor(starts.length * 0.9)];
    assert.equal(report.personalization.cut_seconds, cut);
    const isLater = new Set(sessions.filter(([first]) => first.seconds >= cut).map(([first]) => first.session_id));
    earlier = log.filter(({session_id: id, seconds}) => !isLater.has(id) && seconds < cut);
    const popularity = order.map(() => 0), history = new Map();
    for (const event of earlier) {
      ++popularity[event.item];
      history.set(event.user_id, [...(history.get(event.user_id) ?? []), event]);
    }
    const tenth = tenths(popularity);
    const lengthName = (n) => (n < 3 ? String(n) : n < 5 ? "3-4" : n < 10 ? "5-9" : "10+");
    cases = new Map();
    for (const session of sessions.filter(([first]) => isLater.has(first.session_id))) {
      const known = history.get(session[0].user_id);
      const seen = new Set();
      session.forEach((event, t) => {
        if (seen.has(event.item)) return;
        cases.set(`${event.session_id}\t${t}`, {
          session: event.session_id, target: event.item, seen: new Set(seen), asked_seconds: event.seconds,
          later: new Set(session.slice(t).map(({item}) => item).filter((item) => !seen.has(item))),
          so_far: session.slice(0, t),
          history: (known ?? []).toSorted((a, b) => a.seconds - b.seconds).slice(-kMaxHistory),
          groups: {
            "all": "all", "slice": known ? "existing" : t > 0 ? "new with events" : "new without events",
            "session length": lengthName(t), "popularity decile": String(tenth[event.item]),
            "audience": catalogue[event.item].audience || "unknown", "department": catalogue[event.item].department || "unknown"}});
        seen.add(event.item);
      });
    }
    // -log2 of the share of the earlier interactions, each product having one more.
    earlier.bits = popularity.map((count) => -Math.log2((count + 1) / (earlier.length + order.length)));
  }

  /** The lists of a file of predictions, of every case: Map of case to indexes of products. */
  function lists(name, of = "first") {
    const found = new Map();
    for (const line of readFileSync(join(folder, of, `lists.${name}`), "utf8").trimEnd().split("\n")) {
      const [session, t, items] = line.split("\t");
      const list = items ? items.split(" ").map((id) => indexOf.get(id)) : [];
      assert.ok(list.length <= 20 && new Set(list).size === list.length && !list.includes(undefined), line);
      found.set(`${session}\t${t}`, list);
    }
    assert.deepEqual(new Set(found.keys()), new Set(cases.keys()), `the cases of ${name}`);
    for (const [key, one] of cases) assert.ok(!found.get(key).some((item) => one.seen.has(item)), `${name} shows again what ${key} has seen`);
    return found;
  }

  const diversity = (list) => {
    const first = list.slice(0, 10), pairs = [];
    for (let a = 0; a < first.length; ++a) for (let b = a + 1; b < first.length; ++b) pairs.push(1 - dot(vectors[first[a]], vectors[first[b]]));
    return pairs.length ? mean(pairs) : 0;
  };
  /** What one list is worth to its case. */
  function outcome(one, list) {
    const rank = list.indexOf(one.target) + 1;
    const within = (depth) => Number(rank > 0 && rank <= depth);
    return {
      hit_rate_1: within(1), hit_rate_5: within(5), hit_rate_10: within(10), hit_rate_20: within(20),
      mrr_20: rank && 1 / rank, ndcg_20: rank && 1 / Math.log2(rank + 1),
      recall_20: list.filter((item) => one.later.has(item)).length / one.later.size,
      novelty_bits: list.length ? mean(list.map((item) => earlier.bits[item])) : 0,
      diversity: diversity(list)};
  }
  const outcomes = (found) => new Map([...cases].map(([key, one]) => [key, outcome(one, found.get(key))]));
  const timesShown = (found) => {
    const times = order.map(() => 0);
    for (const list of found) for (const item of list) ++times[item];
    return times;
  };
  const coverage = (found) => timesShown(found).filter((times) => times > 0).length / order.length;
  const groupsOf = (report_) => report_.personalization.groups.map(({dimension, value, strategies}) => ({
    what: `${dimension} ${value}`, strategies, intervals: ["all", "slice"].includes(dimension),
    members: [...cases.keys()].filter((key) => cases.get(key).groups[dimension] === value)}));

  test("for you: every figure of every strategy, from the lists that it made", () => {
    const {personalization} = report;
    assert.equal(personalization.cases, cases.size);
    const groups = groupsOf(report);
    const expected = new Set([...cases.values()].flatMap(({groups: own}) => Object.entries(own).map(([dimension, value]) => `${dimension} ${value}`)));
    assert.deepEqual(new Set(groups.map(({what}) => what)), expected);
    assert.equal(groups.length, expected.size);
    for (const slice of ["existing", "new with events", "new without events"])
      assert.equal(personalization.cases_found[slice], [...cases.values()].filter((one) => one.groups.slice === slice).length);
    assert.deepEqual(personalization.strategies.map(({name}) => name), kStrategies);
    const drawn = new Map(groups.map((group) => [group, group.intervals && new Resamples(group.members.map((key) => cases.get(key).session))]));
    const reference = outcomes(lists("popular"));
    for (const name of kStrategies) {
      const found = lists(name), values = outcomes(found);
      for (const group of groups) {
        const figures = group.strategies[name], members = group.members, what = `${name}, ${group.what}`;
        assert.equal(figures.cases, members.length, what);
        assert.equal(figures.sessions, new Set(members.map((key) => cases.get(key).session)).size, what);
        near(figures.coverage, coverage(members.map((key) => found.get(key))), `${what}: coverage`);
        near(figures.gini, gini(timesShown(members.map((key) => found.get(key)))), `${what}: gini`);
        const check = (figure, of, label) => {
          if (drawn.get(group)) return drawn.get(group).check(figure, of, `${what}: ${label}`);
          near(figure.value, mean(of), `${what}: ${label}`);
          assert.ok(figure.low <= figure.value && figure.value <= figure.high, `${what}: ${label} ${JSON.stringify(figure)}`);
        };
        for (const key of Object.keys(values.get(members[0]))) check(figures[key], members.map((one) => values.get(one)[key]), key);
        for (const key of ["hit_rate_20", "mrr_20"]) check(figures[`${key}_gain`], members.map((one) => values.get(one)[key] - reference.get(one)[key]), `${key}_gain`);
      }
    }
  });

  test("for you: how sure the blend is, and how often it is right", () => {
    const found = lists("blend");
    const sure = readFileSync(join(folder, "first/lists.blend.confidence"), "utf8").trimEnd().split("\n").map((line) => {
      const [session, t, probability] = line.split("\t"), key = `${session}\t${t}`;
      return {session, probability: Number(probability), right: Number(found.get(key)[0] === cases.get(key).target)};
    }).sort((a, b) => a.probability - b.probability);
    assert.ok(sure.length > cases.size / 2 && sure.every(({probability}) => probability > 0 && probability <= 1));
    assert.equal(report.personalization.calibration.length, 8);
    report.personalization.calibration.forEach((bin, b) => {
      const members = sure.slice(Math.floor((b * sure.length) / 8), Math.floor(((b + 1) * sure.length) / 8));
      assert.equal(bin.cases, members.length);
      near(bin.confidence, mean(members.map(({probability}) => probability)), `confidence of bin ${b}`);
      new Resamples(members.map(({session}) => session)).check(bin.hit_rate_1, members.map(({right}) => right), `bin ${b}`);
    });
  });

  const all = (name, found, figures, intervals) => {
    const values = [...outcomes(found).values()];
    for (const key of ["hit_rate_20", "mrr_20"]) intervals.check(figures[key], values.map((one) => one[key]), `${name}: ${key}`);
  };

  test("for you: the learning curve, from the newest part of the log on", () => {
    const curve = report.personalization.learning_curve;
    const drawn = new Resamples([...cases.values()].map(({session}) => session));
    const times = earlier.map(({seconds}) => seconds).sort((a, b) => a - b);
    assert.equal(curve.length, 3 * kShares.length);
    curve.forEach((point, k) => {
      const since = times[Math.floor(times.length * (1 - kShares[Math.floor(k / 3)]))];
      const part = earlier.filter(({seconds}) => seconds >= since);
      assert.equal(point.strategy, ["popular", "session", "blend"][k % 3]);
      assert.equal(point.interactions, part.length);
      const found = lists(`${point.strategy}.newest-${point.interactions}`);
      all(`${point.strategy} of ${point.interactions}`, found, point, drawn);
      near(point.coverage, coverage([...found.values()]), `${point.strategy} of ${point.interactions}: coverage`);
      if (point.strategy !== "popular") return;
      // Learned from that part and nothing else: popularity can be counted.
      const score = order.map(() => 0), shoppers = order.map(() => new Set());
      for (const {item, user_id: user, kind, seconds} of part) {
        score[item] += kWeights[kind] * 2 ** ((seconds - times.at(-1)) / 86400 / kHalfLifeDays);
        shoppers[item].add(user);
      }
      const published = score.map((total, item) => (shoppers[item].size >= kMinUsers ? bfloat16(total) : 0));
      const ranked = [...published.keys()].sort((a, b) => published[b] - published[a] || a - b);
      for (const [key, one] of cases) {
        assert.deepEqual(found.get(key), ranked.filter((item) => published[item] > 0 && !one.seen.has(item)).slice(0, 20), key);
      }
    });
    for (const name of ["popular", "session", "blend"]) assert.deepEqual(lists(`${name}.newest-${earlier.length}`), lists(name));
  });

  test("privacy: what each floor costs, and the same from an evaluation with that floor", () => {
    const {curve} = report.privacy;
    assert.deepEqual(curve.map(({strategy, min_users: floor}) => `${strategy} ${floor}`), [1, 5, 20].flatMap((floor) => [`session ${floor}`, `blend ${floor}`]));
    const drawn = new Resamples([...cases.values()].map(({session}) => session));
    for (const point of curve) {
      const name = `${point.strategy}.floor-${point.min_users}`;
      all(name, lists(name), point, drawn);
      const same = point.min_users === kMinUsers ? report : point.min_users === kOtherFloor ? other : null;
      if (!same) continue;
      assert.deepEqual(lists(name), lists(point.strategy, same === report ? "first" : "other"), name);
      const figures = same.personalization.groups[0].strategies[point.strategy];
      assert.deepEqual([point.hit_rate_20, point.mrr_20], [figures.hit_rate_20, figures.mrr_20]);
      assert.equal(point.size_bytes, same.personalization.strategies.find((one) => one.name === point.strategy).size_bytes);
    }
    const lost = [1, 5, 20].map((floor) => JSON.stringify([...lists(`session.floor-${floor}`)]));
    assert.equal(new Set(lost).size, 3, "a floor changes what is shown");
  });

  test("for you: the weights of the blend, as the published section has them", () => {
    const kTerms = 15;  // of each set of weights: docs/bundle_format.md, BLND
    const {sections} = readJson(join(folder, "out/manifest.json"));
    const taste = readFileSync(join(folder, "out", sections.taste.file)).subarray(24);  // behind the frame
    assert.equal(taste.readUInt32LE(4), kMinUsers);
    let at = 16 + 8 * taste.readUInt32LE(12), found = false;
    for (let part = 0; part < taste.readUInt32LE(12); ++part) {
      if (taste.toString("latin1", 16 + 8 * part, 20 + 8 * part) === "BLND") {
        found = true;
        report.personalization.blend_weights.forEach(({events, weights}, row) => {
          assert.equal(events, ["0", "1", "2", "3-4", "5+", "earlier visits", "earlier visits, 1-2", "earlier visits, 3+"][row]);
          const terms = Array.from({length: kTerms}, (_, k) => taste.readFloatLE(at + 4 * (kTerms * row + k)));
          const named = ["session encoder", "lists of the strongest event", "lists of the other events", "popularity", "near in content",
            "cohorts of similar taste", null, "segments"];  // null: this shop publishes no sessions
          assert.deepEqual(Object.keys(weights).sort(), [...named.filter(Boolean), "seen before (mean)", "seen before, below the floor"].sort());
          named.forEach((name, k) => { if (name) near(weights[name], terms[k], `${name}, ${events} events`); });
          near(weights["seen before (mean)"], mean(terms.slice(9, 14)), `seen before, ${events} events`);
          near(weights["seen before, below the floor"], terms[14], `below the floor, ${events} events`);
        });
      }
      at += taste.readUInt32LE(20 + 8 * part);
    }
    assert.ok(found);
  });

  test("for you: examples, and how far the lists reach", async () => {
    const question = ({history, so_far: soFar, asked_seconds: now}) =>
      `for-you\t${[...history, ...soFar].map(({item_id: id, kind, seconds}) => `${id}:${kind}:${seconds}`).join(",")}\t${now}`;
    const inOrder = readFileSync(join(folder, "first/lists.popular"), "utf8").trimEnd().split("\n").map((line) => cases.get(line.split("\t", 2).join("\t")));
    const taken = {};
    const shown = inOrder.filter(({groups: {slice}, so_far: soFar}) =>
      (slice === "new without events" || soFar.length >= 2) && (taken[slice] = (taken[slice] ?? 0) + 1) <= 2);
    const {examples} = report.personalization;
    const told = await answers(folder, shown.map(question), 6);
    assert.deepEqual(examples.map(({slice}) => slice), shown.map(({groups: {slice}}) => slice));
    examples.forEach((example, k) => {
      const events = [...shown[k].history, ...shown[k].so_far];
      assert.deepEqual(example.events.map(({id, kind}) => [id, kind]), events.slice(-5).map(({item_id: id, kind}) => [id, kind]));
      assert.equal(example.events_before + example.events.length, events.length);
      assert.deepEqual(example.answers.map(({index}) => index), told[k].map(({item}) => item));
      assert.equal(example.came_next.index, shown[k].target);
    });
    const row = report.long_tail.rows.find(({name}) => name === "for you");
    const times = timesShown((await answers(folder, inOrder.map(question), 8)).map((list) => list.map(({item}) => item)));
    assert.equal(report.long_tail.sessions_counted, cases.size);
    assert.equal(row.entries, sum(times));
    near(row.coverage, times.filter((count) => count > 0).length / order.length, "coverage");
    near(row.gini, gini(times), "gini");
  });

  test("similarity: the precision and neighbours of every encoder, all products compared with all", async () => {
    const {encoders, compared_products: compared, side_by_side: sideBySide} = report.similarity;
    assert.equal(compared, order.length);
    const queries = evenSample(compared, 400), shown = evenSample(queries.length, 4);
    assert.deepEqual(sideBySide.map(({index}) => index), shown);
    const present = encoders.filter((one) => one.present);
    for (const name of ["fused", "mobilenet-v2", "sparse-projection", "tfidf", "tfidf-onehot", "tfidf + mobilenet-v2"])
      assert.ok(present.some((one) => one.name === name), `${name} was compared`);
    for (const {name, dimensions, bytes_per_item_uncompressed: bytes, precision_10: precision, neighbours} of present) {
      const rows = name === "fused" ? vectors : await encode(name, name.split(" + "), ...(name.includes(" + ") ? ["--weights", "1", "1"] : []));
      assert.equal(dimensions, rows[0].length, name);
      assert.equal(bytes, 4 * dimensions, name);
      const lists = queries.map((query) => nearest(rows, query).slice(0, 10));
      shown.forEach((query, k) => assert.deepEqual(neighbours[k].map(({index}) => index), lists[query].slice(0, 5).map(({item}) => item), `${name}: ${order[query]}`));
      for (const [label, same] of Object.entries({
        type: (a, b) => typeOf(a) === typeOf(b), colour: (a, b) => a.colour === b.colour, audience: (a, b) => a.audience === b.audience})) {
        const shares = lists.map((list, q) => mean(list.map(({item}) => Number(same(catalogue[queries[q]], catalogue[item])))));
        new Resamples(queries).check(precision[label], shares, `${name}: ${label}`);
      }
    }
  });

  test("similarity: the cosines of the gallery are those of the vectors, but for their codes", () => {
    const off = [];
    for (const rows of Object.values(report.similarity.gallery)) for (const {product, similar} of rows)
      for (const {index, cosine} of similar) off.push(Math.abs(cosine - dot(vectors[product.index], vectors[index])));
    assert.ok(off.length > 60 && mean(off) < 0.03 && Math.max(...off) < 0.15, `off by ${mean(off)}, at most ${Math.max(...off)}`);
  });

  test("comparison: what exact and quantized search find of the nearest twenty", async () => {
    const {products, queries: asked, indexes} = report.comparison.indexes;
    assert.equal(products, order.length);
    const queries = evenSample(order.length, 200);
    assert.equal(asked, queries.length);
    const truth = queries.map((query) => new Set(nearest(vectors, query).slice(0, 20).map(({item}) => order[item])));
    const at = (name) => join(folder, name);
    writeNpy(at("e.npy"), vectors);
    writeNpy(at("q.npy"), queries.map((query) => vectors[query]));
    writeFileSync(at("ids.txt"), order.join("\n") + "\n");
    const quantized = indexes.filter(({name}) => name.startsWith("vitrine "));
    assert.deepEqual(quantized.map(({name}) => Number(name.split(" ")[1])), [16, 24, 32, 48, 64, 96, 128]);
    for (const {name, recall_20: recall, bytes_per_item: size} of quantized) {
      await vitrine("index", "--embeddings", at("e.npy"), "--ids", at("ids.txt"), "--bytes-per-item", name.split(" ")[1], "--out", at("index"));
      const found = queries.map(() => []);
      for (const line of (await vitrine("search", "--index", at("index"), "--queries", at("q.npy"), "-k", "21")).trimEnd().split("\n")) {
        const [query, , id] = line.split("\t");
        if (Number.isInteger(Number(query)) && id !== order[queries[query]]) found[query].push(id);
      }
      // `vitrine index` puts the rows in an order of its own, which moves a code here and there.
      const counted = sum(found.map((list, q) => list.slice(0, 20).filter((id) => truth[q].has(id)).length)) / (20 * queries.length);
      assert.ok(Math.abs(recall - counted) <= 0.01, `${name}: recall ${recall}, counted ${counted}`);
      const bytes = readFileSync(at("index")).length - 24;  // without the frame
      assert.ok(Math.abs(size * products / bytes - 1) < 0.01, `${name}: ${size} bytes a product, counted ${bytes / products}`);
    }
    const exact = indexes.find(({name}) => name === "exact");
    assert.deepEqual([exact.recall_20, exact.bytes_per_item], [1, 4 * vectors[0].length]);
  });

  // The area of both tails of the normal distribution beyond z, by Simpson's rule.
  const beyond = (z) => {
    const steps = 4000, width = 12 / steps, density = (x) => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
    return 2 * (width / 3) * sum(Array.from({length: steps + 1}, (_, k) => density(z + k * width) * (k === 0 || k === steps ? 1 : k % 2 ? 4 : 2)));
  };

  test("compare: the differences of two reports, and how likely chance makes them", () => {
    const {changes} = other;
    assert.equal(basename(other.compared_with), "first.json");
    const expected = [];
    const number = (what, before_, now) => expected.push({what, before: before_, now});
    const estimate = (what, before_, now) => {
      if (!before_ || !now) return;
      const error = Math.hypot(before_.high - before_.low, now.high - now.low) / (2 * 1.959964);
      const difference = Math.abs(now.value - before_.value);
      expected.push({what, before: before_.value, now: now.value, p: error > 0 ? beyond(difference / error) : Number(difference === 0)});
    };
    for (const {dimension, value, strategies} of other.personalization.groups.filter((group) => ["all", "slice"].includes(group.dimension))) {
      const old = report.personalization.groups.find((group) => group.dimension === dimension && group.value === value).strategies;
      for (const [name, now] of Object.entries(strategies)) {
        estimate(`${name}${dimension === "all" ? "" : `, ${value}`}: HR@20`, old[name].hit_rate_20, now.hit_rate_20);
        estimate(`${name}${dimension === "all" ? "" : `, ${value}`}: MRR@20`, old[name].mrr_20, now.mrr_20);
      }
    }
    estimate("bought together: later baskets, hit@10", report.mining.next_baskets?.hit_rate_10, other.mining.next_baskets?.hit_rate_10);
    for (const label of ["type", "colour", "audience"])
      estimate(`similar: same ${label} among ten`, report.similarity.precision_10_shown[label], other.similarity.precision_10_shown[label]);
    number("products", report.data.products, other.data.products);
    number("ids that match", report.data.item_ids.match_rate, other.data.item_ids.match_rate);
    number("rules", report.mining.rules, other.mining.rules);
    number("products never bought, shown", report.long_tail.dead_products_shown, other.long_tail.dead_products_shown);
    number("smallest group behind a number", report.privacy.smallest_group, other.privacy.smallest_group);
    for (const {section, bytes} of other.bytes.sections) number(`bytes of ${section}`, report.bytes.sections.find((one) => one.section === section).bytes, bytes);
    assert.deepEqual(changes.map(({what}) => what), expected.map(({what}) => what));

    // Holm: of m the k-th least likely p counts m - k + 1 fold, and no less than the one before.
    const tested = expected.filter(({p}) => p !== undefined).sort((a, b) => a.p - b.p);
    let least = 0;
    tested.forEach((one, k) => { one.corrected = Math.min(1, least = Math.max(least, one.p * (tested.length - k))); });
    const lessIsBetter = (what) => what.startsWith("bytes");
    const neutral = ["products", "smallest group behind a number"];
    changes.forEach((change, k) => {
      const {what, before: before_, now, corrected} = expected[k];
      assert.deepEqual([change.before, change.now], [before_, now], what);
      if (corrected === undefined) assert.equal(change.p_value, undefined, what);
      else assert.ok(Math.abs(change.p_value - corrected) <= 1e-6 + 1e-4 * corrected, `${what}: p = ${change.p_value}, counted ${corrected}`);
      const moved = corrected === undefined ? before_ !== now && !neutral.includes(what) : corrected < 0.05;
      const verdict = moved ? (now > before_ !== lessIsBetter(what) ? "better" : "worse")
        : corrected !== undefined ? "no clear difference" : before_ === now ? "same" : "changed";
      assert.equal(change.verdict, verdict, what);
    });
    const alike = changes.filter(({verdict}) => ["same", "no clear difference"].includes(verdict)).length;
    assert.ok(changes.some(({verdict}) => verdict === "better") && alike > 0);
    assert.match(said, new RegExp(`\n${alike} of ${changes.length} figures are the same`));
  });

  test("a file of lists for every figure, and no other", () => {
    const points = [...report.personalization.learning_curve.map(({strategy, interactions}) => `${strategy}.newest-${interactions}`),
      ...report.privacy.curve.map(({strategy, min_users: floor}) => `${strategy}.floor-${floor}`)];
    assert.deepEqual(readdirSync(join(folder, "first")).sort(),
      [...kStrategies, ...points, "blend.confidence"].map((name) => `lists.${name}`).sort());
  });
});
