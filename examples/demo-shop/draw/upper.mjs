// The upper half of a garment: body, neckline, sleeves, collars, closures.
// A figure L gives the landmarks of the right half: neck (nx,ny), shoulder (sx,sy), armpit (ax,ay),
// waist (wx,wy), hem (hx,hy).
import { line, lineSide, oneSide, reversed, symmetric, symmetricLine } from './outline.mjs';
import { mix } from '../palette.mjs';

const figures = {
  top: {
    women: { nx: 31, ny: 82, sx: 79, sy: 104, ax: 70, ay: 180, wx: 62, wy: 268, hx: 73, hy: 392 },
    men: { nx: 31, ny: 76, sx: 93, sy: 104, ax: 84, ay: 190, wx: 80, wy: 290, hx: 82, hy: 404 },
    kids: { nx: 33, ny: 98, sx: 84, sy: 122, ax: 78, ay: 194, wx: 76, wy: 276, hx: 80, hy: 366 },
  },
  dress: {
    women: { nx: 26, ny: 40, sx: 62, sy: 56, ax: 55, ay: 116, wx: 44, wy: 190, hx: 64, hy: 262 },
    kids: { nx: 30, ny: 66, sx: 68, sy: 84, ax: 62, ay: 142, wx: 58, wy: 206, hx: 66, hy: 260 },
  },
  coat: {
    women: { nx: 27, ny: 42, sx: 74, sy: 62, ax: 66, ay: 136, wx: 58, wy: 218, hx: 82, hy: 442 },
    men: { nx: 28, ny: 40, sx: 84, sy: 62, ax: 76, ay: 142, wx: 72, wy: 232, hx: 82, hy: 440 },
    kids: { nx: 32, ny: 70, sx: 82, sy: 92, ax: 76, ay: 160, wx: 74, wy: 240, hx: 88, hy: 400 },
  },
};

// change: landmarks to overrule, e.g. {hy: 340} for a cropped top.
export function figure(kind, audience, change = {}) {
  const base = figures[kind][audience] ?? figures[kind].women;
  return { ...base, ...change };
}

// The right half of the front neckline, from the centre (0,depth) to the neck point.
export function neckline(L, type) {
  const s = L.nx / 31;
  const { nx, ny } = L;
  const shapes = {
    crew: { x: nx, depth: ny + 27 * s, path: (d) => [['C', nx * 0.5, d, nx * 0.9, ny + 16 * s, nx, ny]] },
    scoop: { x: nx + 9 * s, depth: ny + 66 * s, path: (d, x, y) => [['C', x * 0.62, d, x * 0.98, ny + 40 * s, x, y]] },
    v: { x: nx + 3 * s, depth: ny + 76 * s, path: (d, x, y) => [['C', x * 0.4, d - 26 * s, x * 0.82, ny + 30 * s, x, y]] },
    boat: { x: nx + 19 * s, depth: ny + 19 * s, path: (d, x, y) => [['C', x * 0.5, d, x * 0.85, y + 8 * s, x, y]] },
    square: { x: nx + 10 * s, depth: ny + 52 * s, path: (d, x, y) => [['L', x - 3 * s, d], ['L', x, y]] },
    sweetheart: {
      x: nx + 10 * s, depth: ny + 62 * s,
      path: (d, x, y) => [['C', 6 * s, d - 22 * s, x * 0.8, d - 26 * s, x - 1, d - 12 * s], ['L', x, y]],
    },
    shirt: { x: nx - 2 * s, depth: ny + 40 * s, path: (d, x, y) => [['L', x, y]] },
    lapel: { x: nx, depth: ny + 118 * s, path: (d, x, y) => [['L', x, y]] },
  };
  const shape = shapes[type];
  // On the shoulder line, further out means lower.
  const y = ny + (L.sy - ny) * ((shape.x - nx) / (L.sx - nx));
  return { x: shape.x, y, depth: shape.depth, half: [['M', 0, shape.depth], ...shape.path(shape.depth, shape.x, y)] };
}

// Where the sleeve is set in. Without sleeves the armhole is cut deeper into the shoulder.
function armhole(L, sleeveless, neck) {
  if (!sleeveless) {
    return [['C', L.sx - 5, L.sy + (L.ay - L.sy) * 0.35, L.ax - 8, L.ay - (L.ay - L.sy) * 0.28, L.ax, L.ay]];
  }
  const out = Math.max(neck.x + 13, L.sx * 0.74);
  const y = L.ny + (L.sy - L.ny) * ((out - L.nx) / (L.sx - L.nx));
  return [['L', out, y],
    ['C', out - 3, y + (L.ay - y) * 0.5, L.ax - 14, L.ay - 8, L.ax, L.ay]];
}

