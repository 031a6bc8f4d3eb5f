// Tops: one function per garment, a short recipe of the pieces in upper.mjs.
import { line, lineSide, oneSide, symmetric, symmetricLine } from './outline.mjs';
import * as upper from './upper.mjs';

export function body(sketch, L, neck, options = {}) {
  return sketch.panel(symmetric(upper.bodyHalf(L, neck, options)), {
    folds: upper.bodyFolds(sketch, L, L.hy), ...options.panel,
  });
}

export function armSeams(sketch, L) {
  for (const side of [-1, 1]) {
    sketch.seam(lineSide([['M', L.sx - 1, L.sy], ['C', L.sx - 5, L.sy + (L.ay - L.sy) * 0.35, L.ax - 8, L.ay - (L.ay - L.sy) * 0.28, L.ax, L.ay]], side),
      { width: 1.3, opacity: 0.5 });
  }
}

export function topFigure(look, change = {}) {
  const L = upper.figure('top', look.audience, change);
  if (look.length === 'cropped') return { ...L, hy: L.hy - 72, hx: L.wx + 6, wy: L.wy - 24, ny: L.ny + 30, sy: L.sy + 30, ay: L.ay + 30, ...shiftDown(L, 30, change) };
  return L;
}

function shiftDown(L, by, change) {
  return { ny: L.ny + by, sy: L.sy + by, ay: L.ay + by, wy: L.wy + by - 24, hy: (change.hy ?? L.hy) + by - 84 };
}

export function tee(sketch, look) {
  const L = topFigure(look, look.fit === 'relaxed' ? { ax: 80, wx: 78, hx: 82, sx: 88 } : {});
  const neck = upper.neckline(L, look.neckline);
  upper.backOfNeck(sketch, L, neck);
  upper.sleeves(sketch, L, look.sleeve, { finish: 'hem' });
  const clip = body(sketch, L, neck, { sleeveless: look.sleeve === 'sleeveless' });
  if (look.sleeve !== 'sleeveless') armSeams(sketch, L);
  upper.neckRib(sketch, neck, clip, look.neckline === 'crew' ? 8 : 5);
  upper.sewnHem(sketch, L, clip);
  if (look.detail === 'pocket') upper.patchPocket(sketch, 20, L.ay + 4, 36, 42);
}

export function tank(sketch, look) {
  const L = topFigure(look, { hy: 376 });
  const neck = upper.neckline(L, look.neckline);
  upper.backOfNeck(sketch, L, neck, { label: look.neckline !== 'boat' });
  const clip = body(sketch, L, neck, { sleeveless: true });
  upper.neckRib(sketch, neck, clip, 5);
  upper.sewnHem(sketch, L, clip);
}

export function shirt(sketch, look) {
  const L = topFigure(look, look.audience === 'women' ? { hy: 398, hx: 76 } : { hy: look.audience === 'kids' ? 372 : 408 });
  const neck = upper.neckline(L, 'shirt');
  upper.backOfNeck(sketch, L, neck);
  upper.sleeves(sketch, L, look.sleeve, { finish: look.sleeve === 'long' ? 'cuff' : 'hem' });
  const clip = body(sketch, L, neck, { hemDip: 14 });
  armSeams(sketch, L);
  upper.placket(sketch, neck.depth + 6, L.hy - 8, 6, { clip });
  if (look.detail === 'pocket' || look.audience !== 'women') upper.patchPocket(sketch, 22, L.ay - 2, 38, 44);
  if (look.detail === 'two-pockets') {
    upper.patchPocket(sketch, 22, L.ay - 2, 38, 44, { flap: true });
    upper.patchPocket(sketch, -60, L.ay - 2, 38, 44, { flap: true, side: -1 });
  }
  upper.sewnHem(sketch, { ...L, hy: L.hy + 2 }, clip);
  upper.shirtCollar(sketch, L);
}

export function polo(sketch, look) {
  const L = topFigure(look);
  const neck = upper.neckline(L, 'shirt');
  upper.backOfNeck(sketch, L, neck);
  upper.sleeves(sketch, L, look.sleeve, { finish: 'rib' });
  const clip = body(sketch, L, neck);
  armSeams(sketch, L);
  const depth = neck.depth + 44;
  const strip = line([-7, neck.depth - 6], [7, neck.depth - 6], [7, depth], [-7, depth]) + 'Z';
  sketch.panel(strip, { edge: 0.3, round: 0.3 });
  sketch.button(0, neck.depth + 10, 2.8);
  sketch.button(0, neck.depth + 30, 2.8);
  upper.sewnHem(sketch, L, clip);
  upper.shirtCollar(sketch, L, { size: 0.86 });
}

export function blouse(sketch, look) {
  const L = topFigure(look, { wx: 66, hx: 82, hy: 380 });
  const neckType = look.neckline === 'bow' ? 'crew' : look.neckline;
  const neck = upper.neckline(L, neckType);
  upper.backOfNeck(sketch, L, neck);
  upper.sleeves(sketch, L, look.sleeve, { finish: look.sleeve === 'bell' ? 'hem' : 'cuff' });
  const clip = body(sketch, L, neck, { hemDip: 12 });
  armSeams(sketch, L);
  gathers(sketch, L, L.ay + 8);
  upper.sewnHem(sketch, L, clip);
  if (look.neckline === 'bow') bow(sketch, L, neck);
  else {
    upper.neckRib(sketch, neck, clip, 4);
    if (neckType === 'v') upper.placket(sketch, neck.depth + 8, L.hy - 12, 6, { clip, radius: 2.8 });
  }
}

