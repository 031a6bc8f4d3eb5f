// Search's WebAssembly module (wasm/search_api.h) as an object: words, vectors, tokens and pixels.
// Knows bytes and dense indices only.
import type {ImageTower} from "./description.js";
import {systemImports} from "../system_imports.js";

/** wasm/search_api.h, vitrine_search_api_version(). */
const API_VERSION = 1;
const HIT_BYTES = 16;
const NO_LIMIT = 0xffffffff;
const FIELDS = ["audience", "department", "colour", "brand"] as const;
const FITS = ["shortest", "squash", "pad"];
const FILTERS = ["nearest", "box", "bilinear", "bicubic", "lanczos"];

interface Exports {
  memory: WebAssembly.Memory;
  _initialize?: () => void;
  vitrine_search_api_version(): number;
  vitrine_search_alloc(size: number): number;
  vitrine_search_free(address: number): void;
  vitrine_search_error(): number;
  vitrine_search_error_size(): number;
  vitrine_search_output(): number;
  vitrine_search_add_section(address: number, size: number): number;
  vitrine_search_add_looks(address: number, size: number): number;
  vitrine_search_ask(address: number, size: number): number;
  vitrine_search_missing(allWords: number): number;
  vitrine_search_suggest(address: number, size: number, limit: number): number;
  vitrine_search_filter(priceMin: number, priceMax: number): void;
  vitrine_search_allow(field: number, address: number, size: number): number;
  vitrine_search_by_words(limit: number): number;
  vitrine_search_by_vector(address: number, dimensions: number, limit: number): number;
  vitrine_search_by_photo(address: number, dimensions: number, rgba: number, width: number, height: number, limit: number): number;
  vitrine_search_by_shift(item: number, address: number, dimensions: number, limit: number): number;
  vitrine_search_find(address: number, size: number): number;
  vitrine_search_query_vector(): number;
  vitrine_search_item_vector(item: number): number;
  vitrine_search_zero_shot(vector: number, dimensions: number, labels: number, count: number): number;
  vitrine_search_tokenizer(address: number, size: number): number;
  vitrine_search_tokens(address: number, size: number, most: number, lower: number): number;
  vitrine_search_pixels(rgba: number, width: number, height: number, settings: number): number;
}

export interface Hit {
  index: number;
  score: number;
  /** 0 to 1: how much of what was said the product's words have. */
  words: number;
  /** Cosine to the vector that was asked with, 0 when there was none. */
  likeness: number;
}

/** How well a text is understood; see vitrine_search_ask(). */
export type Asked = "likely" | "alike" | "words" | "nothing";

export interface ShardName {
  kind: "postings" | "queries";
  number: number;
}

export interface SearchFilter {
  priceMin?: number;
  priceMax?: number;
  audience?: string[];
  department?: string[];
  colour?: string[];
  brand?: string[];
}

export class SearchEngine {
  #wasm: Exports;

  private constructor(wasm: Exports) {
    this.#wasm = wasm;
  }

  /** Throws where the page's policy forbids WebAssembly. */
  static async open(source: BufferSource): Promise<SearchEngine> {
    const module = await WebAssembly.compile(source);
    const instance = await WebAssembly.instantiate(module, systemImports(module));
    const wasm = instance.exports as unknown as Exports;
    wasm._initialize?.();
    const version = wasm.vitrine_search_api_version();
    if (version !== API_VERSION) throw new Error(`search interface ${version}, this package knows ${API_VERSION}`);
    return new SearchEngine(wasm);
  }

  addSection(bytes: Uint8Array): void {
    this.#checked(this.#wasm.vitrine_search_add_section(this.#write(bytes), bytes.length));
  }

  addLooks(bytes: Uint8Array): void {
    this.#checked(this.#wasm.vitrine_search_add_looks(this.#write(bytes), bytes.length));
  }

  ask(text: string): Asked {
    const known = this.#withText(text, (address, size) => this.#wasm.vitrine_search_ask(address, size));
    if (known === -2) this.#checked(known);
    return (["nothing", "words", "alike", "likely"] as const)[known + 1]!;
  }

