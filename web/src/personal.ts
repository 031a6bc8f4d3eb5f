// What only the engine can answer, and what comes closest to it where there is none. A file of its
// own that a page loads when it first needs it; shares no state with the rest of the package.
import type {Bundle, ListedCard, Manifest, ProductPage} from "./bundle.js";
import type {EngineQuestion, EngineResult} from "./engine.js";
import {openEngine} from "./engine_client.js";
import type {EngineHost, EngineReport} from "./host.js";
import {engineFilter, isRefined, passes, suits} from "./refine.js";
import type {Card, Query, Reason, Shopper, Status, StoredEvent} from "./types.js";

export interface PersonalOptions {
  wasmUrl?: string;
  workerUrl?: string;
  onError: (error: unknown) => void;
  /** Called when the engine can answer what was answered without it so far. */
  onReady: () => void;
}

/** Lines whose reasons may name the products `about`. */
export interface PersonalAnswer {
  lines: ListedCard[];
  about: Card[];
  status?: Status;
  detail?: string;
}

// Room for products that a query drops after the engine answered.
const OVERSAMPLE = 4;
// How many of the latest products stand for a session where there is no engine.
const RECENT_PRODUCTS = 5;

// After a failure the engine is tried again, but not with every question.
const RETRY_MS = 30_000;

// How long a question waits for an engine that is still loading: a personal list is asked again when
// the engine is there, the others are not.
const PATIENCE_MS: Record<EngineQuestion["ask"], number> = {
  "for-you": 1000, popular: 8000, similar: 8000, "bought-together": 8000,
};

export class Personal {
  readonly #bundle: Bundle;
  readonly #options: PersonalOptions;
  #engine: Promise<EngineHost> | undefined;
  #triedAt = 0;
  #waiting: Promise<void> | undefined;
  state: "none" | "worker" | "main" | "failed" = "none";
  report: EngineReport | undefined;

  constructor(bundle: Bundle, options: PersonalOptions) {
    this.#bundle = bundle;
    this.#options = options;
  }

  /** Loads the engine; throws where there can be none. */
  open(): Promise<EngineHost> {
    const failedLongAgo = this.state === "failed" && performance.now() - this.#triedAt > RETRY_MS;
    if (!this.#engine || failedLongAgo) {
      this.#triedAt = performance.now();
      this.#engine = this.#start();
      this.#engine.catch(() => (this.state = "failed"));
    }
    return this.#engine;
  }

  /**
   * The engine's answer; where there is no engine, `ready` (the list that the page had) or a merged
   * one. `ready` is also the answer when enough of it passes the filters and suits the shopper.
   */
  async answer(
      question: EngineQuestion, query: Query, limit: number, user: Shopper, ready?: ListedCard[],
  ): Promise<PersonalAnswer> {
    const suited = ready?.filter(({card}) => suits(card, user));
    // What is popular in the shopper's age group or city only the engine knows.
    const segmented = user.ageGroup || user.city || user.region;
    if (!segmented && suited && suited.filter(({card}) => passes(card, query.filters)).length >= limit) {
      return {lines: suited, about: []};
    }
    try {
      const wanted = isRefined(query) ? OVERSAMPLE * limit : limit;
      const asked = this.open().then((engine) => engine.answer(question, wanted, engineFilter(query, user)));
      return await this.#withCards(await soon(asked, PATIENCE_MS[question.ask]));
    } catch (error) {
      if (error instanceof StillLoading) this.#tellWhenReady();
      else this.#options.onError(error);
      const detail = error instanceof Error ? error.message : String(error);
      const {lines, about} = suited ? {lines: suited, about: []} : await this.#simpler(question);
      return {lines: lines.filter(({card}) => suits(card, user)), about, status: "fallback", detail};
    }
  }

