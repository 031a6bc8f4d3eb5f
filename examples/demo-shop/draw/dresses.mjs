// Dresses and jumpsuits: one function per garment, a recipe of the pieces in upper.mjs and lower.mjs.
import { line, lineSide, symmetric, symmetricLine } from './outline.mjs';
import * as upper from './upper.mjs';
import * as lower from './lower.mjs';
import { armSeams } from './tops.mjs';
import { belt } from './outerwear.mjs';

function dressTop(sketch, look, { rise = 5 } = {}) {
  const L = upper.figure('dress', look.audience);
  const type = look.neckline === 'shirt' || look.neckline === 'wrap' ? 'shirt' : look.neckline;
  const neck = look.neckline === 'wrap' ? upper.neckline(L, 'v') : upper.neckline(L, type);
  upper.backOfNeck(sketch, L, neck, { label: look.neckline !== 'sweetheart' });
  if (look.sleeve !== 'sleeveless') {
    upper.sleeves(sketch, L, look.sleeve, { finish: ['long', 'balloon', 'puff'].includes(look.sleeve) ? 'cuff' : 'hem' });
  }
  const clip = sketch.panel(symmetric(upper.bodyHalf(L, neck, { sleeveless: look.sleeve === 'sleeveless', to: 'waist', hemDip: rise })),
    { folds: upper.bodyFolds(sketch, { ...L, hx: L.wx, hy: L.wy }, L.wy).slice(0, 8) });
  if (look.sleeve !== 'sleeveless') armSeams(sketch, L);
  for (const side of [-1, 1]) {  // bust darts
    sketch.seam(lineSide([['M', L.wx * 0.5, L.wy], ['C', L.wx * 0.52, L.wy - 24, L.ax * 0.48, L.ay + 34, L.ax * 0.48, L.ay + 20]], side), { clip, opacity: 0.32 });
  }
  if (type !== 'shirt' || look.neckline === 'wrap') upper.neckRib(sketch, neck, clip, 4);
  return { L, neck, clip };
}

const dressHems = { mini: 352, knee: 396, midi: 428, maxi: 456 };

export function alineDress(sketch, look) {
  const kids = look.audience === 'kids';
  const { L, neck } = dressTop(sketch, look);
  const by = kids ? 384 : dressHems[look.length];
  const spread = 96 + (by - 352) * 0.12 + (look.fit === 'full' ? 16 : 0);
  const P = { wx: L.wx, wy: L.wy, hx: L.wx + (spread - L.wx) * 0.42, hy: L.wy + 62, bx: spread, by };
  const clip = lower.skirt(sketch, P, { waves: 4, dip: 12, folds: look.fit === 'full' ? 9 : 7 });
  waistSeam(sketch, L);
  if (look.detail === 'belt') belt(sketch, L.wx, L.wy, 6, { colour: '#5d4030' });
  if (look.detail === 'bow-belt') belt(sketch, L.wx, L.wy, 6, { tie: true });
  if (look.neckline === 'shirt') {
    upper.placket(sketch, neck.depth + 4, by - 30, 9, { clip: null, radius: 2.9 });
    upper.shirtCollar(sketch, { ...L }, { size: 0.84 });
  }
  hemSeam(sketch, P, clip);
}

export function hemSeam(sketch, P, clip) {
  sketch.seam(symmetricLine([['M', 0, P.by + 6], ['Q', P.bx * 0.5, P.by + 4, P.bx - 1, P.by - 5]]), { clip, opacity: 0.22 });
}

function waistSeam(sketch, L) {
  sketch.seam(symmetricLine([['M', 0, L.wy + 5], ['Q', L.wx * 0.5, L.wy + 5, L.wx, L.wy]]), { width: 1.5, opacity: 0.6 });
}

