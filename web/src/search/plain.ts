// Search by words without WebAssembly, for pages whose policy forbids it: the same sections, read in
// JavaScript. Likely queries in any order and words in their known forms; typing mistakes are left to
// the engine.
import type {Asked, Hit, ShardName} from "./engine.js";

const FRAME_BYTES = 24;
const NO_QUERY = -1;
// shared/search/searcher.cc
const PLACE_WEIGHT = [0.3, 0.6, 0.85, 1];
const OTHER_FORM = 0.9;
const WORTH_SHOWING = 0.5;

interface Meant {
  words: {word: number; quality: number}[][];
  query: number;
}

export class PlainSearch {
  #items: number;
  #words: string[];
  #documents: number[];
  #wordShards: number[];
  #queries: {text: string; weight: number; key: string}[];
  #queryShards: number[];
  #postings = new Map<number, number[][]>();
  #answers = new Map<number, [item: number, score: number][][]>();
  #meant: Meant = {words: [], query: NO_QUERY};

  /** @param file the section SRCH */
  constructor(file: Uint8Array) {
    const bytes = new Reader(file);
    const [items, dimensions, words, queries, wordShards, queryShards] = Array.from({length: 6}, () => bytes.u32());
    bytes.skip(4 * dimensions!);
    this.#items = items!;
    this.#words = bytes.texts(words!);
    this.#documents = bytes.varints(words!);
    this.#wordShards = starts(bytes.varints(wordShards!));
    const texts = bytes.texts(queries!);
    const weights = bytes.varints(queries!);
    this.#queries = texts.map((text, i) => ({text, weight: weights[i]!, key: keyOf(wordsOf(text))}));
    this.#queryShards = starts(bytes.varints(queryShards!));
  }

