// Writes shared/text/unicode_tables.inc from the Unicode data in Node's ICU:
//   node scripts/unicode_tables.mjs > shared/text/unicode_tables.inc
// Run it again to follow a newer Unicode; the tests compare with the same data. Tables are LEB128 numbers,
// as small as a shopper who waits for them needs; unicode.cc unpacks them when they are first used.
const kLast = 0x10ffff;
const isSurrogate = (c) => c >= 0xd800 && c <= 0xdfff;
const hex = (c) => '0x' + c.toString(16).toUpperCase();

// Ranges {first, last} of the code points with a property.
function ranges(regex) {
  const out = [];
  for (let c = 0; c <= kLast; ++c) {
    if (isSurrogate(c) || !regex.test(String.fromCodePoint(c))) continue;
    if (out.length && out[out.length - 1][1] === c - 1) out[out.length - 1][1] = c;
    else out.push([c, c]);
  }
  return out;
}

// Simple lower-case mappings as {first, last, step, delta}: c -> c + delta for every step-th c.
function lowerRanges() {
  const pairs = [];
  for (let c = 0; c <= kLast; ++c) {
    if (isSurrogate(c) || c === 0x130) continue; // U+0130 becomes two code points; see unicode.cc
    const lower = [...String.fromCodePoint(c).toLowerCase()];
    if (lower.length !== 1) throw Error(hex(c));
    if (lower[0].codePointAt(0) !== c) pairs.push([c, lower[0].codePointAt(0) - c]);
  }
  const out = [];
  for (const [c, delta] of pairs) {
    const r = out[out.length - 1];
    if (r && r.delta === delta) {
      const step = c - r.last;
      if (step <= 2 && (r.step === 0 || r.step === step)) {
        r.last = c;
        r.step = step;
        continue;
      }
    }
    out.push({ first: c, last: c, step: 0, delta });
  }
  return out;
}

const isHangul = (c) => c >= 0xac00 && c < 0xac00 + 11172;

// Canonical decompositions one step deep, {composed, first, second} (second 0 = a single code
// point), found through full ones: the last code point that a prefix composes without.
function decompositions() {
  const out = [];
  for (let c = 0; c <= kLast; ++c) {
    if (isSurrogate(c) || isHangul(c)) continue;
    const s = String.fromCodePoint(c);
    const full = [...s.normalize('NFD')];
    if (full.length === 1 && full[0] === s) continue;
    out.push([c, ...full.map((x) => x.codePointAt(0))]);
  }
  return out;
}

// Pairs that compose: {first, second, composed}. A pair composes exactly when NFC of some composed
// character's decomposition gives it back (so composition exclusions are left out by themselves).
function compositions(decomposed) {
  const out = [];
  for (const [c, ...parts] of decomposed) {
    const s = String.fromCodePoint(c);
    if (parts.length < 2 || s.normalize('NFC') !== s) continue;
    const second = parts[parts.length - 1];
    const first = [...String.fromCodePoint(...parts.slice(0, -1)).normalize('NFC')];
    if (first.length !== 1) throw Error(hex(c));
    out.push([first[0].codePointAt(0), second, c]);
  }
  return out.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
}

