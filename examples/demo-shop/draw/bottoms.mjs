// Skirts and trousers: one function per garment, a recipe of the pieces in lower.mjs.
import { line, lineSide } from './outline.mjs';
import * as upper from './upper.mjs';
import * as lower from './lower.mjs';
import { hemSeam } from './dresses.mjs';

const skirtHems = { mini: 318, knee: 362, midi: 410, maxi: 444 };

export function alineSkirt(sketch, look) {
  const kids = look.audience === 'kids';
  const top = look.length === 'mini' ? 116 : 84;
  const by = kids ? 330 : skirtHems[look.length] + (look.length === 'mini' ? 20 : 0);
  const wx = kids ? 62 : 58;
  const P = { wx, wy: top, hx: wx + 26, hy: top + 74, bx: look.length === 'mini' ? 108 : 118, by };
  const clip = lower.skirt(sketch, P, { waves: 4, dip: 12, folds: 7 });
  if (look.detail === 'buttons') {
    upper.placket(sketch, top + 16, by - 14, Math.round((by - top) / 44), { clip, radius: 4.4, colour: '#7a5a3c' });
  }
  if (look.detail === 'pockets') for (const side of [-1, 1]) upper.patchPocket(sketch, side > 0 ? 24 : -66, top + 44, 42, 50, { point: 4, side });
  lower.waistband(sketch, P, { height: 15, button: look.detail === 'pockets' });
  hemSeam(sketch, P, clip);
}

export function pencilSkirt(sketch, look) {
  const by = skirtHems[look.length] + 14;
  const P = { wx: 58, wy: 92, hx: 80, hy: 182, bx: look.length === 'midi' ? 60 : 66, by };
  const clip = lower.skirt(sketch, P, { waves: 1, dip: 4, folds: 4, strength: 0.8, bell: 0.6 });
  for (const side of [-1, 1]) sketch.seam(lineSide([['M', 30, 94], ['L', 36, 140]], side), { clip, opacity: 0.4 });
  if (look.detail === 'slit') sketch.seam(line([32, by - 92], [40, by + 6]), { clip, width: 2.2, opacity: 0.7 });
  lower.waistband(sketch, P, { height: 15 });
  hemSeam(sketch, P, clip);
}

export function pleatedSkirt(sketch, look) {
  const kids = look.audience === 'kids';
  const top = look.length === 'mini' || kids ? 118 : 82;
  const by = kids ? 326 : skirtHems[look.length] + (look.length === 'mini' ? 18 : 4);
  const P = { wx: kids ? 62 : 57, wy: top, hx: 88, hy: top + 80, bx: look.length === 'mini' || kids ? 112 : 122, by };
  const clip = lower.skirt(sketch, P, { waves: 9, dip: 12, folds: 3, strength: 0.6 });
  lower.pleats(sketch, P, clip, look.length === 'mini' ? 13 : 17);
  lower.waistband(sketch, P, { height: 16 });
}

const trouserFits = {
  skinny: { hx: 72, ox: 46, ix: 22, kx: 56, ki: 14 },
  slim: { hx: 74, ox: 54, ix: 20, kx: 62, ki: 11 },
  straight: { hx: 76, ox: 66, ix: 17, kx: 70, ki: 8 },
  wide: { hx: 78, ox: 98, ix: 10, kx: 88, ki: 5 },
  flared: { hx: 72, ox: 86, ix: 12, kx: 58, ki: 13 },
  tapered: { hx: 80, ox: 55, ix: 23, kx: 72, ki: 9 },
};

function trouserFigure(look) {
  const by = { full: 440, ankle: 412, cropped: 370, shorts: 276, 'short-shorts': 250 }[look.length] ?? 440;
  const shorts = look.length.includes('short');
  const drop = shorts ? 62 : 0;
  const kids = look.audience === 'kids';
  const fit = trouserFits[look.fit] ?? trouserFits.straight;
  const T = { wx: look.audience === 'men' ? 62 : 57, wy: 56 + drop, hy: 122 + drop, cy: 168 + drop, by: by + drop, ...fit };
  if (shorts) Object.assign(T, look.fit === 'wide' ? { ox: 101, ix: 11, kx: 92, ki: 6, hx: 79 } : { ox: 91, ix: 13, kx: 86, ki: 6, hx: 78 });
  if (look.audience === 'men') T.hx += 3;
  if (kids) Object.assign(T, { wx: 64, by: T.by - (shorts ? 6 : 66), hx: T.hx + 4, wy: T.wy + 14, hy: T.hy + 14, cy: T.cy + 14 });
  return { T, shorts };
}

