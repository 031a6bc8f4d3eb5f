// Outlines as lists of SVG path segments. x is the distance from the garment's centre line, so
// that one half describes a symmetric piece; y grows downwards. Units: pixels of the 360×480 frame.

export const WIDTH = 360;
export const HEIGHT = 480;
export const CENTRE = WIDTH / 2;

const round = (value) => Math.round(value * 10) / 10;

function text(segments, side) {
  return segments
    .map(([letter, ...numbers]) =>
      letter + numbers.map((n, i) => round(i % 2 === 0 ? CENTRE + side * n : n)).join(' '))
    .join('');
}

// The piece as it stands on the right (side 1) or mirrored on the left (side -1).
export function oneSide(segments, side = 1, closed = true) {
  return text(segments, side) + (closed ? 'Z' : '');
}

// The same segments walked backwards (only M, L, Q, C).
export function reversed(segments) {
  const ends = segments.map((segment) => segment.slice(-2));
  const result = [['M', ...ends[ends.length - 1]]];
  for (let i = segments.length - 1; i > 0; i--) {
    const [letter, ...n] = segments[i];
    const [x, y] = ends[i - 1];
    if (letter === 'C') result.push(['C', n[2], n[3], n[0], n[1], x, y]);
    else if (letter === 'Q') result.push(['Q', n[0], n[1], x, y]);
    else result.push(['L', x, y]);
  }
  return result;
}

// A closed piece from its right half; the half starts and ends on the centre line.
export function symmetric(half) {
  return text(half, 1) + text(reversed(half).slice(1), -1) + 'Z';
}

// An open line over both halves: from the left end to the right end of `half`, which starts on the
// centre line.
export function symmetricLine(half) {
  const left = reversed(half);
  return text(left, -1) + text(half.slice(1), 1);
}

export function line(...points) {
  return points.map(([x, y], i) => (i ? 'L' : 'M') + round(CENTRE + x) + ' ' + round(y)).join('');
}

export function lineSide(segments, side) {
  return text(segments, side);
}

// A lens between two points, widest in the middle: the shape of a fold before it is blurred.
// bend moves its middle to the right of the direction of travel.
export function lens([x0, y0], [x1, y1], width, bend = 0) {
  const dx = x1 - x0;
  const dy = y1 - y0;
  const length = Math.sqrt(dx * dx + dy * dy) || 1;
  const nx = -dy / length;
  const ny = dx / length;
  const mx = (x0 + x1) / 2 + nx * bend;
  const my = (y0 + y1) / 2 + ny * bend;
  const at = (x, y) => `${round(CENTRE + x)} ${round(y)}`;
  return `M${at(x0, y0)}Q${at(mx + nx * width, my + ny * width)} ${at(x1, y1)}` +
    `Q${at(mx - nx * width, my - ny * width)} ${at(x0, y0)}Z`;
}