// The right half of the body: neckline, shoulder, armhole, side, hem.
export function bodyHalf(L, neck, { sleeveless = false, hemDip = 5, to = 'hem', straight = false } = {}) {
  const start = sleeveless ? [...neck.half] : [...neck.half, ['L', L.sx, L.sy]];
  const side = straight
    ? [['L', L.hx, L.hy]]
    : [['C', L.ax - 1, L.ay + (L.wy - L.ay) * 0.4, L.wx, L.wy - (L.wy - L.ay) * 0.3, L.wx, L.wy],
      ['C', L.wx, L.wy + (L.hy - L.wy) * 0.4, L.hx - 1, L.hy - (L.hy - L.wy) * 0.4, L.hx, L.hy]];
  const waistOnly = [['C', L.ax - 1, L.ay + (L.wy - L.ay) * 0.4, L.wx + 1, L.wy - (L.wy - L.ay) * 0.35, L.wx, L.wy]];
  const end = to === 'waist'
    ? [...waistOnly, ['Q', L.wx * 0.5, L.wy + hemDip, 0, L.wy + hemDip]]
    : [...side, ['Q', L.hx * 0.55, L.hy + hemDip, 0, L.hy + hemDip]];
  return [...start, ...armhole(L, sleeveless, neck), ...end];
}

// The inside of the back that shows through the neck.
export function backOfNeck(sketch, L, neck, { rise = 0, label = true } = {}) {
  const d = symmetric([['M', 0, L.ny + 7 - rise], ['Q', neck.x * 0.6, L.ny + 6 - rise, neck.x + 2, neck.y - 1],
    ['L', neck.x + 3, neck.y + 14], ['L', neck.x * 0.8, neck.depth + 8], ['L', 0, neck.depth + 8]]);
  const clip = sketch.panel(d, { fill: sketch.fabric.inside, plain: true, bare: true, round: 0, edge: 0.8, outline: false });
  sketch.band(symmetricLine([['M', 0, L.ny + 7 - rise], ['Q', neck.x * 0.6, L.ny + 6 - rise, neck.x + 2, neck.y - 1]]),
    { width: 11, clip, colour: sketch.fabric.trim });
  if (label) {
    sketch.raw(`<rect x="172" y="${(L.ny + 11 - rise).toFixed(1)}" width="16" height="8" rx="1" fill="#f5f1e8" opacity=".92"/>` +
      `<path d="M175 ${(L.ny + 15 - rise).toFixed(1)}h10" stroke="#8a8175" stroke-width="1" opacity=".8"/>`);
  }
  return clip;
}

const sleeveKinds = {
  cap: { length: 44, angle: 48, cuff: 25, share: 0.72 },
  short: { length: 104, angle: 33, cuff: 28 },
  elbow: { length: 158, angle: 25, cuff: 25 },
  'three-quarter': { length: 214, angle: 19, cuff: 20 },
  long: { length: 286, angle: 15.5, cuff: 17 },
  puff: { length: 112, angle: 27, cuff: 21, puff: 26 },
  bell: { length: 236, angle: 19, cuff: 37, bell: true },
  balloon: { length: 270, angle: 17, cuff: 15, puff: 20, low: true },
};

// sin and cos of degrees by the Bhaskara-free way: the few angles used are tabulated through
// polynomial series, accurate to 1e-7 below 60 degrees and the same on every machine.
function sine(degrees) {
  const x = (degrees * 3.141592653589793) / 180;
  const q = x * x;
  return x * (1 - q / 6 * (1 - q / 20 * (1 - q / 42 * (1 - q / 72))));
}
function cosine(degrees) {
  const s = sine(degrees);
  return Math.sqrt(1 - s * s);
}