  missing(allWords: boolean): ShardName[] {
    const count = this.#checked(this.#wasm.vitrine_search_missing(allWords ? 1 : 0));
    const numbers = new Uint32Array(this.#output(count * 8).buffer);
    return Array.from({length: count}, (_, i) =>
      ({kind: numbers[2 * i] === 1 ? "queries" : "postings", number: numbers[2 * i + 1]!}));
  }

  suggest(text: string, limit: number): string[] {
    const size = this.#checked(this.#withText(text, (address, length) =>
      this.#wasm.vitrine_search_suggest(address, length, limit)));
    return size === 0 ? [] : new TextDecoder().decode(this.#output(size)).split("\n");
  }

  setFilter(filter: SearchFilter): void {
    const cents = (price: number) => Math.max(0, Math.min(Math.round(price * 100), NO_LIMIT - 1));
    this.#wasm.vitrine_search_filter(
        filter.priceMin === undefined ? 0 : cents(filter.priceMin),
        filter.priceMax === undefined ? NO_LIMIT : cents(filter.priceMax));
    FIELDS.forEach((name, field) => {
      for (const value of filter[name] ?? []) {
        this.#withText(value, (address, size) => this.#wasm.vitrine_search_allow(field, address, size));
      }
    });
  }

  byWords(limit: number): Hit[] {
    return this.#hits(this.#wasm.vitrine_search_by_words(limit));
  }

  byVector(vector: Float32Array, limit: number): Hit[] {
    return this.#hits(this.#withFloats(vector, (address) =>
      this.#wasm.vitrine_search_by_vector(address, vector.length, limit)));
  }

  /** By a photo's vector and the photo itself, which is known again where a product shows it. */
  byPhoto(vector: Float32Array, {data, width, height}: ImageData, limit: number): Hit[] {
    return this.#hits(this.#withFloats(vector, (address) => this.#withBytes(new Uint8Array(data.buffer), (rgba) =>
      this.#wasm.vitrine_search_by_photo(address, vector.length, rgba, width, height, limit))));
  }

  /** Like a product, but as was asked; `direction` may be empty. */
  byShift(index: number, direction: Float32Array, limit: number): Hit[] {
    return this.#hits(this.#withFloats(direction, (address) =>
      this.#wasm.vitrine_search_by_shift(index, address, direction.length, limit)));
  }

  find(id: string): number | undefined {
    const index = this.#withText(id, (address, size) => this.#wasm.vitrine_search_find(address, size));
    return index < 0 ? undefined : index;
  }

  queryVector(): Float32Array {
    return this.#floats(this.#wasm.vitrine_search_query_vector());
  }

  itemVector(index: number): Float32Array {
    return this.#floats(this.#wasm.vitrine_search_item_vector(index));
  }

  zeroShot(vector: Float32Array, labels: Float32Array[]): Float32Array {
    const all = new Float32Array(labels.length * vector.length);
    labels.forEach((label, i) => all.set(label, i * vector.length));
    return this.#floats(this.#withFloats(vector, (address) => this.#withFloats(all, (other) =>
      this.#wasm.vitrine_search_zero_shot(address, vector.length, other, labels.length))));
  }

  openTokenizer(merges: Uint8Array): void {
    this.#checked(this.#withBytes(merges, (address, size) =>
      this.#wasm.vitrine_search_tokenizer(address, size)));
  }

  tokens(text: string, most: number, lower: boolean): Int32Array {
    const count = this.#checked(this.#withText(text, (address, size) =>
      this.#wasm.vitrine_search_tokens(address, size, most, lower ? 1 : 0)));
    return new Int32Array(this.#output(count * 4).buffer);
  }

  /** A picture as the numbers that the tower reads: planar floats. */
  pixels({data, width, height}: ImageData, tower: ImageTower): Float32Array {
    const settings = Float64Array.of(
        FITS.indexOf(tower.fit), tower.width, tower.height, FILTERS.indexOf(tower.filter),
        tower.crop_width, tower.crop_height, tower.scale, tower.offset, ...tower.mean, ...tower.std);
    return this.#floats(this.#withBytes(new Uint8Array(data.buffer), (rgba) =>
      this.#withBytes(new Uint8Array(settings.buffer), (address) =>
        this.#wasm.vitrine_search_pixels(rgba, width, height, address))));
  }

  #hits(count: number): Hit[] {
    const view = new DataView(this.#output(this.#checked(count) * HIT_BYTES).buffer);
    return Array.from({length: count}, (_, i) => ({
      index: view.getUint32(i * HIT_BYTES, true),
      score: view.getFloat32(i * HIT_BYTES + 4, true),
      words: view.getFloat32(i * HIT_BYTES + 8, true),
      likeness: view.getFloat32(i * HIT_BYTES + 12, true),
    }));
  }

  #floats(count: number): Float32Array {
    return new Float32Array(this.#output(this.#checked(count) * 4).buffer);
  }

  // A copy: the next call overwrites the original.
  #output(size: number): Uint8Array {
    return new Uint8Array(this.#wasm.memory.buffer, this.#wasm.vitrine_search_output(), size).slice();
  }

  #withText<T>(text: string, use: (address: number, size: number) => T): T {
    return this.#withBytes(new TextEncoder().encode(text), use);
  }

  #withFloats<T>(floats: Float32Array, use: (address: number) => T): T {
    return this.#withBytes(new Uint8Array(floats.buffer, floats.byteOffset, floats.byteLength), use);
  }

  #withBytes<T>(bytes: Uint8Array, use: (address: number, size: number) => T): T {
    const address = this.#write(bytes);
    try {
      return use(address, bytes.length);
    } finally {
      this.#wasm.vitrine_search_free(address);
    }
  }

  #write(bytes: Uint8Array): number {
    const address = this.#wasm.vitrine_search_alloc(Math.max(1, bytes.length)) >>> 0;
    if (address === 0) throw new Error(`search has no memory for ${bytes.length} bytes`);
    new Uint8Array(this.#wasm.memory.buffer, address, bytes.length).set(bytes);
    return address;
  }

  #checked(outcome: number): number {
    if (outcome >= 0) return outcome;
    const text = new Uint8Array(
        this.#wasm.memory.buffer, this.#wasm.vitrine_search_error(), this.#wasm.vitrine_search_error_size());
    throw new Error(new TextDecoder().decode(text.slice()));
  }
}
