// The sixteen colours of the shop, and what may be printed on or worn with each.

// family: colours that a shopper takes for "nearly the same"; neutral: goes with everything.
export const colours = [
  { name: 'Black', hex: '#2a292e', print: ['#f4f1ea', '#d9a441', '#c64a58'], family: 'dark', neutral: true },
  { name: 'White', hex: '#f7f5f0', print: ['#2f4a7c', '#2c2b30', '#c23b4a'], family: 'light', neutral: true },
  { name: 'Grey', hex: '#9a9ca3', print: ['#f4f3f0', '#3b3d47', '#c9d4e6'], family: 'grey', neutral: true },
  { name: 'Navy', hex: '#27375f', print: ['#f3efe6', '#d65a5f', '#9fc0e8'], family: 'blue', neutral: true },
  { name: 'Blue', hex: '#3a6fc0', print: ['#f6f4ee', '#1f3668', '#ffd37a'], family: 'blue', neutral: false },
  { name: 'Light blue', hex: '#a9c9e8', print: ['#ffffff', '#3c629e', '#f0a7b0'], family: 'blue', neutral: false },
  { name: 'Green', hex: '#2f8059', print: ['#f3f0e2', '#123f2c', '#f2c14e'], family: 'green', neutral: false },
  { name: 'Olive', hex: '#7b7a45', print: ['#f1ecd9', '#3f3f22', '#d98b4a'], family: 'green', neutral: false },
  { name: 'Red', hex: '#c8313d', print: ['#fbf3ea', '#5d1420', '#f5c9b8'], family: 'red', neutral: false },
  { name: 'Burgundy', hex: '#7a2338', print: ['#f2e4d8', '#d98f83', '#e2b65c'], family: 'red', neutral: false },
  { name: 'Pink', hex: '#ec9db3', print: ['#fff7f4', '#b83a62', '#7fae8d'], family: 'pink', neutral: false },
  { name: 'Purple', hex: '#7b549f', print: ['#f2e9f8', '#3a2257', '#f0b9cf'], family: 'purple', neutral: false },
  { name: 'Yellow', hex: '#efc440', print: ['#fffaf0', '#6d5a2a', '#d4663c'], family: 'yellow', neutral: false },
  { name: 'Orange', hex: '#e07b39', print: ['#fff3e4', '#7b3216', '#2f6a6a'], family: 'orange', neutral: false },
  { name: 'Beige', hex: '#dcc9aa', print: ['#fffaf0', '#7a5c3c', '#a8503e'], family: 'light', neutral: true },
  { name: 'Brown', hex: '#7b5237', print: ['#f1e2cc', '#3b2416', '#d99f56'], family: 'brown', neutral: true },
];

const byName = new Map(colours.map((colour) => [colour.name, colour]));

export function colourNamed(name) {
  const colour = byName.get(name);
  if (!colour) throw new Error(`no colour is named "${name}"`);
  return colour;
}

// Pairs of families that stylists put together, beside neutrals with anything.
const harmonies = new Set([
  'blue+brown', 'blue+red', 'blue+yellow', 'blue+pink', 'brown+green', 'green+orange',
  'brown+orange', 'pink+purple', 'pink+red', 'green+pink', 'brown+red', 'orange+yellow',
  'purple+yellow', 'blue+orange', 'brown+yellow', 'green+yellow',
]);

export function coloursHarmonise(nameA, nameB) {
  const a = colourNamed(nameA);
  const b = colourNamed(nameB);
  if (a.neutral || b.neutral || a.family === b.family) return true;
  return harmonies.has([a.family, b.family].sort().join('+'));
}

function channels(hex) {
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
}

// A colour between two, in sRGB; share = how much of the second.
export function mix(hexA, hexB, share) {
  const b = channels(hexB);
  const parts = channels(hexA).map((value, i) => Math.round(value + (b[i] - value) * share));
  return '#' + parts.map((value) => value.toString(16).padStart(2, '0')).join('');
}

// Rec. 709 luma of the sRGB values, 0..1.
export function lightness(hex) {
  const [r, g, b] = channels(hex);
  return (0.2126 * r + 0.7152 * g + 0.0722 * b) / 255;
}
