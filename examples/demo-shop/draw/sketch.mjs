// Collects the pieces of one garment and paints them: cloth, print, weave, roundness, folds, shade
// along the edges, seams, and the soft shadow that the whole garment throws on the studio wall.
import { CENTRE, HEIGHT, WIDTH, lens } from './outline.mjs';
import { patternElement } from './fabric.mjs';
import { mix } from '../palette.mjs';

const round = (value) => Math.round(value * 100) / 100;

export const background =
  '<radialGradient id="wall" cx=".5" cy=".42" r=".8"><stop offset="0" stop-color="#f8f6f3"/>' +
  '<stop offset=".6" stop-color="#efece8"/><stop offset="1" stop-color="#dfdbd5"/></radialGradient>';

// The box around a path's points (M, L, C, Q with absolute coordinates): left, right, top, bottom.
function bounds(d) {
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
  const numbers = d.match(/-?[\d.]+/g).map(Number);
  for (let i = 0; i + 1 < numbers.length; i += 2) {
    left = Math.min(left, numbers[i]);
    right = Math.max(right, numbers[i]);
    top = Math.min(top, numbers[i + 1]);
    bottom = Math.max(bottom, numbers[i + 1]);
  }
  return [left, right, top, bottom];
}

function area(d) {
  const [left, right, top, bottom] = bounds(d);
  return (right - left) * (bottom - top);
}

export class Sketch {
  // size: 1, less for smaller people.
  constructor(fabric, random, size = 1) {
    this.size = size;
    this.fabric = fabric;
    this.random = random;
    this.defs = [];
    this.body = [];
    this.outlines = [];
    this.patterns = new Map();
    this.count = 0;
  }

