// Generates the demo shop: node generate.mjs --out DIR [--seed TEXT] [--data-only]
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { catalogueCsv, makeProducts } from './catalogue.mjs';
import { complementsOf, makeOutfits } from './outfits.mjs';
import { rates, simulate, STYLES } from './shoppers.mjs';
import { toCsv } from './csv.mjs';

export const DEFAULT_SEED = 'vitrine-1';

const isoTime = (seconds) => new Date(seconds * 1000).toISOString().slice(0, 19) + 'Z';

// The text files of the shop by name; the same bytes for the same seed.
export function makeData(seed = DEFAULT_SEED) {
  const products = makeProducts(seed);
  const outfits = makeOutfits(products, seed);
  const complements = complementsOf(products, outfits);
  const { people, sessions } = simulate({ products, outfits, complements, seed });
  const files = new Map();
  files.set('catalogue.csv', catalogueCsv(products));
  files.set('users.csv', toCsv([['user_id', (u) => u.id], ['age', (u) => (u.knowsAge ? u.age : '')], ['city', (u) => u.city], ['region', (u) => u.region.name]], people));
  const events = ['user_id,session_id,item_id,time,kind'];
  const orders = ['order_id,user_id,time,item_id'];
  let orderCount = 0;
  sessions.forEach((session, number) => {
    const user = people[session.user].id;
    const id = 's' + String(number + 1).padStart(6, '0');
    const bought = session.events.filter((event) => event.kind === 'order');
    for (const event of session.events) events.push(`${user},${id},${products[event.item].id},${isoTime(event.time)},${event.kind}`);
    if (!bought.length) return;
    const order = 'o' + String(++orderCount).padStart(6, '0');
    for (const event of bought) orders.push(`${order},${user},${isoTime(bought[0].time)},${products[event.item].id}`);
  });
  files.set('events.csv', events.join('\n') + '\n');
  files.set('orders.csv', orders.join('\n') + '\n');
  files.set('truth.json', truthJson(seed, products, outfits, complements, people));
  const counts = { products: products.length, designs: new Set(products.map((p) => p.group)).size, outfits: outfits.length,
    shoppers: people.length, sessions: sessions.length, events: events.length - 1, orders: orderCount, order_lines: orders.length - 1 };
  return { products, files, counts };
}

// One line per product and shopper, so that the file can be read and compared.
function truthJson(seed, products, outfits, complements, people) {
  const ids = (list) => list.map((index) => products[index].id);
  const lines = (entries) => entries.map((entry) => '    ' + entry).join(',\n');
  return `{
  "seed": ${JSON.stringify(seed)},
  "styles": ${JSON.stringify(STYLES)},
  "rates": ${JSON.stringify(rates)},
  "outfits": [
${lines(outfits.map((outfit) => JSON.stringify(ids(outfit))))}
  ],
  "products": {
${lines(products.map((p, i) => `${JSON.stringify(p.id)}: ${JSON.stringify({ style: p.style, role: p.role, colour: p.colour, tier: p.tier, season: p.season, launch_day: p.launch, complements: ids(complements[i]) })}`))}
  },
  "shoppers": {
${lines(people.map((u) => `"${u.id}": ${JSON.stringify({ audience: u.audience, parent: u.parent, styles: u.styles, colours: u.colours, budget: u.budget })}`))}
  }
}
`;
}

// Draws all pictures, unless the same programs have drawn the same shop there before.
async function drawPictures(products, seed, out) {
  const here = dirname(fileURLToPath(import.meta.url));
  const sources = ['package-lock.json'];
  for (const folder of ['', 'draw']) {
    for (const name of await readdir(join(here, folder))) if (name.endsWith('.mjs')) sources.push(join(folder, name));
  }
  const hash = createHash('sha256').update(seed);
  for (const name of sources.sort()) hash.update(name).update(await readFile(join(here, name)));
  const key = hash.digest('hex');
  const folder = join(out, 'images');
  const stamp = join(out, 'images.key');
  const [drawnKey, drawnBytes] = (await readFile(stamp, 'utf8').catch(() => '')).split('\n');
  const present = await readdir(folder).catch(() => []);
  if (drawnKey === key && present.length === products.length) return Number(drawnBytes);
  const { drawAll } = await import('./draw/pictures.mjs');
  await rm(stamp, { force: true });
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const bytes = await drawAll(products, seed, folder);
  await writeFile(stamp, `${key}\n${bytes}\n`);
  return bytes;
}

async function main() {
  const { values } = parseArgs({ options: {
    out: { type: 'string', short: 'o' }, seed: { type: 'string', default: DEFAULT_SEED }, 'data-only': { type: 'boolean', default: false },
  } });
  if (!values.out) {
    process.stderr.write('usage: node generate.mjs --out DIR [--seed TEXT] [--data-only]\n');
    return 2;
  }
  const { products, files, counts } = makeData(values.seed);
  await mkdir(values.out, { recursive: true });
  for (const [name, text] of files) await writeFile(join(values.out, name), text);
  if (!values['data-only']) {
    counts.image_bytes = await drawPictures(products, values.seed, values.out);
  }
  process.stdout.write(Object.entries(counts).map(([name, count]) => `${name} ${count}`).join('\n') + '\n');
  return 0;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) process.exitCode = await main();
