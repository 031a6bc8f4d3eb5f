// Jackets and coats: one function per garment, a short recipe of the pieces in upper.mjs.
import { line, lineSide, oneSide, symmetric, symmetricLine } from './outline.mjs';
import * as upper from './upper.mjs';
import { armSeams, body, topFigure } from './tops.mjs';

export function blazer(sketch, look) {
  const L = topFigure(look, look.audience === 'women' ? { wx: 60, hx: 80, hy: 398 } : { wx: 74, hx: 86, hy: 410 });
  const double = look.detail === 'double-breasted';
  const neck = upper.neckline(L, 'lapel');
  const depth = neck.depth + (double ? 8 : 34);
  upper.backOfNeck(sketch, L, neck, { label: true });
  shirtFront(sketch, L, depth);
  upper.sleeves(sketch, L, 'long', { finish: 'none', width: 1.05 });
  const open = { ...neck, depth, half: [['M', 0, depth], ['L', L.nx, L.ny]] };
  const clip = body(sketch, L, open, { hemDip: 2 });
  armSeams(sketch, L);
  const shift = double ? 20 : 7;
  sketch.seam(line([shift, depth - 6], [shift, L.hy - 18], [shift - 8, L.hy + 4]), { clip, width: 1.4, opacity: 0.65 });
  for (const side of [-1, 1]) {
    sketch.seam(lineSide([['M', L.ax * 0.55, L.ay + 34], ['C', L.ax * 0.46, L.wy - 10, L.wx * 0.52, L.wy + 40, L.wx * 0.55, L.wy + 44]], side), { clip, opacity: 0.35 });
    upper.weltPocket(sketch, L.wx * 0.3, L.wy + 42, 34, { side, flap: 13, tilt: -2 });
  }
  upper.weltPocket(sketch, 26, L.ay + 16, 26, { tilt: -4 });
  upper.lapels(sketch, L, depth, { width: double ? 1.12 : 1 });
  const rows = double ? [[-20, depth + 10], [13, depth + 10], [-20, depth + 48], [13, depth + 48]] : [[0, depth + 10], [0, depth + 48]];
  for (const [x, y] of rows) sketch.button(x, y, 4.4, '#4d4037');
  for (const side of [-1, 1]) for (let i = 0; i < 3; i++) sketch.button(side * (132 - i * 2.4) * (L.sx / 79) * 0.985, L.sy + 250 * ((L.ay - L.sy) / 76) - i * 9, 2);
}

// A pale shirt or top that shows between lapels.
function shirtFront(sketch, L, depth) {
  const d = symmetric([['M', 0, L.ny + 14], ['Q', L.nx * 0.7, L.ny + 10, L.nx, L.ny - 2], ['L', L.nx + 4, L.ny + 20], ['L', 8, depth + 6], ['L', 0, depth + 8]]);
  sketch.panel(d, { fill: sketch.fabric.inside, plain: true, bare: true, round: 0.3, edge: 1.2, outline: false });
}

export function coat(sketch, look) {
  const men = look.audience === 'men';
  const short = look.length === 'short' ? { hy: 392 } : {};
  const L = upper.figure('coat', look.audience, { ...short });
  const trench = look.detail === 'trench';
  const neck = upper.neckline(L, 'lapel');
  const depth = neck.depth + (trench ? -14 : 14);
  shirtFront(sketch, L, depth);
  upper.sleeves(sketch, L, 'long', { finish: trench ? 'cuff' : 'none', width: 1.1 });
  const open = { ...neck, depth, half: [['M', 0, depth], ['L', L.nx, L.ny]] };
  const clip = body(sketch, L, open, { hemDip: 3 });
  armSeams(sketch, L);
  const shift = trench ? 22 : 12;
  sketch.seam(line([shift, depth - 4], [shift, L.hy + 6]), { clip, width: 1.5, opacity: 0.65 });
  sketch.castShadow(line([shift, depth], [shift + 8, depth], [shift + 8, L.hy + 6], [shift, L.hy + 6]) + 'Z', { clip, opacity: 0.25, dy: 0 });
  upper.lapels(sketch, L, depth, { width: trench ? 1.15 : 1.05, shawl: look.detail === 'wrap' });
  const gap = (L.wy - depth - 14) / 2;
  if (trench) {
    for (let i = 0; i < 4; i++) {
      if (i === 2) continue;
      for (const x of [-22, 12]) sketch.button(x, depth + 14 + i * (gap + 14), 4.6, '#5b4630');
    }
  } else if (look.detail !== 'wrap') {
    for (let i = 0; i < 3; i++) sketch.button(0, depth + 14 + i * 48, 5, '#4a3b31');
  }
  for (const side of [-1, 1]) upper.weltPocket(sketch, L.wx * 0.36, L.wy + (trench ? 34 : 42), 36, { side, flap: trench ? 6 : 14, tilt: trench ? 16 : -2 });
  if (trench || look.detail === 'wrap') belt(sketch, L.wx, L.wy, 9, { tie: look.detail === 'wrap' });
  if (men && !trench) upper.weltPocket(sketch, 26, L.ay + 10, 26, { tilt: -4 });
}

