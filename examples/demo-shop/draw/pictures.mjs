// Renders the picture of every product: 360×480 JPEG.
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { writeFile } from 'node:fs/promises';
import sharp from 'sharp';
import { Random } from '../random.mjs';
import { drawGarment } from './garments.mjs';
import { emojiLayers } from './emoji.mjs';
import { background } from './sketch.mjs';
import { HEIGHT, WIDTH } from './outline.mjs';

const jpeg = { quality: 80, chromaSubsampling: '4:4:4' };

let wall;
function studioWall() {
  wall ??= sharp(Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}"><defs>${background}</defs>` +
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="url(#wall)"/></svg>`)).flatten().raw().toBuffer();
  return wall;
}

export async function drawProduct(product, seed) {
  if (product.look) {
    // Variants of one design fall in the same folds.
    const svg = drawGarment(product.look, new Random(seed, 'folds', product.group));
    return sharp(Buffer.from(svg)).flatten().jpeg(jpeg).toBuffer();
  }
  const layers = await emojiLayers(product);
  return sharp(await studioWall(), { raw: { width: WIDTH, height: HEIGHT, channels: 3 } }).composite(layers).jpeg(jpeg).toBuffer();
}

// Writes FOLDER/ID.jpg for all; returns the sum of their sizes in bytes. Draws as many at a time as
// there are cores; the bytes do not depend on it.
export async function drawAll(products, seed, folder) {
  let next = 0;
  let bytes = 0;
  const worker = async () => {
    while (next < products.length) {
      const product = products[next++];
      const picture = await drawProduct(product, seed);
      bytes += picture.length;
      await writeFile(join(folder, `${product.id}.jpg`), picture);
    }
  };
  sharp.concurrency(1);
  await Promise.all(Array.from({ length: Math.min(8, availableParallelism()) }, worker));
  return bytes;
}
