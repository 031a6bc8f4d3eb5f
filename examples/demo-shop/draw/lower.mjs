// The lower half: skirts and trousers. P gives the landmarks of the right half: waist (wx,wy),
// hip (hx,hy), hem (bx,by).
import { line, lineSide, oneSide, symmetric, symmetricLine } from './outline.mjs';

// A wavy hem from the right end to the centre, `waves` waves on the half.
function hemWaves(bx, by, dip, waves) {
  const segments = [];
  for (let i = 1; i <= waves; i++) {
    const from = bx * (1 - (i - 1) / waves);
    const x = bx * (1 - i / waves);
    const sag = by + dip * (1 - (x / bx) * (x / bx));
    segments.push(['Q', (from + x) / 2, sag + (i % 2 ? 7 : -3), x, sag]);
  }
  return segments;
}

// shape: aline | straight | full | maxi. Returns the clip of the piece.
export function skirt(sketch, P, { waves = 4, dip = 9, folds: count = 6, strength = 1, top = 0, bell = 0.45 } = {}) {
  const { wx, wy, hx, hy, bx, by } = P;
  const half = [['M', 0, wy + top], ['Q', wx * 0.5, wy + top, wx, wy],
    ['C', wx + (hx - wx) * 0.6, wy + (hy - wy) * 0.25, hx - (bx - hx) * 0.06, hy - (hy - wy) * 0.3, hx, hy],
    ['C', hx + (bx - hx) * 0.3, hy + (by - hy) * 0.35, bx - (bx - hx) * (1 - bell), by - (by - hy) * 0.35, bx, by],
    ...hemWaves(bx, by, dip, waves)];
  return sketch.panel(symmetric(half), { folds: skirtFolds(sketch, P, count, strength) });
}

function skirtFolds(sketch, P, count, strength) {
  const r = sketch.random;
  const folds = [];
  for (let i = 0; i < count; i++) {
    const share = ((i + 0.5) / count) * 2 - 1 + r.between(-0.06, 0.06);
    const start = P.wy + (P.hy - P.wy) * r.between(0.15, 0.7);
    const from = [share * P.wx * 0.86, start];
    const to = [share * P.bx * 0.95, P.by + 6];
    folds.push({ from, to, width: 6 + 3 * r.next(), bend: share * 5, strength });
    folds.push({ from: [from[0] + 7, from[1] + 10], to: [to[0] + 10, to[1]], width: 5, bend: share * 5, light: true, strength });
  }
  return folds;
}

// Knife pleats: narrow wedges, each lit on one side.
export function pleats(sketch, P, clip, count = 13) {
  const dark = [];
  const lit = [];
  for (let i = 0; i < count; i++) {
    const a = (i / count) * 2 - 1;
    const b = ((i + 0.55) / count) * 2 - 1;
    const c = ((i + 1) / count) * 2 - 1;
    const drop = (s) => P.by + 12 * (1 - s * s);
    dark.push(line([b * P.wx, P.wy], [c * P.wx, P.wy], [c * P.bx, drop(c)], [b * P.bx, drop(b)]) + 'Z');
    lit.push(line([a * P.wx, P.wy], [a * P.wx + 2, P.wy], [a * P.bx + 5, drop(a)], [a * P.bx, drop(a)]) + 'Z');
  }
  sketch.raw(`<g clip-path="url(#${clip})"><g fill="${sketch.fabric.deep}" opacity=".26">${dark.map((d) => `<path d="${d}"/>`).join('')}</g>` +
    `<g fill="${sketch.fabric.lit}" opacity=".34">${lit.map((d) => `<path d="${d}"/>`).join('')}</g></g>`);
}