function sleeveShape(L, kind, width) {
  const k = sleeveKinds[kind];
  const scale = (L.ay - L.sy) / 78;
  const length = k.length * scale;
  const sin = sine(k.angle);
  const cos = cosine(k.angle);
  const cuff = k.cuff * scale * width;
  const bulge = (k.puff ?? 0) * scale;
  const [ox, oy] = [L.sx + length * sin, L.sy + length * cos];
  const [ix, iy] = [ox - 2 * cuff * cos, oy + 2 * cuff * sin];
  const top = 0.26 * length;
  let outer = ['C', L.sx + top * sine(k.angle + 27) + (k.low ? 0 : bulge), L.sy + top * cosine(k.angle + 27) - bulge * (k.low ? 0 : 0.5),
    ox - 0.4 * length * sin + 3 + bulge * (k.low ? 1.1 : 0.9), oy - 0.36 * length * cos + bulge * 0.3, ox, oy];
  let inner = ['C', ix - 0.3 * length * sin - 2 - (k.low ? bulge * 0.9 : bulge * 0.2), iy - 0.3 * length * cos + bulge * 0.4, L.ax + 6 + 0.1 * length * sin, L.ay + 0.14 * length, L.ax, L.ay];
  if (k.bell) {
    outer = ['C', L.sx + 0.3 * length * sin + 5, L.sy + 0.3 * length * cos, ox - 0.35 * length * sin - 12, oy - 0.35 * length * cos, ox, oy];
    inner = ['C', ix - 0.1 * length * sin + 12, iy - 0.35 * length * cos, L.ax + 10, L.ay + 0.1 * length, L.ax, L.ay];
  }
  return { kind, angle: k.angle, length, sin, cos, cuff, ox, oy, ix, iy, outer, inner, k };
}

// Both sleeves. finish: hem | rib | cuff | none. width: 1 regular, 1.25 wide.
export function sleeves(sketch, L, kind, { finish = 'hem', width = 1, roundness = 0.9 } = {}) {
  if (kind === 'sleeveless') return;
  const shape = sleeveShape(L, kind, width);
  const { ox, oy, ix, iy, sin, cos, length } = shape;
  const inset = (L.ax - L.sx) * 0.5;
  const half = [['M', L.sx - 2, L.sy - 0.5], shape.outer, ['Q', (ox + ix) / 2 + sin * 5, (oy + iy) / 2 + cos * 5, ix, iy], shape.inner,
    ['L', L.ax - 6, L.ay - 6], ['C', L.sx + inset - 22, L.sy + 50, L.sx - 20, L.sy + 20, L.sx - 2, L.sy - 0.5]];
  for (const side of [-1, 1]) {
    const jitter = () => sketch.random.between(-5, 5);
    const along = (share, across) => [side * (L.sx + (ox - L.sx) * share - cos * across), L.sy + (oy - L.sy) * share + sin * across];
    const wide = 2 * shape.cuff;
    const folds = [
      { from: along(0.1, 20 + jitter()), to: along(0.62, 30 + jitter()), width: 7, bend: 4 * side },
      { from: along(0.2, 34), to: along(0.95, wide * 0.72), width: 6, bend: -3 * side },
      { from: along(0.08, 9), to: along(0.85, wide * 0.3 + jitter() * 0.5), width: 6, bend: 2 * side, light: true },
    ];
    if (length > 180) {  // the elbow gathers
      folds.push({ from: along(0.5, 5), to: along(0.58, 30 + jitter()), width: 4, bend: 4 },
        { from: along(0.56 + jitter() / 200, 2), to: along(0.66, 26), width: 4, bend: 5 });
    }
    if (shape.k.puff) {
      for (const [i, share] of [0.2, 0.45, 0.7].entries()) {
        const start = shape.k.low ? 0.98 : 0.02;
        folds.push({ from: along(start, wide * share), to: along(shape.k.low ? 0.55 : 0.55, wide * share + (i - 1) * 9), width: 5 });
      }
    }
    if (shape.k.bell) {
      for (const share of [0.2, 0.5, 0.8]) {
        folds.push({ from: along(0.99, wide * share), to: along(0.45, 16 + 14 * share), width: 7 });
        folds.push({ from: along(0.99, wide * (share - 0.13)), to: along(0.5, 12 + 12 * share), width: 5, light: true });
      }
    }
    const clip = sketch.panel(oneSide(half, side), { angle: -side * shape.angle, shift: [side * 90, 0], folds, round: roundness });
    finishSleeve(sketch, shape, side, clip, finish);
  }
}

