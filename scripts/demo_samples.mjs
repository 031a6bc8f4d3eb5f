// Three questions to the finished bundle, answered by the program with the code that runs in the
// browser: what goes with a dress, what is like it, and what a shopper who looked at three may want.
//   node scripts/demo_samples.mjs SHOP BUNDLE
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseCsv } from './csv.mjs';

const [shop, bundle] = process.argv.slice(2);
const vitrine = fileURLToPath(new URL('../build/vitrine', import.meta.url));
const ask = (...question) =>
  execFileSync(vitrine, ['recommend', '--bundle', bundle, '-k', '3', ...question], { encoding: 'utf8' });

const dresses = parseCsv(readFileSync(join(shop, 'catalogue.csv'), 'utf8')).filter((product) =>
  /dress/i.test(product.category) && product.colour === 'Red' && product.availability === 'in_stock');
const designs = [...new Map(dresses.map((product) => [product.group_id, product])).values()].slice(0, 3);
const [dress] = designs;

const show = (title, answer) => console.log(`\n${title}\n${answer.trimEnd().replace(/^/gm, '  ')}`);
show(`Bought together with "${dress.title}":`, ask('--bought-together', dress.id));
show(`Similar to "${dress.title}":`, ask('--similar', dress.id));

const folder = mkdtempSync(join(tmpdir(), 'vitrine-demo-'));
const session = join(folder, 'session.tsv');
writeFileSync(session, designs.map((product) => `${product.id}\n`).join(''));
show(`For somebody who looked at ${designs.map((product) => `"${product.title}"`).join(', ')}:`,
  ask('--session', session));
rmSync(folder, { recursive: true });