export function waistband(sketch, P, { height = 14, colour, button = false, loops = false, elastic = false, stitch = false } = {}) {
  const { wx, wy } = P;
  const d = symmetric([['M', 0, wy + 4], ['Q', wx * 0.5, wy + 4, wx + 1, wy - 1], ['L', wx + 2, wy - height],
    ['Q', wx * 0.5, wy + 3 - height, 0, wy + 3 - height]].map((s) => s));
  sketch.castShadow(d, { opacity: 0.28, dy: 3 });
  const clip = sketch.panel(d, { fill: colour, plain: !!colour, edge: 0.4, round: 0.6 });
  if (elastic) {
    for (let k = -16; k <= 16; k++) sketch.seam(line([k * wx / 16, wy - height], [k * wx / 16, wy + 6]), { width: 0.9, opacity: 0.3, clip });
  }
  if (stitch) {
    sketch.stitch(symmetricLine([['M', 0, wy + 1.5], ['Q', wx * 0.5, wy + 1.5, wx, wy - 3.5]]), { opacity: 0.7 });
    sketch.stitch(symmetricLine([['M', 0, wy + 5.5 - height], ['Q', wx * 0.5, wy + 5.5 - height, wx, wy + 2.5 - height]]), { opacity: 0.7 });
  }
  if (loops) {
    for (const x of [-wx * 0.72, -wx * 0.3, wx * 0.3, wx * 0.72]) {
      const sag = 4 - (x * x) / (wx * wx) * 4;
      sketch.panel(line([x - 2.8, wy - height + 0.5 + sag], [x + 2.8, wy - height + 0.5 + sag], [x + 2.8, wy + 1.5 + sag], [x - 2.8, wy + 1.5 + sag]) + 'Z',
        { edge: 0.2, round: 0.3, fill: colour, plain: true });
    }
  }
  if (button) sketch.button(0, wy - height / 2 + 3.5, 4, stitch ? '#b98a4e' : undefined);
  return clip;
}

// Two legs. T: waist (wx,wy), hip (hx,hy), crotch y, hem outer/inner (ox,ix,by).
export function legs(sketch, T, { crease = false, kneeFolds = true, roundness = 1 } = {}) {
  const { wx, wy, hx, hy, cy, ox, ix, by } = T;
  const knee = cy + (by - cy) * 0.48;
  const kneeOut = T.kx ?? (hx + ox) / 2;
  const kneeIn = T.ki ?? (ix * 0.55 + 3);
  const ease = Math.min(30, (by - cy) * 0.2);  // how far the knee's curve reaches up and down
  const half = (over) => [['M', -over, wy + 4], ['Q', wx * 0.5, wy + 3, wx, wy],
    ['C', wx + (hx - wx) * 0.7, wy + (hy - wy) * 0.4, hx, hy - 20, hx, hy],
    ['C', hx, hy + (knee - hy) * 0.5, kneeOut, knee - ease, kneeOut, knee],
    ['C', kneeOut, knee + ease, ox, by - (by - knee) * 0.5, ox, by],
    ['Q', (ox + ix) / 2, by + 4, ix, by + 1],
    ['C', ix, by - (by - knee) * 0.5, kneeIn, knee + ease, kneeIn, knee],
    ['C', kneeIn, knee - ease * 1.3, 5, cy + ease * 1.3, 0, cy], ['C', -over - 1, cy - 30, -over, wy + 60, -over, wy + 4]];
  const clips = [];
  for (const side of [-1, 1]) {
    const r = sketch.random;
    const j = (s) => r.between(-s, s);
    const middle = (ox + ix) / 2;
    const folds = [
      { from: [side * 4, cy - 6], to: [side * (hx * 0.62 + j(4)), cy - 26 + j(6)], width: 5, bend: 3 * side },
      { from: [side * 5, cy + 4], to: [side * (hx * 0.55 + j(4)), cy + 14 + j(6)], width: 5, bend: 3 * side },
      { from: [side * 8, cy + 16], to: [side * (hx * 0.5 + j(3)), cy + 42 + j(8)], width: 5, bend: 4 * side, strength: 0.8 },
      { from: [side * (hx * 0.56), hy + 6], to: [side * (kneeOut * 0.62 + kneeIn * 0.4), knee], width: 9, light: true, bend: 2 * side },
      { from: [side * (kneeOut * 0.5 + kneeIn * 0.5), knee + 18], to: [side * middle, by], width: 8, light: true, strength: 0.8 },
      { from: [side * (kneeOut - 4), knee + 30], to: [side * (ox - 5), by + 4], width: 6, strength: 0.7 },
    ];
    if (kneeFolds) {
      folds.push({ from: [side * kneeIn, knee - 8 + j(5)], to: [side * (kneeOut * 0.75), knee - 2 + j(6)], width: 4, bend: 3 },
        { from: [side * (kneeOut - 1), knee + 5 + j(5)], to: [side * (kneeIn + 8), knee + 14 + j(5)], width: 4, bend: -3, strength: 0.8 },
        { from: [side * (ix + 1), by - 22], to: [side * (ox - 8), by - 12 + j(4)], width: 4, bend: 4, strength: 0.8 });
    }
    const clip = sketch.panel(oneSide(half(side === 1 ? 0 : 0), side), { angle: -side * 2, shift: [side * 60, 0], folds, round: roundness });
    if (crease) {
      const d = lineSide([['M', hx * 0.52, wy + 40], ['C', hx * 0.55, cy, (kneeOut + kneeIn) / 2, knee, middle, by]], side);
      sketch.seam(d, { clip, opacity: 0.4, width: 1.3 });
    }
    clips.push(clip);
  }
  return { clips, knee, kneeOut, kneeIn };
}

