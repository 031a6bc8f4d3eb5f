import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import test from 'node:test';
import { makeData } from '../../examples/demo-shop/generate.mjs';
import { groupBy, parseCsv } from './support.mjs';

const { files } = makeData();
const products = parseCsv(files.get('catalogue.csv'));
const users = parseCsv(files.get('users.csv'));
const events = parseCsv(files.get('events.csv'));
const orders = parseCsv(files.get('orders.csv'));
const truth = JSON.parse(files.get('truth.json'));
const productOf = new Map(products.map((p) => [p.id, p]));
const userIds = new Set(users.map((u) => u.user_id));
const sessions = groupBy(events, (e) => e.session_id);
const baskets = groupBy(orders, (o) => o.order_id);

test('the shop has the promised size', () => {
  assert.ok(products.length >= 1000 && products.length <= 1500, `${products.length} products`);
  assert.equal(users.length, 20000);
  assert.ok(events.length >= 300000 && events.length <= 600000, `${events.length} events`);
  assert.ok(baskets.size >= 25000 && baskets.size <= 40000, `${baskets.size} orders`);
});

test('the same seed gives the same bytes and another seed does not', () => {
  const digest = (data) => [...data.files].map(([name, text]) => name + createHash('sha256').update(text).digest('hex')).join();
  const first = digest({ files });
  assert.equal(digest(makeData()), first);
  assert.notEqual(digest(makeData('another seed')), first);
});

test('every product is complete and in the standard vocabulary', () => {
  assert.equal(productOf.size, products.length, 'ids are unique');
  for (const p of products) {
    for (const field of ['group_id', 'title', 'colour', 'department', 'category', 'brand', 'images', 'url', 'sizes']) assert.ok(p[field], `${p.id}: no ${field}`);
    assert.match(p.price, /^\d+\.\d\d$/);
    assert.ok(Number(p.price) <= Number(p.original_price), p.id);
    assert.ok(['women', 'men', 'unisex', 'girls', 'kids'].includes(p.audience), p.audience);
    assert.ok(['in_stock', 'out_of_stock', 'preorder', 'backorder'].includes(p.availability), p.availability);
    assert.equal(p.currency, 'EUR');
    assert.ok(p.title.startsWith(p.colour), p.title);
    assert.ok(p.description.length > 60 && !/undefined|null|NaN| {2}/.test(p.description), p.description);
    assert.equal(p.images, `images/${p.id}.jpg`);
  }
});

test('variants of a design differ in colour and in nothing that is cut', () => {
  for (const variants of groupBy(products, (p) => p.group_id).values()) {
    assert.equal(new Set(variants.map((p) => p.colour)).size, variants.length);
    for (const field of ['audience', 'category', 'brand', 'pattern', 'neckline', 'sleeve', 'length', 'original_price']) {
      if (field === 'original_price') continue;
      assert.equal(new Set(variants.map((p) => p[field])).size, 1, `${variants[0].group_id} ${field}`);
    }
  }
});

test('all sixteen colours, all five prints and out of stock, sale and red dresses occur', () => {
  assert.equal(new Set(products.map((p) => p.colour)).size, 16);
  assert.deepEqual([...new Set(products.map((p) => p.pattern))].filter(Boolean).sort(), ['check', 'dot', 'floral', 'plain', 'stripe']);
  const share = (test) => products.filter(test).length / products.length;
  const out = share((p) => p.availability === 'out_of_stock');
  const sale = share((p) => p.price !== p.original_price);
  assert.ok(out > 0.01 && out < 0.1, `${out} out of stock`);
  assert.ok(sale > 0.05 && sale < 0.25, `${sale} on sale`);
  const redDresses = products.filter((p) => p.colour === 'Red' && p.category.endsWith('dresses') && p.audience === 'women' && p.availability === 'in_stock');
  assert.ok(redDresses.length >= 12, `${redDresses.length} red dresses`);
});

test('events name known shoppers and products, in order of time, after the launch', () => {
  const start = Date.parse('2026-03-03T00:00:00Z');
  for (const [id, list] of sessions) {
    assert.equal(new Set(list.map((e) => e.user_id)).size, 1, id);
    let before = '';
    for (const e of list) {
      assert.ok(userIds.has(e.user_id), e.user_id);
      assert.ok(productOf.has(e.item_id), e.item_id);
      assert.ok(e.time >= before, `${id}: ${e.time} after ${before}`);
      before = e.time;
      const day = Math.floor((Date.parse(e.time) - start) / 86400000);
      assert.ok(day >= truth.products[e.item_id].launch_day, `${e.item_id} on day ${day}`);
    }
  }
});

test('what is ordered was put in the cart before, and orders.csv lists exactly the order events', () => {
  const fromEvents = new Map();
  for (const [id, list] of sessions) {
    const cart = new Set();
    for (const e of list) {
      if (e.kind === 'cart') cart.add(e.item_id);
      if (e.kind !== 'order') continue;
      assert.ok(cart.has(e.item_id), `${id}: ${e.item_id} ordered, never in the cart`);
      fromEvents.set(id, [...(fromEvents.get(id) ?? [e.user_id]), e.item_id]);
    }
  }
  const flat = (lists) => lists.map((list) => list.join(' ')).sort();
  const fromOrders = [...baskets.values()].map((lines) => [lines[0].user_id, ...lines.map((line) => line.item_id)]);
  assert.deepEqual(flat(fromOrders), flat([...fromEvents.values()]));
});

