// Shoes, bags, hats and accessories: Fluent Emoji shapes in the shop's colours. The material is
// found by its hue; its lightness structure stays and its colour is moved in OKLab (B. Ottosson).
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { colourNamed } from '../palette.mjs';
import { HEIGHT, WIDTH } from './outline.mjs';

const assets = join(dirname(createRequire(import.meta.url).resolve('@lobehub/fluent-emoji-3d/package.json')), 'assets');

const toLinear = new Float64Array(256);
for (let v = 0; v < 256; v++) {
  const x = v / 255;
  toLinear[v] = x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4;
}
const fromLinear = (x) => {
  const y = x <= 0.0031308 ? 12.92 * x : 1.055 * x ** (1 / 2.4) - 0.055;
  return Math.max(0, Math.min(255, Math.round(y * 255)));
};

function toLab(r, g, b) {
  const [x, y, z] = [toLinear[r], toLinear[g], toLinear[b]];
  const l = Math.cbrt(0.4122214708 * x + 0.5363325363 * y + 0.0514459929 * z);
  const m = Math.cbrt(0.2119034982 * x + 0.6806995451 * y + 0.1073969566 * z);
  const s = Math.cbrt(0.0883024619 * x + 0.2817188376 * y + 0.6299787005 * z);
  return [0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s, 1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s];
}

function fromLab(L, a, b, out, at) {
  const l = (L + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (L - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (L - 0.0894841775 * a - 1.291485548 * b) ** 3;
  out[at] = fromLinear(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s);
  out[at + 1] = fromLinear(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s);
  out[at + 2] = fromLinear(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s);
}

function hexLab(hex) {
  return toLab(...[1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)));
}

const degrees = (a, b) => ((Math.atan2(b, a) * 180) / Math.PI + 360) % 360;
const hueDistance = (h, g) => Math.abs(((h - g + 540) % 360) - 180);

// A shape once decoded: pixels in OKLab, and how far each belongs to the material to be dyed.
async function loadShape(shape) {
  const { data, info } = await sharp(join(assets, shape.file + '.webp')).trim().ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  const count = info.width * info.height;
  const lab = new Float32Array(count * 3);
  const weight = new Float32Array(count);
  const histogram = new Float64Array(36);
  for (let i = 0; i < count; i++) {
    if (data[4 * i + 3] === 0) continue;
    const [L, a, b] = toLab(data[4 * i], data[4 * i + 1], data[4 * i + 2]);
    lab.set([L, a, b], 3 * i);
    histogram[Math.floor(degrees(a, b) / 10)] += Math.hypot(a, b) * data[4 * i + 3];
  }
  let peak = 0;
  for (let h = 0; h < 36; h++) if (histogram[h] > histogram[peak]) peak = h;
  const material = shape.material_hue ?? { centre: peak * 10 + 5, spread: 42, grey: 0 };
  let mean = 0;
  let meanChroma = 0;
  let total = 0;
  for (let i = 0; i < count; i++) {
    const alpha = data[4 * i + 3];
    if (alpha === 0) continue;
    const [L, a, b] = lab.subarray(3 * i, 3 * i + 3);
    const chroma = Math.hypot(a, b);
    let w;
    if (material.all) w = 1;
    else {
      const near = 1 - Math.min(1, Math.max(0, (hueDistance(degrees(a, b), material.centre) - material.spread) / 15));
      const vivid = Math.min(1, Math.max(0, (chroma - 0.02) / 0.03));
      w = near * vivid + material.grey * (1 - vivid);
    }
    weight[i] = Math.min(1, w);
    mean += L * w * alpha;
    meanChroma += chroma * w * alpha;
    total += w * alpha;
  }
  return { data, info, lab, weight, mean: mean / total, meanChroma: meanChroma / total };
}

function dyed(shape, hex) {
  const [L0, a0, b0] = hexLab(hex);
  const out = Buffer.from(shape.data);
  const contrast = L0 < 0.35 ? 0.62 : L0 > 0.9 ? 0.75 : 0.9;
  const centre = L0 > 0.9 ? 0.9 : L0 < 0.32 ? L0 + 0.05 : L0 + 0.02;
  for (let i = 0; i < shape.weight.length; i++) {
    const w = shape.weight[i];
    if (w === 0) continue;
    const [L, a, b] = shape.lab.subarray(3 * i, 3 * i + 3);
    const depth = (L - shape.mean) * contrast;
    const rich = Math.max(0.6, Math.min(1.15, 1 - depth * 0.5));
    fromLab(L + w * (Math.max(0.08, Math.min(0.985, centre + depth)) - L), a + w * (a0 * rich - a), b + w * (b0 * rich - b), out, 4 * i);
  }
  return out;
}

const cache = new Map();

async function loaded(shape) {
  if (!cache.has(shape.name)) cache.set(shape.name, loadShape(shape));
  return cache.get(shape.name);
}

const clear = { r: 0, g: 0, b: 0, alpha: 0 };

// The shadow of a piece, 30 pixels larger on every side, as raw RGBA. The same for every colour.
async function softShadow(piece, w, h) {
  const alpha = await sharp(piece).extractChannel('alpha').raw().toBuffer();
  const room = await sharp(alpha, { raw: { width: w, height: h, channels: 1 } })
    .extend({ top: 30, bottom: 30, left: 30, right: 30, background: clear }).extractChannel(0).raw().toBuffer();
  const soft = await sharp(room, { raw: { width: w + 60, height: h + 60, channels: 1 } }).blur(8).extractChannel(0).raw().toBuffer();
  const dark = Buffer.alloc(soft.length * 4);
  for (let i = 0; i < soft.length; i++) dark.set([58, 48, 64, Math.round(soft[i] * 0.42)], 4 * i);
  return dark;
}

// The picture: PNG layers (for sharp's composite) over the wall.
export async function emojiLayers(product) {
  const shape = await loaded(product.shape);
  const { width, height } = shape.info;
  const pair = product.shape.view === 'pair';
  const scale = Math.min((pair ? 215 : 250) / width, (pair ? 250 : 290) / height, 1.25);
  const w = Math.round(width * scale);
  const h = Math.round(height * scale);
  const piece = await sharp(dyed(shape, colourNamed(product.colour).hex), { raw: { width, height, channels: 4 } })
    .resize(w, h, { kernel: 'lanczos3' }).png({ compressionLevel: 1 }).toBuffer();
  shape.shadow ??= await softShadow(piece, w, h);
  const dark = shape.shadow;
  const raw = { width: w + 60, height: h + 60, channels: 4 };
  const left = Math.round((WIDTH - w) / 2);
  const top = Math.round((HEIGHT - h) / 2);
  const at = (dx, dy) => [
    { input: dark, raw, left: left + dx - 24, top: top + dy - 18 },
    { input: piece, left: left + dx, top: top + dy },
  ];
  return pair ? [...at(36, -44), ...at(-32, 40)] : at(0, 0);
}
