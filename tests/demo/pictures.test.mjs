import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'node:test';
import { makeProducts } from '../../examples/demo-shop/catalogue.mjs';
import { colourNamed } from '../../examples/demo-shop/palette.mjs';

const shop = fileURLToPath(new URL('../../examples/demo-shop/', import.meta.url));
const installed = existsSync(join(shop, 'node_modules/sharp'));
const skip = installed ? false : 'sharp is not installed: run npm ci in examples/demo-shop';
const sharp = installed ? createRequire(join(shop, 'package.json'))('sharp') : null;
const drawProduct = installed ? (await import('../../examples/demo-shop/draw/pictures.mjs')).drawProduct : null;
const products = makeProducts('vitrine-1');

// One product of each kind and a sample of the rest.
const seen = new Set();
const sample = products.filter((p, i) => {
  const kind = p.look ? p.look.silhouette + p.look.print : p.shape.name;
  const isNew = !seen.has(kind);
  seen.add(kind);
  return isNew || i % 40 === 0;
});

async function pixels(jpeg) {
  return sharp(jpeg).removeAlpha().raw().toBuffer({ resolveWithObject: true });
}

test('every kind of product gets a 360×480 JPEG with something on it', { skip }, async () => {
  for (const product of sample) {
    const picture = await drawProduct(product, 'vitrine-1');
    assert.ok(picture.length > 3000 && picture.length < 60000, `${product.id}: ${picture.length} bytes`);
    const { data, info } = await pixels(picture);
    assert.deepEqual([info.width, info.height, info.channels], [360, 480, 3], product.id);
    // The wall is nearly the same everywhere: count what differs from the corner.
    let drawn = 0;
    for (let i = 0; i < data.length; i += 3) {
      const far = Math.abs(data[i] - data[0]) + Math.abs(data[i + 1] - data[1]) + Math.abs(data[i + 2] - data[2]);
      if (far > 60) drawn++;
    }
    const share = drawn / (360 * 480);
    const pale = ['White', 'Beige', 'Grey'].includes(product.colour);
    assert.ok(share > (pale ? 0.005 : 0.03) && share < 0.7, `${product.id}: ${share} of the picture`);
  }
});

test('plain garments have the colour that they are sold under', { skip }, async () => {
  const plain = sample.filter((p) => p.look?.print === 'plain' && p.look.weave !== 'denim');
  assert.ok(plain.length > 15);
  for (const product of plain) {
    const { data } = await pixels(await drawProduct(product, 'vitrine-1'));
    const wanted = [1, 3, 5].map((at) => parseInt(colourNamed(product.colour).hex.slice(at, at + 2), 16));
    let near = 0;
    for (let i = 0; i < data.length; i += 3) {
      if (Math.hypot(data[i] - wanted[0], data[i + 1] - wanted[1], data[i + 2] - wanted[2]) < 60) near++;
    }
    assert.ok(near / (360 * 480) > 0.08, `${product.id}: ${near / (360 * 480)} is ${product.colour}`);
  }
});

test('colour variants of a shape look different', { skip }, async () => {
  const bags = products.filter((p) => p.shape?.name === 'handbag').slice(0, 4);
  const pictures = await Promise.all(bags.map((p) => drawProduct(p, 'vitrine-1')));
  assert.equal(new Set(pictures.map((p) => p.toString('base64'))).size, bags.length);
});

test('the same product is drawn to the same bytes', { skip }, async () => {
  for (const product of [sample[0], sample[sample.length - 1]]) {
    assert.deepEqual(await drawProduct(product, 'vitrine-1'), await drawProduct(product, 'vitrine-1'));
  }
});

const generated = fileURLToPath(new URL('../../build/demo-shop/images/', import.meta.url));
const skipAll = skip || (existsSync(generated) ? false : 'the demo shop is not generated yet: run ./run demo');
test('all pictures of the generated shop decode, one for each product', { skip: skipAll }, async () => {
  const names = (await readdir(generated)).sort();
  assert.deepEqual(names, products.map((p) => p.id + '.jpg').sort());
  let bytes = 0;
  for (const name of names) {
    const { data, info } = await sharp(join(generated, name), { failOn: 'warning' }).raw().toBuffer({ resolveWithObject: true });
    assert.deepEqual([info.width, info.height], [360, 480], name);
    bytes += data.length;
  }
  assert.equal(bytes, names.length * 360 * 480 * 3);
});
