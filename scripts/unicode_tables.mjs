// Writes shared/text/unicode_tables.inc from the Unicode data in Node's ICU:
//   node scripts/unicode_tables.mjs > shared/text/unicode_tables.inc
// Run it again to follow a newer Unicode; the tests compare with the same data.
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

function table(type, name, rows) {
  let text = `constexpr ${type} ${name}[] = {\n`;
  let line = '   ';
  for (const row of rows) {
    const cell = ` {${row.map((v) => (v < 0 ? v : hex(v))).join(', ')}},`;
    if (line.length + cell.length > 100) { text += line + '\n'; line = '   '; }
    line += cell;
  }
  return `${text}${line}\n};\n`;
}

const decomposed = decompositions();
const sequences = [];
const decompositionRows = decomposed.map(([c, ...parts]) => {
  const at = sequences.length;
  sequences.push(...parts);
  return [c, at, parts.length];
});
console.log(`// Made by scripts/unicode_tables.mjs from Unicode ${process.versions.unicode}. Not edited by hand.
// clang-format off
${table('Range', 'kLetter', ranges(/\p{L}/u))}
${table('Range', 'kMark', ranges(/\p{M}/u))}
${table('Range', 'kNumber', ranges(/\p{N}/u))}
${table('Range', 'kPunctuation', ranges(/\p{P}/u))}
${table('Range', 'kSpace', ranges(/\p{White_Space}/u))}
// Letters with case, and characters that case rules look through: for the final sigma.
${table('Range', 'kCased', ranges(/\p{Cased}/u))}
${table('Range', 'kCaseIgnorable', ranges(/\p{Case_Ignorable}/u))}
${table('LowerRange', 'kLower', lowerRanges().map((r) => [r.first, r.last, r.step || 1, r.delta]))}
// Ranks of canonical combining classes (the order is what matters); 0 for all others.
${table('CombiningRange', 'kCombining', combiningClasses())}
// Full canonical decompositions: a code point, its offset and size in kDecomposed.
${table('Decomposition', 'kDecomposition', decompositionRows)}
constexpr char32_t kDecomposed[] = {
${sequences.map(hex).join(', ').replace(/(.{1,96})(?:, |$)/g, '    $1,\n')}};

${table('Composition', 'kComposition', compositions(decomposed))}// clang-format on`);
