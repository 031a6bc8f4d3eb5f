// The WebAssembly module behind wasm/api.h, as an object. Runs in the worker, or in the page where
// there can be no worker. Knows bytes and dense indices only; fetching and painting are elsewhere.
import {readReason} from "./cards.js";
import {systemImports} from "./system_imports.js";
import type {EventKind, Reason} from "./types.js";

/** wasm/api.h, vitrine_api_version(). */
const API_VERSION = 2;
const RESULT_BYTES = 32;
const EVENT_BYTES = 16;
const NO_ITEM = 0xffffffff;

// shared/item.h
const INTERACTION_KINDS: Record<EventKind, number> = {view: 0, click: 1, wishlist: 2, cart: 3, order: 4};
// Reasons whose `other` is a product.
const REFERS = new Set([1, 2, 3, 6]);
const AUDIENCES: readonly string[] = ["", "women", "men", "unisex", "girls", "boys", "kids", "baby"];

interface Exports {
  memory: WebAssembly.Memory;
  _initialize?: () => void;
  vitrine_api_version(): number;
  vitrine_alloc(size: number): number;
  vitrine_free(address: number): void;
  vitrine_add_section(address: number, size: number): number;
  vitrine_error(): number;
  vitrine_error_size(): number;
  vitrine_item_count(): number;
  vitrine_find(address: number, size: number): number;
  vitrine_set_filter(priceMin: number, priceMax: number, audience: number, department: number): void;
  /** Since the release that knows segments. */
  vitrine_set_profile?(address: number, size: number): number;
  /** Since the release that tells earlier visits from this one. */
  vitrine_set_now?(seconds: number): void;
  vitrine_bought_together(cart: number, cartSize: number, limit: number): number;
  vitrine_similar(item: number, limit: number): number;
  vitrine_for_you(events: number, eventCount: number, limit: number): number;
  vitrine_popular(limit: number): number;
  vitrine_results(): number;
}

/** A line of an answer, in the engine's terms. `others` are dense indices of the products its reason names. */
export interface EngineResult {
  index: number;
  score: number;
  reason: Reason;
  others?: number[];
}

export interface EngineFilter {
  /** In 1/100 of the shop's currency. */
  priceMin?: number;
  priceMax?: number;
  audience?: string;
  /** What the shop said of the shopper: lines "attribute=value". */
  profile?: string;
}

export type EngineQuestion =
  | {ask: "bought-together"; ids: string[]}
  | {ask: "similar"; id: string}
  | {ask: "for-you"; events: {id: string; kind: EventKind; time: number}[]}
  | {ask: "popular"};

export class Engine {
  #wasm: Exports;

  private constructor(wasm: Exports) {
    this.#wasm = wasm;
  }

  /** @param source the module's bytes. Throws where the page's policy forbids WebAssembly. */
  static async open(source: BufferSource): Promise<Engine> {
    const module = await WebAssembly.compile(source);
    const instance = await WebAssembly.instantiate(module, systemImports(module));
    const wasm = instance.exports as unknown as Exports;
    wasm._initialize?.();
    const version = wasm.vitrine_api_version();
    if (version !== API_VERSION) {
      throw new Error(`engine interface ${version}, this package knows ${API_VERSION}`);
    }
    return new Engine(wasm);
  }

  get itemCount(): number {
    return this.#wasm.vitrine_item_count();
  }

  /** Adds a section file; the catalogue comes first. */
  addSection(bytes: Uint8Array): void {
    const address = this.#write(bytes);
    // The engine owns the bytes from here on, whatever the outcome.
    this.#checked(this.#wasm.vitrine_add_section(address, bytes.length));
  }

  /** The dense index of a product, or undefined. */
  find(id: string): number | undefined {
    const bytes = new TextEncoder().encode(id);
    const address = this.#write(bytes);
    const index = this.#wasm.vitrine_find(address, bytes.length);
    this.#wasm.vitrine_free(address);
    return index < 0 ? undefined : index;
  }