function finishSleeve(sketch, shape, side, clip, finish) {
  const { ox, oy, ix, iy, sin, cos } = shape;
  const cuffLine = (back) => lineSide([['M', ox - sin * back + cos * 3, oy - cos * back - sin * 3],
    ['Q', (ox + ix) / 2 + sin * (5 - back), (oy + iy) / 2 + cos * (5 - back), ix - sin * back - cos * 3, iy - cos * back + sin * 3]], side);
  if (finish === 'rib') {
    sketch.band(cuffLine(5), { width: 20, clip, ribs: true });
    sketch.seam(cuffLine(15), { clip });
  } else if (finish === 'cuff') {
    sketch.band(cuffLine(6), { width: 22, clip, colour: sketch.fabric.base });
    sketch.seam(cuffLine(17), { clip });
    sketch.stitch(cuffLine(14.5), { opacity: 0.5 });
    sketch.button(side * (ix + cos * 9 - sin * 9), iy - sin * 9 - cos * 8, 2.4);
  } else if (finish === 'hem') {
    sketch.seam(cuffLine(7), { clip, opacity: 0.32 });
    sketch.seam(cuffLine(9), { clip, opacity: 0.16 });
  }
}

// The folds that a hanging body shows: from the armpits, along the sides and over the hem.
export function bodyFolds(sketch, L, bottom = L.hy) {
  const r = sketch.random;
  const j = (spread) => r.between(-spread, spread);
  const folds = [];
  for (const side of [-1, 1]) {
    folds.push(
      { from: [side * (L.ax - 3), L.ay + 4], to: [side * (L.ax * 0.42 + j(5)), L.ay + 42 + j(10)], width: 7, bend: 6 * side },
      { from: [side * (L.ax - 3), L.ay + 14], to: [side * (L.ax * 0.5 + j(5)), L.ay + 86 + j(12)], width: 6, bend: 5 * side, strength: 0.8 },
      { from: [side * (L.wx - 4), L.wy - 24 + j(8)], to: [side * (L.wx * 0.5), L.wy + 4 + j(8)], width: 5, strength: 0.8 },
      { from: [side * (L.wx - 3), L.wy + 2], to: [side * (L.wx * 0.4 + j(8)), L.wy + 36 + j(8)], width: 6, bend: -3 * side, strength: 0.7 },
      { from: [side * (L.wx * (0.55 + j(0.1))), L.wy + 20], to: [side * (L.hx * (0.62 + j(0.08))), bottom + 4], width: 8, bend: 3 * side },
      { from: [side * (L.wx * 0.42), L.wy + 26], to: [side * (L.hx * (0.46 + j(0.06))), bottom + 2], width: 6, bend: 2 * side, light: true },
    );
  }
  folds.push({ from: [j(10), L.ay + 10], to: [j(14), L.wy + 20], width: 10, light: true, strength: 0.55 },
    { from: [j(16), L.wy + 10], to: [j(20), bottom], width: 7, strength: 0.6 });
  return folds;
}

export function ribHem(sketch, L, clip, height = 20) {
  const at = (y, inset) => symmetricLine([['M', 0, y + 5], ['Q', L.hx * 0.55, y + 5, L.hx + inset, y]]);
  sketch.band(at(L.hy - height / 2, 2), { width: height + 3, clip, ribs: true });
  sketch.seam(at(L.hy - height - 1, 2), { clip });
}

export function sewnHem(sketch, L, clip, rise = 8) {
  const at = (y) => symmetricLine([['M', 0, y + 5], ['Q', L.hx * 0.55, y + 5, L.hx + 2, y]]);
  sketch.seam(at(L.hy - rise), { clip, opacity: 0.34 });
  sketch.seam(at(L.hy - rise - 2.4), { clip, opacity: 0.2 });
}

export function neckRib(sketch, neck, clip, width = 8) {
  const d = symmetricLine(neck.half);
  sketch.band(d, { width: width * 2, clip, ribs: width > 6 });
  sketch.band(d, { width: 1, clip, colour: sketch.fabric.deep, opacity: 0.35 });
}

