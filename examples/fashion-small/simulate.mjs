// Shoppers for a catalogue that came without any: makes events.csv, orders.csv and truth.json, always
// the same from the same catalogue.
//   node examples/fashion-small/simulate.mjs --catalogue DIR/catalogue.csv --out build/fashion-small-shoppers
// The truth that a recommender should find: each shopper has an audience, two favourite kinds of
// product and two favourite colours, and most views are of these; each product has two companions, of
// another kind but the same audience, and a bought product brings one of them along half of the time.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parseCsv } from '../../scripts/csv.mjs';
import { toCsv } from '../demo-shop/csv.mjs';
import { Random } from '../demo-shop/random.mjs';

const SHOPPERS = 6000;
const DAYS = 90;
const FIRST_DAY_SECONDS = 1772496000;  // 2026-03-03T00:00:00Z
const SEED = 'fashion-small';
const COMPANION_CHANCE = 0.5;

const { values: options } = parseArgs({ options: {
  catalogue: { type: 'string', default: '../shared/data/fashion-small/catalogue.csv' },
  out: { type: 'string', default: 'build/fashion-small-shoppers' },
} });

const products = parseCsv(readFileSync(options.catalogue, 'utf8')).map((row) => ({
  id: row.product_id, audience: `${row.gender}/${row.age_group}`, kind: row.article_type, colour: row.base_colour,
}));

function grouped(key) {
  const groups = new Map();
  products.forEach((product, index) => {
    const name = key(product);
    if (!groups.has(name)) groups.set(name, []);
    groups.get(name).push(index);
  });
  return groups;
}
const byAudience = grouped(({ audience }) => audience);
const byKind = grouped(({ audience, kind }) => `${audience}/${kind}`);

// Popular ones come often: about 1/sqrt(rank), over a seeded order.
const place = new Array(products.length);
new Random(SEED, 'popularity').shuffled(products.map((_, i) => i)).forEach((index, rank) => { place[index] = rank; });
const popularity = place.map((rank) => 1 / Math.sqrt(20 + rank));

const companions = products.map(({ audience, kind }, index) => {
  const random = new Random(SEED, 'companions', index);
  const others = byAudience.get(audience).filter((other) => products[other].kind !== kind);
  return others.length < 2 ? [] : [0, 1].map(() => others[random.weighted(others.map((other) => popularity[other]))]);
});

function makeShopper(number) {
  const random = new Random(SEED, 'shopper', number);
  const audiences = [...byAudience.keys()];
  const audience = audiences[random.weighted(audiences.map((name) => byAudience.get(name).length))];
  const own = byAudience.get(audience).map((index) => products[index]);
  const pickOf = (field) => random.pick(own)[field];
  return { id: `s${String(number + 1).padStart(5, '0')}`, random, audience,
    kinds: [pickOf('kind'), pickOf('kind')], colours: [pickOf('colour'), pickOf('colour')],
    sessions: Math.min(30, Math.floor(1.6 / Math.sqrt(random.next() + 1e-9))) };
}

function view({ random, audience, kinds, colours }, kind) {
  const pool = random.chance(0.85) ? byKind.get(`${audience}/${kind}`) : byAudience.get(audience);
  return pool[random.weighted(pool.map((index) => popularity[index] * (colours.includes(products[index].colour) ? 5 : 1) *
    (kinds.includes(products[index].kind) ? 2 : 1)))];
}

const events = [];
const orders = [];
const shoppers = Array.from({ length: SHOPPERS }, (_, number) => makeShopper(number));
for (const shopper of shoppers) {
  const { random } = shopper;
  for (let s = 0; s < shopper.sessions; ++s) {
    const session = `${shopper.id}-${s}`;
    let seconds = FIRST_DAY_SECONDS + random.below(DAYS * 24 * 3600);
    const kind = random.pick(shopper.kinds);
    const log = (name, index) => {
      seconds += 10 + random.below(120);
      events.push({ user_id: shopper.id, session_id: session, item_id: products[index].id, seconds, kind: name });
    };
    const cart = new Set();
    for (let views = 1 + random.below(8); views > 0; --views) {
      const index = view(shopper, kind);
      log('view', index);
      if (!random.chance(0.25)) continue;
      cart.add(index);
      log('cart', index);
      if (companions[index].length > 0 && random.chance(COMPANION_CHANCE)) {
        const companion = random.pick(companions[index]);
        log('view', companion);
        cart.add(companion);
      }
    }
    if (cart.size === 0 || !random.chance(0.8)) continue;
    seconds += 60;
    for (const index of cart) orders.push({ order_id: `o-${session}`, user_id: shopper.id, seconds, item_id: products[index].id });
  }
}

const inTime = (a, b) => a.seconds - b.seconds;  // a stable sort: rows of one moment stay in their order
const time = ({ seconds }) => new Date(seconds * 1000).toISOString().replace('.000', '');
const column = (name) => [name, (row) => row[name]];
mkdirSync(options.out, { recursive: true });
writeFileSync(join(options.out, 'events.csv'), toCsv(
  [column('user_id'), column('session_id'), column('item_id'), ['time', time], column('kind')], events.sort(inTime)));
writeFileSync(join(options.out, 'orders.csv'), toCsv(
  [column('order_id'), column('user_id'), ['time', time], column('item_id')], orders.sort(inTime)));
writeFileSync(join(options.out, 'truth.json'), JSON.stringify({
  companions: Object.fromEntries(companions.map((list, index) => [products[index].id, list.map((other) => products[other].id)])),
  shoppers: Object.fromEntries(shoppers.map(({ id, audience, kinds, colours }) => [id, { audience, kinds, colours }])),
}) + '\n');
console.log(`${events.length} events and ${orders.length} order lines of ${SHOPPERS} shoppers in ${options.out}`);