  answer(question: EngineQuestion, limit: number, filter: EngineFilter = {}): EngineResult[] {
    this.#wasm.vitrine_set_filter(
        filter.priceMin ?? 0, filter.priceMax ?? NO_ITEM,
        Math.max(0, AUDIENCES.indexOf(filter.audience ?? "")), 0);
    this.#setProfile(filter.profile ?? "");
    switch (question.ask) {
      case "bought-together": return this.#boughtTogether(question.ids, limit);
      case "similar": return this.#similar(question.id, limit);
      case "for-you": return this.#forYou(question.events, limit);
      case "popular": return this.#results(this.#wasm.vitrine_popular(limit));
    }
  }

  #setProfile(lines: string): void {
    const bytes = new TextEncoder().encode(lines);
    const address = this.#write(bytes);
    this.#wasm.vitrine_set_profile?.(address, bytes.length);
    this.#wasm.vitrine_free(address);
  }

  #boughtTogether(ids: string[], limit: number): EngineResult[] {
    const cart = Uint32Array.from(this.#known(ids));
    const address = this.#write(new Uint8Array(cart.buffer));
    const count = this.#wasm.vitrine_bought_together(address, cart.length, limit);
    this.#wasm.vitrine_free(address);
    return this.#results(count);
  }

  #similar(id: string, limit: number): EngineResult[] {
    const index = this.find(id);
    return index === undefined ? [] : this.#results(this.#wasm.vitrine_similar(index, limit));
  }

  #forYou(events: {id: string; kind: EventKind; time: number}[], limit: number): EngineResult[] {
    const known = events.flatMap((event) => {
      const index = this.find(event.id);
      return index === undefined ? [] : [{...event, index}];
    });
    const view = new DataView(new ArrayBuffer(known.length * EVENT_BYTES));
    known.forEach((event, i) => {
      view.setUint32(i * EVENT_BYTES, event.index, true);
      view.setUint32(i * EVENT_BYTES + 4, INTERACTION_KINDS[event.kind] ?? 0, true);
      view.setFloat64(i * EVENT_BYTES + 8, event.time, true);
    });
    const address = this.#write(new Uint8Array(view.buffer));
    // What the shopper has seen already is no news: asked for beyond the limit, then left out.
    const seen = new Set(known.map((event) => event.index));
    this.#wasm.vitrine_set_now?.(Date.now() / 1000);
    const count = this.#wasm.vitrine_for_you(address, known.length, limit + seen.size);
    this.#wasm.vitrine_free(address);
    return this.#results(count).filter(({index}) => !seen.has(index)).slice(0, limit);
  }

  #known(ids: string[]): number[] {
    return ids.map((id) => this.find(id)).filter((index) => index !== undefined);
  }

  #results(count: number): EngineResult[] {
    this.#checked(count);
    const view = new DataView(this.#wasm.memory.buffer, this.#wasm.vitrine_results(), count * RESULT_BYTES);
    const results: EngineResult[] = [];
    for (let at = 0; at < count * RESULT_BYTES; at += RESULT_BYTES) {
      const reason = view.getUint32(at + 8, true);
      const others = [12, 24, 28].map((field) => view.getUint32(at + field, true)).filter((index) => index !== NO_ITEM);
      results.push({
        index: view.getUint32(at, true),
        score: view.getFloat32(at + 4, true),
        reason: readReason(reason, view.getUint32(at + 16, true), view.getFloat32(at + 20, true)),
        ...(others.length > 0 && REFERS.has(reason) && {others}),
      });
    }
    return results;
  }

  // Copies bytes into the engine's memory; never of size 0, which alloc may answer with 0.
  #write(bytes: Uint8Array): number {
    const address = this.#wasm.vitrine_alloc(Math.max(1, bytes.length));
    if (address === 0) throw new Error(`the engine has no memory for ${bytes.length} bytes`);
    new Uint8Array(this.#wasm.memory.buffer, address, bytes.length).set(bytes);
    return address;
  }

  #checked(outcome: number): void {
    if (outcome >= 0) return;
    const text = new Uint8Array(
        this.#wasm.memory.buffer, this.#wasm.vitrine_error(), this.#wasm.vitrine_error_size());
    throw new Error(new TextDecoder().decode(text.slice()));
  }
}