export function belt(sketch, wx, wy, half, { tie = false, colour, buckle } = {}) {
  const d = symmetric([['M', 0, wy - half + 3], ['Q', wx * 0.6, wy - half + 3, wx + 2, wy - half], ['L', wx + 2, wy + half - 2], ['Q', wx * 0.6, wy + half + 2, 0, wy + half + 2]]);
  sketch.castShadow(d, { opacity: 0.4, dy: 3 });
  sketch.panel(d, { fill: colour, plain: !!colour, edge: 0.5, round: 0.8 });
  if (tie) {
    for (const [x, lean] of [[-2, -14], [6, 12]]) {
      const tail = line([x - 5, wy], [x + 6, wy], [x + lean + 8, wy + 76], [x + lean - 5, wy + 82]) + 'Z';
      sketch.castShadow(tail, { opacity: 0.35 });
      sketch.panel(tail, { fill: colour, plain: !!colour, edge: 0.5, round: 0.8 });
    }
    sketch.panel(oneSide([['M', -9, wy - half], ['Q', 0, wy - half - 3, 10, wy - half + 1], ['Q', 13, wy + 2, 9, wy + half + 3], ['Q', 0, wy + half + 6, -9, wy + half + 2], ['Q', -12, wy, -9, wy - half]]), { fill: colour, plain: !!colour, edge: 0.7 });
  } else {
    sketch.raw(`<rect x="168" y="${wy - half - 1}" width="24" height="${2 * half + 5}" rx="3" fill="none" stroke="#00000055" stroke-width="3.4" transform="translate(.6 1.2)"/>` +
      `<rect x="168" y="${wy - half - 1}" width="24" height="${2 * half + 5}" rx="3" fill="none" stroke="${buckle ?? '#c9a86a'}" stroke-width="3.2"/>`);
  }
}

export function bomber(sketch, look) {
  const L = topFigure(look, { wx: look.audience === 'women' ? 74 : 84, hx: look.audience === 'women' ? 64 : 74, hy: look.audience === 'kids' ? 356 : 372 });
  const neck = upper.neckline(L, 'crew');
  upper.backOfNeck(sketch, L, neck);
  upper.sleeves(sketch, L, 'long', { finish: 'rib', width: 1.28 });
  const clip = body(sketch, L, neck);
  armSeams(sketch, L);
  if (look.detail === 'quilted') quilting(sketch, L, clip);
  upper.ribHem(sketch, L, clip, 24);
  upper.zip(sketch, neck.depth - 8, L.hy, { clip });
  upper.neckRib(sketch, { half: [['M', 0, neck.depth + 4], ['C', L.nx * 0.6, neck.depth + 4, L.nx + 4, L.ny + 18, L.nx + 5, L.ny]] }, clip, 13);
  for (const side of [-1, 1]) {
    const x = L.wx * 0.42;
    sketch.seam(lineSide([['M', x, L.wy - 2], ['L', x + 22, L.wy + 40]], side), { width: 2.2, opacity: 0.7, clip });
    sketch.seam(lineSide([['M', x + 6, L.wy - 4], ['L', x + 28, L.wy + 38]], side), { opacity: 0.35, clip });
  }
}

// Channels of padding: each bulges between two seams.
function quilting(sketch, L, clip) {
  const f = sketch.fabric;
  const seams = [];
  for (let y = L.sy + 34; y < L.hy - 20; y += 30) seams.push(symmetricLine([['M', 0, y + 4], ['Q', 50, y + 4, 110, y - 2]]));
  const lines = (stroke, width, opacity, dy) => seams.map((d) =>
    `<path d="${d}" stroke="${stroke}" stroke-width="${width}" stroke-opacity="${opacity}" transform="translate(0 ${dy})"/>`).join('');
  sketch.raw(`<g clip-path="url(#${clip})"><g fill="none" filter="url(#soft)">${lines(f.lit, 11, 0.36, 13)}${lines(f.deep, 8, 0.46, 0)}</g></g>`);
  for (const d of seams) sketch.seam(d, { clip, opacity: 0.7 });
}