// A high roll round the neck.
export function turtleneck(sketch, L) {
  const x = L.nx - 1;
  const top = L.ny - 26;
  const half = [['M', 0, top + 3], ['Q', x * 0.7, top + 3, x - 3, top - 1], ['C', x, L.ny - 12, x + 1, L.ny - 6, x + 5, L.ny + 3],
    ['C', x * 0.9, L.ny + 16, x * 0.5, L.ny + 22, 0, L.ny + 22]];
  const clip = sketch.panel(symmetric(half), { plain: true, round: 1 });
  for (let k = -10; k <= 10; k++) {
    sketch.seam(line([k * 3.2, top], [k * 3.6, L.ny + 22]), { width: 0.9, opacity: 0.24, clip });
  }
  sketch.seam(symmetricLine([['M', 0, L.ny - 2], ['Q', x * 0.7, L.ny - 3, x + 2, L.ny - 9]]), { clip, opacity: 0.6, width: 1.6 });
}

// Shirt collar with its stand, over the body.
export function shirtCollar(sketch, L, { size = 1, colour } = {}) {
  const x = L.nx - 2;
  const y = L.ny;
  const tip = 37 * size;
  const stand = symmetric([['M', 0, y - 9], ['Q', x * 0.7, y - 9, x + 1, y - 4], ['L', x - 1, y + 8], ['Q', x * 0.5, y + 6, 0, y + 7]]);
  sketch.panel(stand, { fill: mix(sketch.fabric.inside, sketch.fabric.base, 0.3), plain: true, bare: true, roundness: 0.4, edge: 0.7 });
  for (const side of [-1, 1]) {
    const wing = [['M', x + 1, y - 5], ['C', x * 0.9, y + 10, x * 0.4, y + 30, 1.5, y + 40 * size],
      ['L', x * 0.62 * size, y + 22 + tip * size], ['C', x * 0.95, y + 36, x + 6, y + 22, x + 9, y + 5], ['Z']];
    const d = oneSide(wing.slice(0, -1), side);
    sketch.castShadow(d, { opacity: 0.3, dy: 3 });
    sketch.panel(d, { fill: colour, plain: !!colour, angle: side * 28, edge: 0.5, round: 0.5 });
    sketch.stitch(lineSide([['M', 5, y + 39 * size], ['L', x * 0.62 * size, y + 18 + tip * size], ['C', x * 0.92, y + 34, x + 3, y + 20, x + 6, y + 7]], side),
      { opacity: 0.4 });
  }
}

// Two lapels and a collar. depth: where the fronts meet.
export function lapels(sketch, L, depth, { width = 1, shawl = false } = {}) {
  const x = L.nx;
  const y = L.ny;
  const back = symmetric([['M', 0, y - 8], ['Q', x * 0.6, y - 8, x + 2, y - 3], ['L', x - 2, y + 12], ['Q', x * 0.5, y + 8, 0, y + 9]]);
  sketch.panel(back, { round: 0.4, edge: 0.7 });
  for (const side of [-1, 1]) {
    const out = (x + 27) * width;
    const lapel = shawl
      ? [['M', x - 1, y - 4], ['C', x * 0.8, y + 40, x * 0.4, depth - 40, 0, depth], ['C', x + 4, depth - 36, x + 22, depth - 70, x + 19, y + 44], ['C', x + 18, y + 20, x + 14, y + 6, x + 9, y + 3]]
      : [['M', x * 0.72, y + 26], ['L', 0.5, depth], ['C', x * 0.7, depth - 34, out - 6, depth - 62, out, y + 58], ['L', out - 15, y + 47], ['L', x + 15, y + 49]];
    const d = oneSide(lapel, side);
    sketch.castShadow(d, { opacity: 0.34, dx: side * 2, dy: 4 });
    sketch.panel(d, { angle: side * 14, edge: 0.6, round: 0.45 });
    if (shawl) continue;
    const collar = oneSide([['M', x, y - 5], ['C', x * 0.95, y + 8, x * 0.85, y + 20, x * 0.72, y + 27], ['L', x + 16, y + 48], ['L', x + 21, y + 38],
      ['C', x + 20, y + 20, x + 14, y + 6, x + 9, y + 2]], side);
    sketch.panel(collar, { angle: side * 30, edge: 0.6, round: 0.5 });
  }
}