function legHems(sketch, T, clips, { height = 9, stitch = false, rolled = false } = {}) {
  for (const [i, side] of [-1, 1].entries()) {
    const at = (y) => lineSide([['M', T.ox + 3, y], ['Q', (T.ox + T.ix) / 2, y + 4, T.ix - 3, y + 1]], side);
    if (rolled) {
      sketch.band(at(T.by - 9), { width: 20, clip: clips[i], colour: sketch.fabric.lit, opacity: 0.55 });
      sketch.seam(at(T.by - 19), { clip: clips[i], width: 1.6, opacity: 0.6 });
    } else if (stitch) sketch.stitch(at(T.by - height));
    else sketch.seam(at(T.by - height), { clip: clips[i], opacity: 0.3 });
  }
}

export function jeans(sketch, look) {
  const { T, shorts } = trouserFigure(look);
  const shape = lower.legs(sketch, T, { kneeFolds: !shorts });
  if (!shorts) lower.fades(sketch, T, shape, sketch.fabric.light < 0.25 ? 0.18 : 0.34);
  lower.sidePockets(sketch, T, shape.clips, { curved: true, stitch: true });
  lower.fly(sketch, T, { stitch: true });
  for (const side of [-1, 1]) {
    sketch.seam(lineSide([['M', T.hx - 4, T.hy], ['C', T.hx - 4, T.hy + 50, shape.kneeOut - 5, shape.knee - 30, shape.kneeOut - 5, shape.knee], ['L', T.ox - 5, T.by]], side), { opacity: 0.24 });
  }
  legHems(sketch, T, shape.clips, { stitch: true, rolled: look.detail === 'rolled' });
  lower.waistband(sketch, T, { height: 16, loops: true, button: true, stitch: true });
}

export function chinos(sketch, look) {
  const { T, shorts } = trouserFigure(look);
  const shape = lower.legs(sketch, T, { crease: !shorts && look.detail !== 'casual', kneeFolds: !shorts });
  lower.sidePockets(sketch, T, shape.clips);
  lower.fly(sketch, T);
  if (look.detail === 'pleats') {
    for (const side of [-1, 1]) for (const x of [22, 34]) sketch.seam(lineSide([['M', x, T.wy + 4], ['L', x + 2, T.wy + 52]], side), { opacity: 0.5, width: 1.5 });
  }
  legHems(sketch, T, shape.clips, { rolled: look.detail === 'rolled' });
  lower.waistband(sketch, T, { height: 15, loops: true, button: true });
}

export function joggers(sketch, look) {
  const { T, shorts } = trouserFigure(look);
  const shape = lower.legs(sketch, T, { kneeFolds: true });
  lower.sidePockets(sketch, T, shape.clips);
  if (!shorts) {
    for (const [i, side] of [-1, 1].entries()) {
      const at = (y) => lineSide([['M', T.ox + 3, y], ['Q', (T.ox + T.ix) / 2, y + 4, T.ix - 3, y + 1]], side);
      sketch.band(at(T.by - 9), { width: 23, clip: shape.clips[i], ribs: true });
      sketch.seam(at(T.by - 21), { clip: shape.clips[i] });
    }
  } else legHems(sketch, T, shape.clips);
  if (look.detail === 'side-stripe') {
    for (const [i, side] of [-1, 1].entries()) {
      sketch.band(lineSide([['M', T.hx - 3, T.wy], ['C', T.hx - 2, T.hy + 40, shape.kneeOut - 5, shape.knee - 30, shape.kneeOut - 6, shape.knee], ['L', T.ox - 6, T.by]], side),
        { width: 7, clip: shape.clips[i], colour: '#f5f2ea', opacity: 0.92 });
    }
  }
  lower.waistband(sketch, T, { height: 18, elastic: true });
  sketch.raw(`<path d="M176 ${T.wy + 1}q-8 18 -6 38M184 ${T.wy + 1}q7 16 6 32" fill="none" stroke="#f4f1ea" stroke-width="2.8"/>`);
}

export function leggings(sketch, look) {
  const { T } = trouserFigure({ ...look, fit: 'skinny' });
  const shape = lower.legs(sketch, { ...T, hx: 68, kx: 50, ki: 15, ox: 40, ix: 22 }, { kneeFolds: true });
  if (look.detail === 'mesh') {
    for (const [i, side] of [-1, 1].entries()) sketch.band(lineSide([['M', 64, T.hy], ['C', 60, T.cy + 20, 48, shape.knee - 40, 46, shape.knee], ['L', 37, T.by]], side), { width: 13, clip: shape.clips[i], colour: sketch.fabric.trim });
  }
  sketch.seam(line([0, T.wy + 5], [0, T.cy]), { opacity: 0.5 });
  lower.waistband(sketch, T, { height: 26 });
}