function gathers(sketch, L, y) {
  for (let k = -5; k <= 5; k++) {
    if (k === 0) continue;
    const x = (k / 5) * L.ax * 0.8;
    sketch.seam(line([x, y], [x * 1.04, y + 12 + (k % 2) * 5]), { opacity: 0.22 });
  }
}

function bow(sketch, L, neck) {
  const y = neck.depth + 2;
  sketch.band(symmetricLine(neck.half), { width: 12, colour: sketch.fabric.base });
  sketch.band(symmetricLine(neck.half), { width: 1, colour: sketch.fabric.deep, opacity: 0.4 });
  for (const side of [-1, 1]) {
    const tail = oneSide([['M', 1, y + 2], ['C', 14, y + 30, 10, y + 62, 20, y + 96], ['L', 36, y + 84], ['C', 26, y + 50, 20, y + 20, 6, y]], side);
    sketch.castShadow(tail, { opacity: 0.3 });
    sketch.panel(tail, { angle: side * 14, edge: 0.5, round: 0.6 });
  }
  for (const side of [-1, 1]) {
    const loop = oneSide([['M', 0, y], ['C', 14, y - 24, 44, y - 22, 42, y + 2], ['C', 42, y + 24, 14, y + 14, 0, y + 2]], side);
    sketch.castShadow(loop, { opacity: 0.3 });
    sketch.panel(loop, { angle: side * 50, edge: 0.8, folds: [{ from: [side * 4, y], to: [side * 34, y - 6], width: 4 }, { from: [side * 4, y + 2], to: [side * 32, y + 8], width: 4 }] });
  }
  sketch.panel(oneSide([['M', -7, y - 8], ['Q', 0, y - 11, 7, y - 8], ['Q', 9, y + 2, 7, y + 10], ['Q', 0, y + 12, -7, y + 10], ['Q', -9, y, -7, y - 8]]), { edge: 0.5 });
}

export function sweater(sketch, look) {
  const wide = look.fit === 'relaxed' ? { ax: 84, wx: 82, hx: 76, sx: 90 } : { wx: look.audience === 'women' ? 70 : 82, hx: look.audience === 'women' ? 68 : 78 };
  const L = topFigure(look, wide);
  const neck = upper.neckline(L, look.neckline === 'turtleneck' ? 'crew' : look.neckline);
  upper.backOfNeck(sketch, L, neck);
  upper.sleeves(sketch, L, look.sleeve, { finish: 'rib', width: look.fit === 'relaxed' ? 1.25 : 1.08 });
  const clip = body(sketch, L, neck);
  armSeams(sketch, L);
  upper.ribHem(sketch, L, clip, 24);
  if (look.neckline === 'turtleneck') upper.turtleneck(sketch, L);
  else upper.neckRib(sketch, neck, clip, 10);
}

export function hoodie(sketch, look) {
  const L = topFigure(look, { wx: look.audience === 'women' ? 72 : 82, hx: look.audience === 'women' ? 70 : 78 });
  const neck = upper.neckline(L, 'crew');
  upper.sleeves(sketch, L, 'long', { finish: 'rib', width: 1.22 });
  const clip = body(sketch, L, neck);
  armSeams(sketch, L);
  upper.ribHem(sketch, L, clip, 24);
  const y = L.wy + 10;
  const pocket = symmetric([['M', 0, y], ['L', L.wx * 0.46, y], ['L', L.wx * 0.76, y + 46], ['L', L.wx * 0.76, L.hy - 26], ['L', 0, L.hy - 24]]);
  sketch.castShadow(pocket, { opacity: 0.25, clip });
  const pocketClip = sketch.panel(pocket, { edge: 0.4, round: 0.4 });
  for (const side of [-1, 1]) {
    sketch.stitch(lineSide([['M', L.wx * 0.43, y + 2], ['L', L.wx * 0.71, y + 47]], side), { opacity: 0.55 });
  }
  if (look.detail === 'zip') upper.zip(sketch, neck.depth, L.hy, { clip });
  upper.hood(sketch, L);
  return pocketClip;
}

export function cardigan(sketch, look) {
  const long = look.length === 'long';
  const L = topFigure(look, { wx: 70, hx: long ? 78 : 70, hy: long ? 428 : 380, ...(long ? { ny: 60, sy: 82, ay: 156, wy: 240 } : {}) });
  const neck = upper.neckline(L, look.neckline === 'v' ? 'lapel' : 'crew');
  upper.backOfNeck(sketch, L, neck);
  upper.sleeves(sketch, L, 'long', { finish: 'rib', width: 1.12 });
  const clip = body(sketch, L, neck);
  armSeams(sketch, L);
  upper.ribHem(sketch, L, clip, 20);
  upper.neckRib(sketch, neck, clip, 11);
  sketch.band(line([0, neck.depth - 3], [0, L.hy + 6]), { width: 20, clip, ribs: true });
  sketch.seam(line([10, neck.depth + 4], [10, L.hy + 6]), { clip, opacity: 0.4 });
  sketch.seam(line([-10, neck.depth + 4], [-10, L.hy + 6]), { clip, opacity: 0.3 });
  const from = neck.depth + 8;
  for (let i = 0; i < 5; i++) sketch.button(0, from + ((L.hy - from - 6) * i) / 4.4, 4.4);
  for (const side of [-1, 1]) upper.patchPocket(sketch, side > 0 ? 20 : -58, L.hy - 82, 38, 48, { point: 2, side });
}