export function fly(sketch, T, { stitch = false } = {}) {
  const y = T.wy + 5;
  const end = T.wy + (T.cy - T.wy) * 0.55;
  const d = lineSide([['M', 13, y], ['L', 12, end - 16], ['C', 12, end, 6, end + 3, 0, end + 4]], 1);
  if (stitch) {
    sketch.stitch(d);
    sketch.stitch(lineSide([['M', 10, y], ['L', 9.4, end - 17], ['C', 9, end - 4, 5, end, 0, end + 0.5]], 1));
  } else sketch.seam(d, { opacity: 0.36 });
  sketch.seam(line([0, y], [0, T.cy]), { opacity: 0.65, width: 1.3 });
}

export function sidePockets(sketch, T, clips, { curved = false, stitch = false } = {}) {
  for (const [i, side] of [-1, 1].entries()) {
    const clip = clips[i];
    const segments = curved
      ? [['M', T.wx * 0.42, T.wy + 5], ['C', T.wx * 0.46, T.wy + 26, T.wx * 0.8, T.wy + 34, T.hx * 0.97, T.wy + 32]]
      : [['M', T.wx * 0.66, T.wy + 4], ['L', T.hx * 0.95, T.wy + 58]];
    sketch.seam(lineSide(segments, side), { width: 1.6, opacity: 0.6, clip });
    if (stitch) sketch.stitch(lineSide(segments.map(([l, ...n]) => [l, ...n.map((v, i) => (i % 2 ? v + 3.2 : v - 0.6))]), side), { clip });
    else sketch.seam(lineSide(segments.map(([l, ...n]) => [l, ...n.map((v, i) => (i % 2 ? v + 4 : v - 1))]), side), { opacity: 0.22, clip });
  }
}

// The worn, paler places of washed denim.
export function fades(sketch, T, shape, amount = 0.3) {
  const { knee, kneeOut, kneeIn } = shape;
  for (const side of [-1, 1]) {
    const x = 180 + side * (kneeOut + kneeIn) / 2;
    sketch.raw(`<g fill="${sketch.fabric.lit}" fill-opacity="${amount}" filter="url(#glow)">` +
      `<ellipse cx="${180 + side * T.hx * 0.55}" cy="${(T.cy + knee) / 2 - 20}" rx="13" ry="${(knee - T.cy) * 0.55 + 20}"/>` +
      `<ellipse cx="${x}" cy="${knee + 4}" rx="12" ry="26"/></g>`);
  }
}
