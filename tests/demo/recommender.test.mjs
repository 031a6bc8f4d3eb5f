// Does the bundle that was built from the demo shop say what is true of its shoppers? Reads the page
// shards as a browser would. VITRINE_DEMO_BUILD names another folder with demo-shop/ and demo/bundle/.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'node:test';
import { pages as readPages, popular as readPopular } from '../e2e/bundle.mjs';
import { groupBy, parseCsv } from './support.mjs';

const build = process.env.VITRINE_DEMO_BUILD ?? fileURLToPath(new URL('../../build', import.meta.url));
const bundle = join(build, 'demo/bundle');
const ready = existsSync(join(bundle, 'manifest.json')) && existsSync(join(build, 'demo-shop/truth.json'));
const skip = ready ? false : 'the demo shop is not indexed yet: run ./run demo';

const json = (...path) => JSON.parse(readFileSync(join(...path), 'utf8'));

function load() {
  const products = new Map(parseCsv(readFileSync(join(build, 'demo-shop/catalogue.csv'), 'utf8')).map((p) => [p.id, p]));
  return {
    pages: readPages(bundle), products, truth: json(build, 'demo-shop/truth.json'),
    popular: readPopular(bundle).map(({ id }) => id),
    orders: parseCsv(readFileSync(join(build, 'demo-shop/orders.csv'), 'utf8')),
  };
}

const shop = ready ? load() : null;

test('every product has a page with both lists', { skip }, () => {
  assert.deepEqual([...shop.pages.keys()].sort(), [...shop.products.keys()].sort());
  for (const [id, page] of shop.pages) {
    assert.ok(page.boughtTogether.length > 0, `${id}: nothing goes with it`);
    assert.ok(page.similar.length > 0, `${id}: nothing is like it`);
  }
});

test('bought together finds the outfits: a true complement in the top five of most products', { skip }, () => {
  const ids = [...shop.pages.keys()].sort();
  const share = (truthOf) => ids.filter((id) => shop.pages.get(id).boughtTogether.slice(0, 5)
    .some((entry) => truthOf(id).includes(entry.id))).length / ids.length;
  const found = share((id) => shop.truth.products[id].complements);
  const byChance = share((id) => shop.truth.products[ids[(ids.indexOf(id) + 500) % ids.length]].complements);
  assert.ok(found >= 0.75, `${found} of the products`);
  assert.ok(byChance < 0.1, `${byChance} with shuffled truth`);
});

test('the first thing bought together is a true complement for most products that sell', { skip }, () => {
  const sold = groupBy(shop.orders, (line) => line.item_id);
  const ids = [...shop.pages.keys()].filter((id) => (sold.get(id)?.length ?? 0) >= 20);
  const first = ids.filter((id) => shop.truth.products[id].complements.includes(shop.pages.get(id).boughtTogether[0].id));
  assert.ok(first.length / ids.length > 0.6, `${first.length} of ${ids.length}`);
});

const mayWear = { women: ['women', 'unisex'], men: ['men', 'unisex'], unisex: ['women', 'men', 'unisex'], girls: ['girls', 'kids'], kids: ['kids', 'girls'] };

test('no list shows another audience, a variant of the product, or what is out of stock', { skip }, () => {
  for (const [id, page] of shop.pages) {
    const product = shop.products.get(id);
    for (const entry of [...page.boughtTogether, ...page.similar]) {
      const other = shop.products.get(entry.id);
      assert.ok(mayWear[product.audience].includes(other.audience), `${id} (${product.audience}) shows ${entry.id} (${other.audience})`);
      assert.notEqual(other.group_id, product.group_id, `${id} shows its variant ${entry.id}`);
      assert.notEqual(other.availability, 'out_of_stock', `${id} shows ${entry.id}`);
    }
  }
});

test('similar products share department, category, colour and style far more often than by chance', { skip }, () => {
  let shown = 0;
  const same = { department: 0, category: 0, colour: 0, occasion: 0 };
  const chance = { department: 0, category: 0, colour: 0, occasion: 0 };
  const all = [...shop.products.values()];
  let turn = 0;
  for (const [id, page] of shop.pages) {
    const product = shop.products.get(id);
    for (const entry of page.similar.slice(0, 5)) {
      const other = shop.products.get(entry.id);
      const stranger = all[(turn += 389) % all.length];
      shown++;
      for (const field of Object.keys(same)) {
        same[field] += other[field] === product[field];
        chance[field] += stranger[field] === product[field];
      }
    }
  }
  const times = (field) => same[field] / chance[field];
  const said = (field) => `same ${field}: ${same[field] / shown}, by chance ${chance[field] / shown}`;
  assert.ok(same.department / shown > 0.75, said('department'));
  assert.ok(times('category') > 6, said('category'));
  assert.ok(times('colour') > 1.5, said('colour'));
  assert.ok(times('occasion') > 1.1, said('occasion'));
});

test('popular products are among the best sellers', { skip }, () => {
  const sold = [...groupBy(shop.orders, (line) => line.item_id)].sort((a, b) => b[1].length - a[1].length).map(([id]) => id);
  const places = shop.popular.map((id) => sold.indexOf(id)).map((place) => (place < 0 ? sold.length : place));
  const within = places.filter((place) => place < sold.length * 0.15).length / places.length;
  assert.ok(within > 0.7, `${within} of the popular list is in the top 15 % of what is sold`);
});