  addShard({kind, number}: ShardName, file: Uint8Array): void {
    const bytes = new Reader(file);
    bytes.skip(4);
    const count = bytes.u32();
    if (kind === "postings") {
      this.#postings.set(number, Array.from({length: count}, () => bytes.varints(bytes.varint())));
      return;
    }
    const dimensions = bytes.u32();
    const bits = bytes.u32();
    this.#answers.set(number, Array.from({length: count}, () => {
      const size = bytes.u8();
      const answers = Array.from({length: size}, () => bytes.varint());
      const scores = Array.from({length: size}, () => bytes.u8() / 255);
      if (dimensions > 0) bytes.skip(4 + Math.ceil(dimensions * bits / 8));
      return answers.map((item, i) => [item, scores[i]!]);
    }));
  }

  ask(text: string): Asked {
    const words = wordsOf(text);
    const key = keyOf(words);
    const meant = words.map((word) => this.#match(word)).filter((each) => each.length > 0);
    this.#meant = {words: meant, query: this.#queries.findIndex((query) => query.key === key)};
    return this.#meant.query !== NO_QUERY ? "likely" : meant.length > 0 ? "words" : "nothing";
  }

  missing(): ShardName[] {
    if (this.#meant.query !== NO_QUERY) {
      const number = shardOf(this.#queryShards, this.#meant.query);
      return this.#answers.has(number) ? [] : [{kind: "queries", number}];
    }
    const numbers = new Set(this.#meant.words.flat().map(({word}) => shardOf(this.#wordShards, word)));
    return [...numbers].filter((number) => !this.#postings.has(number)).map((number) => ({kind: "postings", number}));
  }

  byWords(limit: number): Hit[] {
    const {query, words} = this.#meant;
    if (query !== NO_QUERY) {
      const number = shardOf(this.#queryShards, query);
      const answers = this.#answers.get(number)?.[query - this.#queryShards[number]!] ?? [];
      return answers.slice(0, limit).map(([index, score]) => ({index, score, words: score, likeness: 0}));
    }
    const totals = new Map<number, number>();
    let most = 0;
    for (const matches of words) {
      const weight = 1 + Math.log2(this.#items / Math.max(1, ...matches.map(({word}) => this.#documents[word]!)));
      most += weight;
      for (const [item, score] of this.#best(matches)) totals.set(item, (totals.get(item) ?? 0) + weight * score);
    }
    const hits = [...totals].map(([index, score]) =>
      ({index, score: score / most, words: score / most, likeness: 0}));
    const best = Math.max(...hits.map(({score}) => score));
    return hits.filter(({score}) => score >= WORTH_SHOWING * best)
      .sort((a, b) => b.score - a.score || a.index - b.index).slice(0, limit);
  }

  suggest(text: string, limit: number): string[] {
    const words = wordsOf(text);
    return this.#queries
      .filter(({key}) => words.every((word) => ` ${key}`.includes(` ${word}`)))
      .sort((a, b) => b.weight - a.weight).slice(0, limit).map((query) => query.text);
  }

  // The word and its forms in this shop.
  #match(word: string): {word: number; quality: number}[] {
    return this.#words.flatMap((each, i) => {
      if (this.#documents[i] === 0) return [];
      if (each === word) return [{word: i, quality: 1}];
      const [short, long] = each.length < word.length ? [each, word] : [word, each];
      const form = short.length > 2 && long.startsWith(short) && /^(s|es|d|ed|r|er)$/.test(long.slice(short.length));
      return form ? [{word: i, quality: OTHER_FORM}] : [];
    });
  }

  #best(matches: {word: number; quality: number}[]): Map<number, number> {
    const best = new Map<number, number>();
    for (const {word, quality} of matches) {
      const number = shardOf(this.#wordShards, word);
      let item = -1;
      for (const code of this.#postings.get(number)?.[word - this.#wordShards[number]!] ?? []) {
        item += (code >>> 2) + 1;
        best.set(item, Math.max(best.get(item) ?? 0, quality * PLACE_WEIGHT[code & 3]!));
      }
    }
    return best;
  }
}

// shared/search/words.cc
function wordsOf(text: string): string[] {
  const plain = text.slice(0, 512).toLowerCase().normalize("NFD").replace(/\p{M}/gu, "")
    .replace(/(?<![\p{L}\p{N}_])([\p{L}\p{N}])[-\u2010\u2011](?=[\p{L}\p{N}_])/gu, "$1")
    .replace(/['’][\p{L}\p{N}_](?![\p{L}\p{N}_])/gu, " ");
  return (plain.match(/[\p{L}\p{N}_]+/gu) ?? []).filter((word) => word.length > 1).slice(0, 16);
}

function keyOf(words: string[]): string {
  return [...words].sort().join(" ");
}

function starts(sizes: number[]): number[] {
  let next = 0;
  return sizes.map((size) => (next += size) - size);
}

function shardOf(first: number[], entry: number): number {
  let shard = 0;
  while (shard + 1 < first.length && first[shard + 1]! <= entry) shard++;
  return shard;
}

// Reads a section's payload; the bytes were checked by their hash. Reading beyond the end throws.
class Reader {
  #view: DataView;
  #at = FRAME_BYTES;

  constructor(file: Uint8Array) {
    this.#view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  }
  u8(): number {
    return this.#view.getUint8(this.#at++);
  }
  u32(): number {
    this.#at += 4;
    return this.#view.getUint32(this.#at - 4, true);
  }
  skip(size: number): void {
    this.#at += size;
  }
  varint(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.u8();
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  }
  varints(count: number): number[] {
    return Array.from({length: count}, () => this.varint());
  }
  // Each text as what it shares with the one before it, in bytes, and the rest.
  texts(count: number): string[] {
    const decoder = new TextDecoder();
    let before = new Uint8Array();
    return Array.from({length: count}, () => {
      const shared = this.u8();
      const size = this.u8();
      const bytes = new Uint8Array(shared + size);
      bytes.set(before.subarray(0, shared));
      bytes.set(new Uint8Array(this.#view.buffer, this.#view.byteOffset + this.#at, size), shared);
      this.#at += size;
      before = bytes;
      return decoder.decode(bytes);
    });
  }
}
