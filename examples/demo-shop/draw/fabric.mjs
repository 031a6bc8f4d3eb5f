// What a garment is made of: colour, print (plain, stripe, check, dot, floral) and weave, as SVG
// pattern definitions.
import { colourNamed, lightness, mix } from '../palette.mjs';

const tiles = {
  plain: () => null,
  stripe: ({ ink, accent, variant }) => {
    if (variant === 1) {  // vertical pin stripes
      return { width: 14, height: 14, marks: `<rect x="6" width="1.6" height="14" fill="${ink}" fill-opacity=".8"/>` };
    }
    if (variant === 2) {  // wide blocks with a fine line between
      return {
        width: 44, height: 44,
        marks: `<rect width="44" height="18" fill="${ink}"/><rect y="29" width="44" height="2" fill="${accent}"/>`,
      };
    }
    return { width: 20, height: 20, marks: `<rect y="6" width="20" height="7.5" fill="${ink}"/>` };
  },
  check: ({ ink, accent, variant }) => {
    if (variant === 1) {  // gingham
      return {
        width: 18, height: 18,
        marks: `<rect width="9" height="18" fill="${ink}" fill-opacity=".5"/>` +
          `<rect width="18" height="9" fill="${ink}" fill-opacity=".5"/>`,
      };
    }
    if (variant === 2) {  // window pane
      return {
        width: 34, height: 34,
        marks: `<path d="M17 0V34M0 17H34" stroke="${ink}" stroke-width="1.6" stroke-opacity=".85"/>`,
      };
    }
    return {  // tartan
      width: 46, height: 46,
      marks: `<g fill="${accent}" opacity=".62"><rect width="15" height="46"/><rect width="46" height="15"/></g>` +
        `<g fill="${ink}" opacity=".75"><rect x="29" width="2.4" height="46"/><rect y="29" width="46" height="2.4"/>` +
        `<rect x="35" width="1.2" height="46"/><rect y="35" width="46" height="1.2"/></g>`,
    };
  },
  dot: ({ ink, variant }) => {
    const [size, radius] = [[22, 3.2], [13, 1.7], [34, 6.6]][variant];
    const half = size / 2;
    return {
      width: size, height: size,
      marks: `<g fill="${ink}"><circle cx="${half / 2}" cy="${half / 2}" r="${radius}"/>` +
        `<circle cx="${half * 1.5}" cy="${half * 1.5}" r="${radius}"/></g>`,
    };
  },
  floral: ({ ink, accent, leaf, random, variant }) => floralTile({ ink, accent, leaf, random, variant }),
};

function flower(x, y, size, turn, petal, heart) {
  let marks = `<g transform="translate(${x} ${y}) rotate(${turn}) scale(${size})">`;
  for (let i = 0; i < 5; i++) {
    marks += `<path transform="rotate(${i * 72})" fill="${petal}" d="M0 0C-4.6 -2.4 -3.8 -8.4 0 -8.2C3.8 -8.4 4.6 -2.4 0 0Z"/>`;
  }
  return marks + `<circle r="1.9" fill="${heart}"/></g>`;
}

function leafMark(x, y, size, turn, colour) {
  return `<path transform="translate(${x} ${y}) rotate(${turn}) scale(${size})" fill="${colour}" ` +
    'd="M0 0C3 -3 3 -8 0 -11C-3 -8 -3 -3 0 0Z"/>';
}

// Blossoms and leaves on a jittered grid whose cells lie inside the tile, so that no mark is cut.
function floralTile({ ink, accent, leaf, random, variant }) {
  const cell = [26, 19, 38][variant];
  const scale = cell / 26;
  const count = 4;
  let marks = '';
  for (let row = 0; row < count; row++) {
    for (let column = 0; column < count; column++) {
      const x = Math.round((column + 0.5 + random.between(-0.1, 0.1)) * cell);
      const y = Math.round((row + 0.5 + random.between(-0.1, 0.1)) * cell);
      const turn = random.below(360);
      const kind = (row + column) % 2;
      if (kind === 0) {
        marks += leafMark(x, y, scale * 0.8, turn + 40, leaf) + leafMark(x, y, scale * 0.8, turn + 190, leaf);
        marks += flower(x, y, scale * random.between(0.85, 1.1), turn, ink, accent);
      } else if (random.chance(0.6)) {
        marks += flower(x, y, scale * 0.55, turn, accent, ink) + leafMark(x, y + 3, scale * 0.6, turn, leaf);
      } else {
        marks += leafMark(x, y, scale * 0.8, turn, leaf) + leafMark(x, y, scale * 0.8, turn + 60, leaf);
      }
    }
  }
  return { width: cell * count, height: cell * count, marks };
}