// Canonical combining classes are not in JavaScript, but their order is: NFD puts marks in ascending
// class. Marks are sorted into classes by comparing each with a representative of every class.
function combiningClasses() {
  const marks = [];
  for (let c = 0; c <= kLast; ++c) {
    if (isSurrogate(c) || !/\p{M}/u.test(String.fromCodePoint(c))) continue;
    if ([...String.fromCodePoint(c).normalize('NFD')].length === 1) marks.push(c);
  }
  const text = String.fromCodePoint;
  // b moves before a: class(b) < class(a), both not 0.
  const swaps = (a, b) => text(0x61, a, b).normalize('NFD') === text(0x61, b, a).normalize('NFD') &&
    text(0x61, a, b).normalize('NFD') !== text(0x61, a, b);
  const nonzero = marks.filter((m) => swaps(m, 0x334) || swaps(m, 0x345) || swaps(0x345, m) || swaps(0x334, m));
  const classes = []; // representatives, ascending
  const members = [];
  for (const m of nonzero) {
    let low = 0, high = classes.length, found = -1;
    while (low < high) {
      const mid = (low + high) >> 1;
      if (swaps(classes[mid], m)) high = mid;
      else if (swaps(m, classes[mid])) low = mid + 1;
      else { found = mid; break; }
    }
    if (found >= 0) members[found].push(m);
    else { classes.splice(low, 0, m); members.splice(low, 0, [m]); }
  }
  const of = new Map();
  members.forEach((list, i) => list.forEach((m) => of.set(m, i + 1)));
  const out = [];
  for (const c of [...of.keys()].sort((a, b) => a - b)) {
    const r = out[out.length - 1];
    if (r && r[1] === c - 1 && r[2] === of.get(c)) r[1] = c;
    else out.push([c, c, of.get(c)]);
  }
  return out;
}

// Numbers as LEB128 bytes; signed ones zigzag first.
const zigzag = (n) => (n < 0 ? -2 * n - 1 : 2 * n);
function bytes(name, numbers) {
  const out = [];
  for (let n of numbers) {
    for (; n >= 128; n = Math.floor(n / 128)) out.push((n % 128) + 128);
    out.push(n);
  }
  const lines = out.join(',').replace(/(.{1,94})(?:,|$)/g, '    $1,\n');
  return `constexpr uint8_t ${name}[] = {\n${lines}};\n`;
}

// Of rows {first, last, …}: how far first is from the end of the row before, last from first, the rest.
function packedRanges(rows) {
  let next = 0;
  return rows.flatMap(([first, last, ...rest]) => {
    const gap = first - next;
    next = last + 1;
    return [gap, last - first, ...rest];
  });
}

// Of each code point that decomposes: 8 x the distance from the one before + 4 if the two that follow
// compose to it + how many follow; those, as differences from the same place of the row before. A pair
// that composes is one step deep, others are full decompositions.
function packedDecompositions() {
  const decomposed = decompositions();
  const steps = new Map(compositions(decomposed).map(([first, second, c]) => [c, [first, second]]));
  const before = [0, 0, 0, 0];
  let last = 0;
  return decomposed.flatMap(([c, ...full]) => {
    const parts = steps.get(c) ?? full;
    if (parts.length > 3) throw Error(hex(c));
    const head = 8 * (c - last) + (steps.has(c) ? 4 : 0) + parts.length;
    last = c;
    return [head, ...parts.map((part, i) => {
      const difference = zigzag(part - before[i]);
      before[i] = part;
      return difference;
    })];
  });
}

console.log(`// Made by scripts/unicode_tables.mjs from Unicode ${process.versions.unicode}. Not edited by hand.
// clang-format off
${bytes('kLetter', packedRanges(ranges(/\p{L}/u)))}
${bytes('kMark', packedRanges(ranges(/\p{M}/u)))}
${bytes('kNumber', packedRanges(ranges(/\p{N}/u)))}
${bytes('kPunctuation', packedRanges(ranges(/\p{P}/u)))}
${bytes('kSpace', packedRanges(ranges(/\p{White_Space}/u)))}
// Letters with case, and characters that case rules look through: for the final sigma.
${bytes('kCased', packedRanges(ranges(/\p{Cased}/u)))}
${bytes('kCaseIgnorable', packedRanges(ranges(/\p{Case_Ignorable}/u)))}
${bytes('kLower', packedRanges(lowerRanges().map((r) => [r.first, r.last, r.step || 1, zigzag(r.delta)])))}
// Ranks of canonical combining classes (the order is what matters); 0 for all others.
${bytes('kCombining', packedRanges(combiningClasses()))}
${bytes('kDecompositions', packedDecompositions())}// clang-format on`);
