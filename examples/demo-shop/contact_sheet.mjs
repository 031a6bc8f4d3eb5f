// A look at many pictures at once: node contact_sheet.mjs --images DIR --out SHEET.png
//   [--ids ID,ID…] [--match TEXT] [--every N] [--columns N] [--width PIXELS]
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import sharp from 'sharp';

const { values } = parseArgs({ options: {
  images: { type: 'string' }, out: { type: 'string' }, ids: { type: 'string' }, match: { type: 'string', default: '' },
  every: { type: 'string', default: '1' }, columns: { type: 'string', default: '10' }, width: { type: 'string', default: '150' },
} });
if (!values.images || !values.out) {
  process.stderr.write('usage: node contact_sheet.mjs --images DIR --out SHEET.png [--ids …] [--match …] [--every N] [--columns N] [--width N]\n');
  process.exit(2);
}
const names = values.ids ? values.ids.split(',').map((id) => id + '.jpg')
  : (await readdir(values.images)).sort().filter((name) => name.includes(values.match)).filter((_, i) => i % Number(values.every) === 0);
const width = Number(values.width);
const height = Math.round((width * 4) / 3);
const columns = Math.min(Number(values.columns), names.length);
const layers = await Promise.all(names.map(async (name, i) => ({
  input: await sharp(join(values.images, name)).resize(width, height).toBuffer(),
  left: (i % columns) * (width + 4), top: Math.floor(i / columns) * (height + 4),
})));
await sharp({ create: { width: columns * (width + 4), height: Math.ceil(names.length / columns) * (height + 4), channels: 3, background: '#ffffff' } })
  .composite(layers).png().toFile(values.out);
