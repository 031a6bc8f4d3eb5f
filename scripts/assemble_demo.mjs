// Puts the demo's site together around the bundle that is there already: the built storefront, the
// photos, and catalogue.json (what the shop itself knows of its products).
//   node scripts/assemble_demo.mjs SHOP SITE
import { cpSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseCsv } from './csv.mjs';

const [shop, site] = process.argv.slice(2);
if (!site) {
  console.error('usage: node scripts/assemble_demo.mjs SHOP SITE');
  process.exit(2);
}
const storefront = fileURLToPath(new URL('../web/demo/dist', import.meta.url));

for (const name of readdirSync(site)) {
  if (name !== 'bundle') rmSync(join(site, name), { recursive: true });
}
cpSync(storefront, site, { recursive: true });
cpSync(join(shop, 'images'), join(site, 'images'), { recursive: true });

const shown = ['id', 'title', 'description', 'price', 'original_price', 'currency', 'url', 'availability',
  'brand', 'audience', 'colour', 'department', 'category'];
const products = parseCsv(readFileSync(join(shop, 'catalogue.csv'), 'utf8')).map((row) => ({
  ...Object.fromEntries(shown.filter((name) => row[name]).map((name) => [name, row[name]])),
  image: row.images.split('|')[0],
  sizes: row.sizes ? row.sizes.split('|') : [],
}));
writeFileSync(join(site, 'catalogue.json'), JSON.stringify(products));
console.log(`${products.length} products in ${site}`);