// Fine structure over the print. {ink: dark lines, lit: light lines}
const weaves = {
  smooth: null,
  jersey: null,
  knit: {
    width: 7, height: 6,
    marks: '<path d="M0 0L3.5 4L7 0" fill="none" stroke="DEEP" stroke-width="1.3" stroke-opacity=".3"/>' +
      '<path d="M0 1.6L3.5 5.6L7 1.6" fill="none" stroke="LIT" stroke-width=".8" stroke-opacity=".28"/>',
  },
  cable: {
    width: 40, height: 22,
    marks: '<path d="M14 0C14 7 26 8 26 15S14 20 14 22M26 0C26 7 14 8 14 15S26 20 26 22" fill="none" stroke="DEEP" stroke-width="1.8" stroke-opacity=".42"/>' +
      '<path d="M16 0C16 7 28 8 28 15" fill="none" stroke="LIT" stroke-width="1.6" stroke-opacity=".35"/>' +
      '<path d="M8 0V22M32 0V22" stroke="DEEP" stroke-width="1.2" stroke-opacity=".35"/>' +
      '<path d="M0 2L3 5M0 9L3 12M0 16L3 19M37 2L40 5M37 9L40 12M37 16L40 19" stroke="DEEP" stroke-width="1" stroke-opacity=".25"/>',
  },
  denim: {
    width: 4, height: 4,
    marks: '<path d="M-1 5L5 -1M-1 1L1 -1M3 5L5 3" stroke="LIT" stroke-width=".8" stroke-opacity=".26"/>',
  },
  twill: null,
  wool: {
    width: 9, height: 8,
    marks: '<path d="M0 0L4.5 4L9 0M0 4L4.5 8L9 4" fill="none" stroke="LIT" stroke-width=".8" stroke-opacity=".13"/>' +
      '<path d="M0 2L4.5 6L9 2" fill="none" stroke="DEEP" stroke-width=".8" stroke-opacity=".13"/>',
  },
};

// colour: a palette name; print: a key of `tiles`; variant: 0..2; weave: a key of `weaves`.
export function makeFabric({ colour, print = 'plain', variant = 0, weave = 'smooth', random }) {
  const entry = colourNamed(colour);
  const denim = weave === 'denim';
  const base = denim && entry.family === 'blue' ? mix(entry.hex, '#4f6a8f', 0.35) : entry.hex;
  const light = lightness(base);
  // Folds take a deep tone of the cloth itself: black alone would look dirty on pale cloth.
  const deep = mix(base, light > 0.75 ? '#3d3550' : '#0d0818', light > 0.75 ? 0.62 : 0.66);
  const lit = mix(base, '#ffffff', light < 0.25 ? 0.42 : 0.7);
  const ink = entry.print[0];
  const small = print === 'floral' && variant === 1;
  const tile = tiles[print]({
    ink: small ? entry.print[2] : ink, accent: print === 'check' ? mix(entry.print[1], base, 0.42) : small ? entry.print[0] : print === 'floral' && variant === 2 ? entry.print[1] : entry.print[2],
    leaf: mix('#4f7f55', base, 0.25), random, variant,
  });
  const weaveTile = weaves[weave];
  const coloured = weaveTile && {
    ...weaveTile, marks: weaveTile.marks.replaceAll('DEEP', deep).replaceAll('LIT', lit),
  };
  return {
    base, deep, lit, light, tile, weaveTile: coloured, weave,
    inside: mix(base, '#120c1c', light > 0.75 ? 0.32 : 0.45),
    trim: mix(base, light < 0.25 ? '#ffffff' : '#160f22', light < 0.25 ? 0.12 : 0.14),
    thread: denim ? '#d9a55c' : mix(base, light < 0.35 ? '#ffffff' : '#160f22', 0.38),
    button: light > 0.6 ? mix(base, '#6b5a48', 0.35) : mix(base, '#ffffff', 0.3),
  };
}

export function patternElement(id, tile, angle = 0, shiftX = 0, shiftY = 0) {
  return `<pattern id="${id}" width="${tile.width}" height="${tile.height}" patternUnits="userSpaceOnUse" ` +
    `patternTransform="translate(${180 + shiftX} ${shiftY}) rotate(${angle}) translate(${-tile.width / 2} 0)">${tile.marks}</pattern>`;
}