export function hood(sketch, L) {
  const x = L.nx + 9;
  const y = L.ny;
  const outer = symmetric([['M', 0, y - 34], ['C', x * 0.8, y - 36, x + 9, y - 14, x + 11, y + 8], ['C', x + 8, y + 24, x * 0.6, y + 42, 0, y + 46]]);
  sketch.castShadow(outer, { opacity: 0.35, dy: 5 });
  sketch.panel(outer, { folds: [
    { from: [-x, y - 4], to: [-x * 0.4, y - 26], width: 5, bend: -5 }, { from: [x, y - 4], to: [x * 0.4, y - 26], width: 5, bend: 5 },
  ] });
  const opening = symmetric([['M', 0, y - 18], ['C', x * 0.6, y - 18, x * 0.78, y - 4, x * 0.72, y + 8], ['C', x * 0.5, y + 26, 10, y + 34, 0, y + 36]]);
  sketch.panel(opening, { fill: sketch.fabric.inside, plain: true, bare: true, round: 0.5, edge: 1.4 });
  sketch.seam(symmetricLine([['M', 0, y - 22], ['C', x * 0.68, y - 22, x * 0.9, y - 5, x * 0.84, y + 10], ['C', x * 0.6, y + 31, 10, y + 39, 0, y + 41]]), { opacity: 0.4 });
  sketch.raw(`<path d="M${180 - 10} ${y + 36}q-5 34 -4 62M${180 + 10} ${y + 36}q4 30 3 58" fill="none" stroke="#f4f1ea" stroke-width="3"/>` +
    `<path d="M${166} ${y + 94}v9M${183} ${y + 90}v9" stroke="#b9b3a7" stroke-width="3.6"/>`);
}

// Placket with buttons down the centre. from/to: y; count of buttons.
export function placket(sketch, from, to, count, { clip, width = 15, radius = 3.4, colour, hidden = false } = {}) {
  const edges = line([width / 2, from - 4], [width / 2, to + 8]);
  sketch.seam(edges, { clip, opacity: 0.5 });
  sketch.stitch(line([width / 2 - 2.5, from], [width / 2 - 2.5, to + 4]), { opacity: 0.35 });
  sketch.seam(line([-width / 2, from - 4], [-width / 2, to + 8]), { clip, opacity: 0.38 });
  if (hidden) return;
  for (let i = 0; i < count; i++) sketch.button(0, from + ((to - from) * (i + 0.35)) / count, radius, colour);
}

export function zip(sketch, from, to, { clip } = {}) {
  const metal = '#c9ccd1';
  sketch.band(line([0, from], [0, to]), { width: 12, clip, colour: sketch.fabric.trim });
  sketch.raw(`<g${clip ? ` clip-path="url(#${clip})"` : ''}><path d="${line([0, from], [0, to])}" stroke="#5b5d63" stroke-width="4"/>` +
    `<path d="${line([0, from], [0, to])}" stroke="${metal}" stroke-width="3.4" stroke-dasharray="1.3 1.3" stroke-linecap="butt"/></g>` +
    `<rect x="176.6" y="${from + 5}" width="6.8" height="14" rx="2.6" fill="${metal}" stroke="#6b6d73" stroke-width=".7"/>`);
}

// A pocket sewn onto the cloth.
export function patchPocket(sketch, x, y, width, height, { flap = false, side = 1, point = 8 } = {}) {
  const d = line([x, y], [x + width, y], [x + width, y + height - point], [x + width / 2, y + height], [x, y + height - point], [x, y]) + 'Z';
  sketch.castShadow(d, { opacity: 0.2, dy: 2 });
  sketch.panel(d, { edge: 0.3, round: 0.25, shift: [side * 3, 3] });
  sketch.stitch(line([x + 2.5, y + 7], [x + width - 2.5, y + 7]), { opacity: 0.5 });
  if (flap) {
    const f = line([x - 1.5, y - 3], [x + width + 1.5, y - 3], [x + width + 1.5, y + 11], [x + width / 2, y + 18], [x - 1.5, y + 11], [x - 1.5, y - 3]) + 'Z';
    sketch.castShadow(f, { opacity: 0.26, dy: 2 });
    sketch.panel(f, { edge: 0.3, round: 0.2 });
    sketch.button(x + width / 2, y + 10.5, 2.5);
  }
}

// A slit pocket with a welt or flap.
export function weltPocket(sketch, x, y, width, { tilt = 0, flap = 0, side = 1 } = {}) {
  const height = flap || 6;
  const d = line([side * x, y], [side * (x + width), y + tilt], [side * (x + width), y + tilt + height], [side * x, y + height], [side * x, y]) + 'Z';
  sketch.castShadow(d, { opacity: 0.3, dy: 2.5 });
  sketch.panel(d, { edge: 0.3, round: 0.2 });
}
