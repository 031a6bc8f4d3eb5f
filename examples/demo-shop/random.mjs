// A seeded random source. Only integer arithmetic and IEEE 754's + - * / sqrt are used anywhere in
// the generator, so that the same seed gives the same bytes with every Node and on every machine.

// FNV-1a over UTF-16 units: turns a name into a seed.
export function hashText(text) {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return hash >>> 0;
}

// sfc32 (Chris Doty-Humphrey's small fast counter generator, PractRand).
export class Random {
  #a;
  #b;
  #c;
  #counter = 1;

  constructor(...names) {
    const text = names.join('/');
    this.#a = hashText(text);
    this.#b = hashText(text + '#');
    this.#c = hashText('#' + text);
    for (let i = 0; i < 12; i++) this.bits();
  }

  bits() {
    const t = (this.#a + this.#b + this.#counter++) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + t | 0;
    return t >>> 0;
  }

  // Uniform in [0, 1), 32 bits.
  next() {
    return this.bits() / 4294967296;
  }

  between(low, high) {
    return low + (high - low) * this.next();
  }

  // Uniform integer in [0, count).
  below(count) {
    return Math.floor(this.next() * count);
  }

  chance(probability) {
    return this.next() < probability;
  }

  pick(list) {
    return list[this.below(list.length)];
  }

  // About normal: mean 0, deviation 1, within ±6 (sum of twelve uniforms).
  normal() {
    let sum = -6;
    for (let i = 0; i < 12; i++) sum += this.next();
    return sum;
  }

  // Fisher-Yates on a copy.
  shuffled(list) {
    const copy = [...list];
    for (let i = copy.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [copy[i], copy[j]] = [copy[j], copy[i]];
    }
    return copy;
  }

  // An index drawn in proportion to weights; -1 when they sum to nothing.
  weighted(weights) {
    let total = 0;
    for (let i = 0; i < weights.length; i++) total += weights[i];
    if (!(total > 0)) return -1;
    let left = this.next() * total;
    for (let i = 0; i < weights.length; i++) {
      left -= weights[i];
      if (left < 0) return i;
    }
    return weights.length - 1;
  }
}