export function sheathDress(sketch, look) {
  const { L, neck } = dressTop(sketch, look);
  const by = dressHems[look.length];
  const P = { wx: L.wx, wy: L.wy, hx: 65, hy: 268, bx: look.length === 'midi' ? 50 : 57, by };
  const clip = lower.skirt(sketch, P, { waves: 1, dip: 4, folds: 3, strength: 0.7, bell: 0.6 });
  waistSeam(sketch, L);
  for (const side of [-1, 1]) sketch.seam(lineSide([['M', L.wx * 0.5, L.wy + 4], ['L', L.wx * 0.6, L.wy + 46]], side), { clip, opacity: 0.35 });
  if (look.detail === 'belt') belt(sketch, L.wx, L.wy, 6, { colour: '#3b2c26' });
  if (look.detail === 'slit') sketch.seam(line([30, by - 76], [36, by + 6]), { clip, width: 2, opacity: 0.7 });
  hemSeam(sketch, P, clip);
  return neck;
}

export function wrapDress(sketch, look) {
  const { L } = dressTop(sketch, { ...look, neckline: 'wrap' });
  const by = dressHems[look.length];
  const P = { wx: L.wx, wy: L.wy, hx: 68, hy: 262, bx: 92, by };
  const clip = lower.skirt(sketch, P, { waves: 3, dip: 8, folds: 6 });
  sketch.seam(lineSide([['M', -L.nx - 2, L.ny + 3], ['C', -10, L.ny + 60, 20, L.wy - 40, L.wx - 4, L.wy - 4]], 1), { width: 1.6, opacity: 0.6 });
  const edge = lineSide([['M', L.wx * 0.6, L.wy + 4], ['C', 30, L.wy + 80, 8, by - 90, -8, by + 8]], 1);
  sketch.castShadow(edge + 'L176 480L196 480Z', { clip, opacity: 0.3, dx: -3, dy: 0 });
  sketch.seam(edge, { clip, width: 1.5, opacity: 0.6 });
  belt(sketch, L.wx, L.wy, 6, { tie: true });
  hemSeam(sketch, P, clip);
}

export function maxiDress(sketch, look) {
  const { L } = dressTop(sketch, look);
  const P = { wx: L.wx, wy: L.wy, hx: 66, hy: 262, bx: 104, by: 446 };
  const clip = lower.skirt(sketch, P, { waves: 5, dip: 12, folds: 9 });
  waistSeam(sketch, L);
  if (look.detail === 'tiered') {
    for (const y of [278, 358]) tier(sketch, P, y, clip);
  }
  if (look.detail === 'bow-belt') belt(sketch, L.wx, L.wy, 6, { tie: true });
  hemSeam(sketch, P, clip);
}

function tier(sketch, P, y, clip) {
  const d = symmetricLine([['M', 0, y + 9], ['Q', 60, y + 8, 120, y - 4]]);
  sketch.raw(`<g clip-path="url(#${clip})"><path d="${d}" fill="none" stroke="${sketch.fabric.deep}" stroke-width="8" opacity=".4" filter="url(#soft)"/></g>`);
  sketch.seam(d, { clip, width: 1.5, opacity: 0.65 });
  for (let k = -11; k <= 11; k++) {
    const x = k * 8.6;
    const sag = y + 9 - (x * x) / 1100;
    sketch.seam(line([x, sag], [x * 1.03, sag + 12 + (k % 3) * 4]), { clip, opacity: 0.3 });
  }
}

export function jumpsuit(sketch, look) {
  const kids = look.audience === 'kids';
  const { L, neck } = dressTop(sketch, look);
  const T = { wx: L.wx, wy: L.wy - 1, hx: kids ? 68 : 62, hy: L.wy + 50, cy: L.wy + 86, ox: look.fit === 'wide' ? 82 : 64, ix: look.fit === 'wide' ? 12 : 20, by: kids ? 410 : 452 };
  const { clips } = lower.legs(sketch, T, { kneeFolds: look.fit !== 'wide', crease: look.fit === 'wide' });
  lower.sidePockets(sketch, T, clips);
  waistSeam(sketch, L);
  belt(sketch, L.wx, L.wy, 6, { tie: look.detail === 'bow-belt', colour: look.detail === 'belt' ? '#4b362b' : undefined });
  if (look.neckline === 'shirt') {
    upper.placket(sketch, neck.depth + 4, L.wy - 12, 4, { radius: 2.8 });
    upper.shirtCollar(sketch, L, { size: 0.84 });
  }
}