  /** Products of a session, latest first. */
  async recent(events: readonly StoredEvent[], limit: number): Promise<ListedCard[]> {
    const ids = latest(events).slice(0, OVERSAMPLE * limit);
    const pages = await Promise.all(ids.map((id) => this.#bundle.page(id).catch(() => undefined)));
    const cards = await this.#bundle.cards(pages.flatMap((page) => (page ? [page.index] : [])));
    return cards.flatMap((card, i) => (card ? [{card, score: 1 / (i + 1), reason: {kind: "recent"} as const}] : []));
  }

  #tellWhenReady(): void {
    this.#waiting ??= this.open().then((engine) => engine.complete()).then(() => this.#options.onReady()).catch(() => {});
  }

  async #simpler(question: EngineQuestion): Promise<PersonalAnswer> {
    if (question.ask === "bought-together") return this.#merged(question.ids, "boughtTogether");
    const seen = question.ask === "for-you" ? latest(question.events) : [];
    const {lines, about} = await this.#merged(seen.slice(0, RECENT_PRODUCTS), "similar", "because-viewed");
    return {lines: lines.filter(({card}) => !seen.includes(card.id)), about};
  }

  // The lists of several products as one: a product's score is the sum over the lists it is in,
  // earlier ids weighing more.
  async #merged(
      ids: readonly string[], list: "boughtTogether" | "similar", kind?: "because-viewed",
  ): Promise<PersonalAnswer> {
    const pages = await Promise.all(ids.map((id) => this.#bundle.page(id)));
    const known = pages.filter((page): page is ProductPage => page !== undefined);
    const about = kind ? await this.#bundle.cards(known.map((page) => page.index)) : [];
    const merged = new Map<string, ListedCard>();
    pages.forEach((page, i) => {
      for (const {card, score, reason} of page?.[list] ?? []) {
        if (ids.includes(card.id)) continue;
        const before = merged.get(card.id);
        merged.set(card.id, {
          card, score: (before?.score ?? 0) + score / (1 + i),
          reason: before?.reason ?? (kind ? {kind, item: ids[i]!} : reason),
        });
      }
    });
    const lines = [...merged.values()].sort((a, b) => b.score - a.score || (a.card.id < b.card.id ? -1 : 1));
    return {lines, about: about.filter((card) => card !== undefined)};
  }

  // Cards for the engine's dense indices; reasons then name products by id.
  async #withCards(results: EngineResult[]): Promise<PersonalAnswer> {
    const others = [...new Set(results.flatMap((result) => result.others ?? []))];
    const cards = await this.#bundle.cards([...results.map((result) => result.index), ...others]);
    const about = new Map<number, Card>();
    others.forEach((index, i) => {
      const card = cards[results.length + i];
      if (card) about.set(index, card);
    });
    const lines = results.flatMap(({score, reason, others: named = []}, i) => {
      const card = cards[i];
      if (!card) return [];
      const items = named.flatMap((index) => about.get(index)?.id ?? []);
      if (items.length === 0) return [{card, score, reason}];
      const more = items.length > 1 ? {items} : {};
      return [{card, score, reason: {...reason, item: items[0], ...more} as Reason}];
    });
    return {lines, about: [...about.values()]};
  }

  async #start(): Promise<EngineHost> {
    const manifest = await this.#bundle.manifest();
    const named = manifest.engine?.wasm;
    const {wasmUrl, workerUrl, onError} = this.#options;
    if (!wasmUrl && !named) throw new Error("the bundle names no engine and no wasmUrl was given");
    const wasm = wasmUrl
      ? {url: new URL(wasmUrl, document.baseURI).href}
      : {url: new URL(named!.file, this.#bundle.baseUrl).href, sha256: named!.sha256};
    const {baseUrl, keeps} = this.#bundle;
    const {host, report, thread} =
        await openEngine({wasm, baseUrl, sections: manifest.sections, keep: keeps}, workerUrl ?? this.#worker(manifest));
    this.state = thread;
    this.report = report;
    void host.complete().then((complete) => {
      this.report = complete;
      complete.missing.forEach((missing) => onError(new Error(missing)));
    }).catch(onError);
    return host;
  }

  // The worker that was published with the engine; browsers take none from another origin.
  #worker({engine}: Manifest): string | undefined {
    const url = engine?.worker && new URL(engine.worker.file, this.#bundle.baseUrl);
    return url && url.origin === location.origin ? url.href : undefined;
  }
}

class StillLoading extends Error {}

function soon<T>(promise: Promise<T>, patienceMs: number): Promise<T> {
  promise.catch(() => {});
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new StillLoading("the engine is still loading")), patienceMs);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

// Product ids, each once, latest first.
function latest(events: readonly {id: string}[]): string[] {
  return [...new Set(events.map((event) => event.id).reverse())];
}