  #id() {
    return 'i' + this.count++;
  }

  #pattern(tile, angle, shift) {
    const key = `${tile === this.fabric.tile ? 'print' : 'weave'} ${angle} ${shift}`;
    if (!this.patterns.has(key)) {
      const id = this.#id();
      this.defs.push(patternElement(id, tile, angle, ...shift));
      this.patterns.set(key, id);
    }
    return this.patterns.get(key);
  }

  // One piece of cloth. folds: [{from, to, width, bend, light?, strength?}]
  panel(d, { angle = 0, shift = [0, 0], fill, plain = false, bare = false, folds = [], round: roundness = 1,
    edge = 1, outline = true, under = false } = {}) {
    const f = this.fabric;
    const clip = this.#id();
    this.outlines.push(d);
    this.defs.push(`<clipPath id="${clip}"><path d="${d}"/></clipPath>`);
    let s = `<path d="${d}" fill="${fill ?? f.base}"/>`;
    if (f.tile && !plain) s += `<path d="${d}" fill="url(#${this.#pattern(f.tile, angle, shift)})"/>`;
    if (f.weaveTile && !bare) s += `<path d="${d}" fill="url(#${this.#pattern(f.weaveTile, angle, shift)})"/>`;
    if (roundness > 0) s += `<path d="${d}" fill="url(#round)" fill-opacity="${roundness}"/>`;
    s += `<g clip-path="url(#${clip})">`;
    // Folds and the shade along the edges share one blur, since a blur costs as much as all the rest;
    // small pieces do without and get their shade in steps.
    if (folds.length || (edge > 0 && area(d) > 7000)) {
      s += `<g filter="url(#soft)">${folds.map((fold) => this.#fold(fold)).join('')}`;
      if (edge > 0) s += `<path d="${d}" fill="none" stroke="${f.deep}" stroke-width="${round(9 * edge)}" stroke-opacity=".38"/>`;
      s += '</g>';
    } else if (edge > 0) {
      s += `<g fill="none" stroke="${f.deep}" stroke-linejoin="round">${[12, 8, 4].map((width) =>
        `<path d="${d}" stroke-width="${round(width * edge)}" stroke-opacity=".12"/>`).join('')}</g>`;
    }
    s += '</g>';
    if (outline) s += `<path d="${d}" fill="none" stroke="${f.deep}" stroke-width=".9" stroke-linejoin="round" stroke-opacity=".6"/>`;
    if (under) this.body.unshift(s);
    else this.body.push(s);
    return clip;
  }

  #fold({ from, to, width, bend = 0, light = false, strength = 1 }) {
    const f = this.fabric;
    const opacity = round((light ? (f.light < 0.25 ? 0.4 : 0.42) : (f.light > 0.75 ? 0.34 : 0.42)) * strength);
    return `<path d="${lens(from, to, width, bend)}" fill="${light ? f.lit : f.deep}" fill-opacity="${opacity}"/>`;
  }

  // A seam: a thin dark line with a lit one beside it.
  seam(d, { width = 1.1, opacity = 0.5, clip } = {}) {
    const f = this.fabric;
    const where = clip ? ` clip-path="url(#${clip})"` : '';
    this.body.push(`<g fill="none"${where}><path d="${d}" stroke="${f.deep}" stroke-width="${width}" stroke-opacity="${opacity}"/>` +
      `<path d="${d}" transform="translate(.8 .9)" stroke="${f.lit}" stroke-width="${width * 0.8}" stroke-opacity="${round(opacity * 0.5)}"/></g>`);
  }

  // Topstitching.
  stitch(d, { colour, width = 1, opacity = 0.75, dash = '3 2', clip } = {}) {
    this.body.push(`<path${clip ? ` clip-path="url(#${clip})"` : ''} d="${d}" fill="none" stroke="${colour ?? this.fabric.thread}" stroke-width="${width}" ` +
      `stroke-dasharray="${dash}" stroke-opacity="${opacity}"/>`);
  }

  // A band of another tone along a line, kept inside a clip: ribbing, piping, facing.
  band(d, { width, clip, colour, ribs = false, opacity = 1 }) {
    const f = this.fabric;
    const where = clip ? ` clip-path="url(#${clip})"` : '';
    let s = `<g fill="none"${where}><path d="${d}" stroke="${colour ?? f.trim}" stroke-width="${width}" stroke-opacity="${opacity}"/>`;
    if (ribs) s += `<path d="${d}" stroke="${f.deep}" stroke-width="${width}" stroke-dasharray="1.2 2.4" stroke-linecap="butt" stroke-opacity=".4"/>`;
    s += `<path d="${d}" stroke="${f.deep}" stroke-width="${width}" stroke-opacity=".10"/></g>`;
    this.body.push(s);
  }

  button(x, y, radius = 3.6, colour) {
    const c = colour ?? this.fabric.button;
    const cx = round(CENTRE + x);
    const cy = round(y);
    this.body.push(
      `<circle cx="${cx + 0.5}" cy="${cy + 1.2}" r="${radius}" fill="#000" fill-opacity=".28"/>` +
      `<circle cx="${cx}" cy="${cy}" r="${radius}" fill="${c}" stroke="${mix(c, '#000000', 0.4)}" stroke-width=".6"/>` +
      `<circle cx="${round(cx - radius * 0.25)}" cy="${round(cy - radius * 0.3)}" r="${round(radius * 0.55)}" fill="#fff" fill-opacity=".28"/>` +
      `<path d="M${cx - 0.9} ${cy}h.1M${cx + 0.9} ${cy}h.1" stroke="${mix(c, '#000000', 0.6)}" stroke-width="1" stroke-linecap="round"/>`);
  }

  raw(svg) {
    this.body.push(svg);
  }

  // A shadow that lies on what is painted so far, inside a clip.
  castShadow(d, { clip, opacity = 0.35, dx = 0, dy = 4 } = {}) {
    const where = clip ? ` clip-path="url(#${clip})"` : '';
    const f = this.fabric;
    this.body.push(`<g${where}><g transform="translate(${dx} ${dy})" stroke="${f.deep}" stroke-linejoin="round">` +
      `<path d="${d}" fill="none" stroke-width="6" stroke-opacity="${round(opacity * 0.22)}"/>` +
      `<path d="${d}" fill="${f.deep}" stroke-width="2.4" stroke-opacity="${round(opacity * 0.32)}" fill-opacity="${round(opacity * 0.6)}"/></g></g>`);
  }

  // Scales and centres the garment so that all products fill the frame alike.
  #framing() {
    const [left, right, top, bottom] = bounds(this.outlines.join(''));
    const scale = Math.min(312 / (right - left), 412 / (bottom - top), 1.05) * this.size;
    return `translate(${round(CENTRE - (scale * (left + right)) / 2)} ${round(HEIGHT / 2 - (scale * (top + bottom)) / 2)}) scale(${round(scale * 100) / 100})`;
  }

  toSvg() {
    const frame = this.#framing();
    const shadow = this.outlines.map((d) => `<path d="${d}"/>`).join('');
    return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}">` +
      `<defs>${background}` +
      '<linearGradient id="round"><stop offset="0" stop-color="#0b0614" stop-opacity=".26"/>' +
      '<stop offset=".2" stop-color="#0b0614" stop-opacity=".05"/><stop offset=".36" stop-color="#fff" stop-opacity=".16"/>' +
      '<stop offset=".55" stop-color="#fff" stop-opacity=".03"/><stop offset=".8" stop-color="#0b0614" stop-opacity=".08"/>' +
      '<stop offset="1" stop-color="#0b0614" stop-opacity=".32"/></linearGradient>' +
      '<filter id="soft" color-interpolation-filters="sRGB" x="-5%" y="-5%" width="110%" height="110%"><feGaussianBlur stdDeviation="3.2"/></filter>' +
      '<filter id="cast" color-interpolation-filters="sRGB" x="-9%" y="-9%" width="118%" height="118%"><feGaussianBlur in="SourceAlpha" stdDeviation="8"/></filter>' +
      '<filter id="glow" color-interpolation-filters="sRGB" x="-60%" y="-20%" width="220%" height="140%"><feGaussianBlur stdDeviation="7"/></filter>' +
      `${this.defs.join('')}</defs>` +
      `<rect width="${WIDTH}" height="${HEIGHT}" fill="url(#wall)"/>` +
      `<g transform="translate(5 9) ${frame}" fill-opacity=".26" filter="url(#cast)">${shadow}</g>` +
      `<g transform="${frame}" stroke-linecap="round">${this.body.join('')}</g></svg>`;
  }
}