export function puffer(sketch, look) {
  const L = topFigure(look, { wx: look.audience === 'women' ? 78 : 88, hx: look.audience === 'women' ? 78 : 86, hy: look.audience === 'kids' ? 370 : 394 });
  const neck = upper.neckline(L, 'crew');
  upper.sleeves(sketch, L, 'long', { finish: 'none', width: 1.4 });
  sleeveQuilting(sketch, L);
  const clip = body(sketch, L, neck, { hemDip: 4 });
  armSeams(sketch, L);
  quilting(sketch, L, clip);
  upper.zip(sketch, L.ny + 4, L.hy, { clip });
  const x = L.nx + 7;
  const collar = symmetric([['M', 0, L.ny - 22], ['Q', x * 0.8, L.ny - 22, x - 1, L.ny - 16], ['C', x + 6, L.ny - 4, x + 6, L.ny + 12, x + 2, L.ny + 18], ['Q', x * 0.6, L.ny + 34, 0, L.ny + 35]]);
  sketch.castShadow(collar, { opacity: 0.4 });
  const collarClip = sketch.panel(collar, { folds: [{ from: [-x, L.ny + 4], to: [x, L.ny + 4], width: 5, bend: -8 }] });
  sketch.panel(symmetric([['M', 0, L.ny - 22], ['Q', x * 0.8, L.ny - 22, x - 1, L.ny - 16], ['Q', x * 0.6, L.ny - 10, 0, L.ny - 9]]), { fill: sketch.fabric.inside, plain: true, bare: true, round: 0.4, edge: 0.9 });
  upper.zip(sketch, L.ny - 4, L.ny + 40, { clip: collarClip });
  for (const side of [-1, 1]) sketch.seam(lineSide([['M', L.wx * 0.5, L.wy + 10], ['L', L.wx * 0.72, L.wy + 54]], side), { width: 2.2, opacity: 0.75, clip });
}

function sleeveQuilting(sketch, L) {
  const f = sketch.fabric;
  const s = (L.ay - L.sy) / 78;
  for (const side of [-1, 1]) {
    const clip = sleeveClip(sketch, side);
    const seams = [];
    for (let k = 1; k < 9; k++) {
      const y = L.sy + k * 30 * s;
      const x = L.sx + k * 8.2 * s;
      seams.push(lineSide([['M', x + 18, y - 8], ['Q', x - 14, y + 10, x - 52 * s, y + 10]], side));
    }
    const lines = (stroke, width, opacity, dy) => seams.map((d) =>
      `<path d="${d}" stroke="${stroke}" stroke-width="${width}" stroke-opacity="${opacity}" transform="translate(0 ${dy})"/>`).join('');
    sketch.raw(`<g clip-path="url(#${clip})"><g fill="none" filter="url(#soft)">${lines(f.lit, 9, 0.3, 13)}${lines(f.deep, 7, 0.4, 0)}</g></g>`);
    for (const d of seams) sketch.seam(d, { opacity: 0.6, clip });
  }
}

// The two sleeves are always the first two pieces of cloth after what shows inside the neck.
function sleeveClip(sketch, side) {
  const clips = sketch.defs.filter((def) => def.startsWith('<clipPath')).map((def) => def.slice(14, def.indexOf('"', 14)));
  return clips[side === -1 ? 0 : 1];
}

export function trucker(sketch, look) {
  const L = topFigure(look, { wx: look.audience === 'women' ? 66 : 80, hx: look.audience === 'women' ? 66 : 76, hy: look.audience === 'kids' ? 352 : 368 });
  const neck = upper.neckline(L, 'shirt');
  upper.backOfNeck(sketch, L, neck);
  upper.sleeves(sketch, L, 'long', { finish: 'cuff', width: 1.12 });
  const clip = body(sketch, L, neck);
  armSeams(sketch, L);
  const yoke = L.ay - 14;
  sketch.seam(line([-L.ax, yoke], [L.ax, yoke]), { clip, width: 1.4 });
  sketch.stitch(line([-L.ax, yoke + 3], [L.ax, yoke + 3]));
  for (const side of [-1, 1]) {
    for (const [a, b] of [[0.34, 0.16], [0.62, 0.46]]) {
      sketch.seam(lineSide([['M', L.ax * a, yoke], ['L', L.hx * b, L.hy - 22]], side), { clip });
      sketch.stitch(lineSide([['M', L.ax * a + 3, yoke + 4], ['L', L.hx * b + 3, L.hy - 22]], side));
    }
    upper.patchPocket(sketch, side > 0 ? 20 : -56, yoke + 1, 36, 40, { flap: true, side });
  }
  upper.placket(sketch, neck.depth + 8, L.hy - 16, 5, { clip, radius: 4, colour: '#b08a52' });
  const hem = (y) => symmetricLine([['M', 0, y + 4], ['Q', L.hx * 0.55, y + 4, L.hx + 2, y]]);
  sketch.seam(hem(L.hy - 20), { clip, width: 1.5 });
  sketch.stitch(hem(L.hy - 17));
  sketch.stitch(hem(L.hy - 5));
  upper.shirtCollar(sketch, L, { size: 1 });
}