test('complements are what shares an outfit, for people who may wear both', () => {
  const expected = new Map(products.map((p) => [p.id, new Set()]));
  for (const outfit of truth.outfits) {
    for (const a of outfit) for (const b of outfit) if (a !== b) expected.get(a).add(b);
  }
  for (const [id, entry] of Object.entries(truth.products)) {
    assert.deepEqual([...entry.complements].sort(), [...expected.get(id)].sort());
    assert.ok(entry.complements.length > 0, `${id} goes with nothing`);
    for (const other of entry.complements) {
      assert.notEqual(productOf.get(other).group_id, productOf.get(id).group_id);
      const pair = [productOf.get(id).audience, productOf.get(other).audience].sort().join('+');
      assert.ok(!['men+women', 'kids+women', 'kids+men', 'girls+men', 'girls+women', 'girls+unisex', 'kids+unisex'].includes(pair), `${id} ${other}: ${pair}`);
    }
  }
});

// The plainest recommender there is: cosine of co-purchase counts.
function boughtTogether(k) {
  const count = new Map();
  const pairs = new Map(products.map((p) => [p.id, new Map()]));
  for (const lines of baskets.values()) {
    for (const a of lines) {
      count.set(a.item_id, (count.get(a.item_id) ?? 0) + 1);
      for (const b of lines) if (a !== b) pairs.get(a.item_id).set(b.item_id, (pairs.get(a.item_id).get(b.item_id) ?? 0) + 1);
    }
  }
  return new Map([...pairs].map(([id, others]) => [id, [...others].filter(([, n]) => n >= 2)
    .map(([other, n]) => [other, n / Math.sqrt(count.get(id) * count.get(other))])
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, k).map(([other]) => other)]));
}

test('orders show the outfits: counting finds a true complement for most products, and not by chance', () => {
  const top = boughtTogether(5);
  const share = (complementsOf) => products.filter((p) => top.get(p.id).some((id) => complementsOf(p).includes(id))).length / products.length;
  const found = share((p) => truth.products[p.id].complements);
  const byChance = share((p) => truth.products[products[(products.indexOf(p) + 500) % products.length].id].complements);
  assert.ok(found > 0.8, `${found} of the products have a complement in their top 5`);
  assert.ok(found < 0.99, 'some products are too new or too rare');
  assert.ok(byChance < 0.1, `${byChance} with shuffled truth`);
});

test('shoppers follow their taste for style, colour and budget', () => {
  const families = { Black: 'dark', White: 'light', Beige: 'light', Grey: 'grey', Navy: 'blue', Blue: 'blue', 'Light blue': 'blue', Green: 'green', Olive: 'green',
    Red: 'red', Burgundy: 'red', Pink: 'pink', Purple: 'purple', Yellow: 'yellow', Orange: 'orange', Brown: 'brown' };
  let style = 0;
  let colour = 0;
  let styleByChance = 0;
  let colourByChance = 0;
  const spent = { 1: [0, 0], 3: [0, 0] };
  const shift = 7919;
  for (let i = 0; i < orders.length; i++) {
    const shopper = truth.shoppers[orders[i].user_id];
    const stranger = truth.shoppers[orders[(i + shift) % orders.length].user_id];
    const item = truth.products[orders[i].item_id];
    style += shopper.styles.includes(item.style);
    styleByChance += stranger.styles.includes(item.style);
    colour += shopper.colours.includes(families[item.colour]);
    colourByChance += stranger.colours.includes(families[item.colour]);
    if (spent[shopper.budget]) {
      spent[shopper.budget][0] += item.tier;
      spent[shopper.budget][1]++;
    }
  }
  assert.ok(style > 1.5 * styleByChance, `style ${style / orders.length}, by chance ${styleByChance / orders.length}`);
  assert.ok(colour > 1.5 * colourByChance, `colour ${colour / orders.length}, by chance ${colourByChance / orders.length}`);
  const tier = (budget) => spent[budget][0] / spent[budget][1];
  assert.ok(tier(3) > tier(1) + 0.4, `tiers ${tier(1)} and ${tier(3)}`);
});

test('popularity is skewed and summer arrives', () => {
  const counts = [...groupBy(events.filter((e) => e.kind === 'view'), (e) => e.item_id).values()].map((list) => list.length).sort((a, b) => b - a);
  const total = counts.reduce((a, b) => a + b, 0);
  const head = counts.slice(0, Math.floor(counts.length / 10)).reduce((a, b) => a + b, 0) / total;
  assert.ok(head > 0.2 && head < 0.6, `a tenth of the products has ${head} of the views`);
  const summer = (from, to) => {
    const list = events.filter((e) => e.time >= from && e.time < to);
    return list.filter((e) => truth.products[e.item_id].season === 'summer').length / list.length;
  };
  assert.ok(summer('2026-06-01', '2026-07-02') > 1.4 * summer('2026-03-03', '2026-04-01'));
});
