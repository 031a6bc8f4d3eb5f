// The API that a shop's page uses. Answers come from the page shards first (no WebAssembly needed);
// the engine is opened for what only it can answer: the shopper's own list, whole carts, filters.
import {Bundle, type ListedCard, type Manifest} from "./bundle.js";
import type {EngineQuestion} from "./engine.js";
import {learn, parsePrice} from "./format.js";
import type {EngineReport} from "./host.js";
import type {Personal} from "./personal.js";
import type {PhotoOptions, Search, SearchAnswer, SearchOptions, SearchSettings} from "./search.js";
import {loadTexts, reasonText, safeLocale} from "./reasons.js";
import {safeText, safeUrl} from "./safe.js";
import {Session} from "./session.js";
import type {
  ConsentState, Profile, Query, RecommendationType, Recommendations, RecommendedItem, Shopper, Status, TrackedEvent,
} from "./types.js";

/** Where a recommender finds its files, and in which language it speaks. */
export interface RecommenderOptions extends SearchSettings {
  /** The bundle's folder, relative to the page or absolute. Default "bundle/". */
  baseUrl?: string;
  /** Where the engine is; by default the one that the bundle names. */
  wasmUrl?: string;
  /** Where the worker is; by default beside this package's script. */
  workerUrl?: string;
  /** Language of texts and prices; default: the page's, else the shop's. */
  locale?: string;
  /** Base of the cards' relative urls and images; default: the page. */
  shopUrl?: string;
  /** Called when a file of the bundle or the engine could not be used; answers go on without it. */
  onError?: (error: Error) => void;
}

/** What is loaded, for the curious and for tests. */
export interface Diagnostics {
  build: string;
  items: number;
  engine: "none" | "worker" | "main" | "failed";
  engineReport?: EngineReport;
}

const DEFAULT_LIMIT = 10;

/** A list before it is cut, worded and made safe. */
interface Draft {
  lines: ListedCard[];
  status?: Status;
  detail?: string;
}

/** A recommender for a bundle. Opens nothing yet: the first question fetches the manifest. */
export function openRecommender(options: RecommenderOptions = {}): Recommender {
  return new Recommender(options);
}

/**
 * Answers a shop's questions; no question rejects. Dispatches "change" when the session, the consent
 * or the shopper changed (detail: "session" or "user"), so that lists can be asked anew, and "error"
 * (detail: an Error).
 */
export class Recommender extends EventTarget {
  readonly #options: RecommenderOptions;
  readonly #bundle: Bundle;
  readonly #session = new Session(() => {
    void this.#keepFiles();
    this.#changed();
  });
  #personal: Promise<Personal> | undefined;
  #search: Promise<Search> | undefined;
  #user: Shopper = {};
  #answers = 0;
  // Of products that reasons refer to, by id.
  readonly #titles = new Map<string, string>();

  constructor(options: RecommenderOptions = {}) {
    super();
    this.#options = options;
    const page = globalThis.document?.baseURI ?? globalThis.location?.href;
    const url = new URL(options.baseUrl ?? "bundle/", page);
    this.#bundle = new Bundle(url.href.endsWith("/") ? url.href : `${url.href}/`);
    void this.#session.ready.then(() => this.#keepFiles());
  }

  /** Products bought with this one, or with the products of a cart. */
  boughtTogether(product: string | readonly string[], query: Query = {}): Promise<Recommendations> {
    const ids = typeof product === "string" ? [product] : [...new Set(product)];
    return this.#answer("bought-together", query, async (limit) => {
      if (ids.length === 0) return {lines: []};
      const page = ids.length === 1 ? await this.#bundle.page(ids[0]!) : undefined;
      const lines = ids.length === 1 ? page?.boughtTogether ?? [] : undefined;
      return this.#enough(lines, {ask: "bought-together", ids}, query, limit);
    });
  }

  /** Products that look and read like this one. */
  similar(id: string, query: Query = {}): Promise<Recommendations> {
    return this.#answer("similar", query, async (limit) =>
      this.#enough((await this.#bundle.page(id))?.similar ?? [], {ask: "similar", id}, query, limit));
  }

  /** Products for this shopper, from what was done on this device alone. */
  forYou(query: Query = {}): Promise<Recommendations> {
    return this.#answer("for-you", query, async (limit) => {
      await this.#session.ready;
      const events = [...this.#session.events];
      if (events.length > 0) return this.#enough(undefined, {ask: "for-you", events}, query, limit);
      return {status: "fallback", detail: "no session yet", ...await this.#popular(query, limit)};
    });
  }

  /** What many shoppers choose; shoppers like this one when `setUser` told of them. */
  popular(query: Query = {}): Promise<Recommendations> {
    return this.#answer("popular", query, (limit) => this.#popular(query, limit));
  }

  /** Products of this session, latest first. */
  recent(query: Query = {}): Promise<Recommendations> {
    return this.#answer("recent", {fallback: "none", ...query}, async (limit) => {
      await this.#session.ready;
      const {events} = this.#session;
      return {lines: events.length > 0 ? await (await this.#loadPersonal()).recent(events, limit) : []};
    });
  }

  /** Search by words and photo: a part that loads when it is first asked for. */
  searcher(): Promise<Search> {
    const part = (this.#search ??= import("./search.js").then((module) =>
      new module.Search(this.#bundle, this.#options, async (lines, query, limit) =>
        this.#present(await this.#bundle.manifest(), lines, query, limit))));
    part.catch(() => (this.#search = undefined));
    return part;
  }

  /** Products for these words; see SearchOptions for how an instant answer is sharpened. */
  async search(text: string, options?: SearchOptions): Promise<SearchAnswer> {
    return (await this.searcher()).byText(text, options);
  }

  /** Products that look like a photo, which never leaves the device. */
  async searchByImage(photo: Blob, options?: PhotoOptions): Promise<SearchAnswer> {
    return (await this.searcher()).byImage(photo, options);
  }

  /** What the shop knows of the shopper; kept in this page's memory only. `{}` forgets it. */
  setUser(user: Shopper): void {
    this.#user = {...user};
    this.#changed("user");
  }

  /** Notes what the shopper did with a product. Returns false when the shopper declined. */
  track(event: TrackedEvent): boolean {
    if (typeof event.id !== "string" || event.id === "") return false;
    const added = this.#session.add({
      kind: event.kind, id: event.id, time: event.time ?? Math.floor(Date.now() / 1000),
    });
    if (added) this.#changed();
    return added;
  }

  /** Without an argument: what the shopper agreed to. `undefined` = ask again. */
  async consent(wish?: {personalization: boolean | undefined}): Promise<ConsentState> {
    await (wish ? this.#session.setConsent(wish.personalization) : this.#session.ready);
    if (wish) {
      await this.#keepFiles();
      this.#changed();
    }
    return this.#session.consent;
  }

  /** Deletes all that is known of the shopper, here and on the device. */
  async clear(): Promise<void> {
    this.#user = {};
    await this.#session.clear();
    await this.#keepFiles();
    this.#changed("user");
  }

  /** All that is known of the shopper. */
  async profile(): Promise<Profile> {
    await this.#session.ready;
    const {consent, stored, events} = this.#session;
    return {consent, stored, events: events.map((event) => ({...event})), user: {...this.#user}};
  }

  /** Loads the engine ahead of need, for example when the page is idle. */
  async warmUp(): Promise<void> {
    await this.#loadPersonal().then((personal) => personal.open()).then((engine) => engine.complete()).catch(() => {});
  }

  /** What is loaded. */
  async diagnostics(): Promise<Diagnostics> {
    const {build, items} = await this.#bundle.manifest();
    const personal = await this.#personal?.catch(() => undefined);
    return {build, items, engine: personal?.state ?? "none",
            ...(personal?.report && {engineReport: personal.report})};
  }

  /** The language of texts and prices. */
  async locale(): Promise<string> {
    return this.#localeOf(await this.#bundle.manifest());
  }

  #localeOf({shop}: Manifest): string {
    return safeLocale(this.#options.locale ?? (globalThis.document?.documentElement.lang ||
                      shop.locale || "en"));
  }

  // Every question ends here: nothing that a bundle or a network does becomes an exception.
  async #answer(
      type: RecommendationType, query: Query, draft: (limit: number) => Promise<Draft>,
  ): Promise<Recommendations> {
    const number = ++this.#answers;
    const limit = Math.max(0, Math.min(query.limit ?? DEFAULT_LIMIT, 100));
    try {
      const manifest = await this.#bundle.manifest();
      learn(manifest.shop);
      let result = await draft(limit);
      let items = await this.#present(manifest, result.lines, query, limit);
      if (items.length === 0 && (query.fallback ?? "popular") === "popular" && limit > 0) {
        result = {lines: await this.#bundle.popular(), status: "fallback",
                  detail: result.detail ?? "nothing was found, these are popular"};
        items = await this.#present(manifest, result.lines, query, limit);
      }
      return {
        type, items, recommendId: `${type}:${manifest.build}:${number}`,
        status: items.length === 0 ? "empty" : result.status ?? "ready",
        ...(result.detail !== undefined && {detail: result.detail}),
      };
    } catch (error) {
      this.#report(error);
      return {type, items: [], recommendId: `${type}::${number}`, status: "error",
              detail: messageOf(error)};
    }
  }

  async #popular(query: Query, limit: number): Promise<Draft> {
    return this.#enough(await this.#bundle.popular(), {ask: "popular"}, query, limit);
  }

  // A ready list, or the engine's where there is none or the shop's filters leave too little of it.
  async #enough(
      lines: ListedCard[] | undefined, question: EngineQuestion, query: Query, limit: number,
  ): Promise<Draft> {
    const user = question.ask === "popular" || question.ask === "for-you" ? this.#user : {};
    if (lines && !query.filters && Object.keys(user).length === 0) return {lines};
    const answer = await (await this.#loadPersonal()).answer(question, query, limit, user, lines);
    for (const {id, title} of answer.about) this.#titles.set(id, safeText(title, 80));
    return answer;
  }

  #loadPersonal(): Promise<Personal> {
    this.#personal ??= import("./personal.js").then((module) => new module.Personal(this.#bundle, {
      ...this.#options, onError: (error) => this.#report(error), onReady: () => this.#changed(),
    }));
    this.#personal.catch(() => (this.#personal = undefined));
    return this.#personal;
  }

  async #present(
      manifest: Manifest, lines: ListedCard[], query: Query, limit: number,
  ): Promise<RecommendedItem[]> {
    const locale = this.#localeOf(manifest);
    await loadTexts(locale);
    const kept = isRefined(query) ? await (await import("./refine.js")).refine(lines, query, limit) : lines;
    const items = kept.map((line, rank) => this.#item(manifest, line, rank, locale));
    const shown = (query.transformItems ? query.transformItems(items) : items).slice(0, limit);
    return shown.map((item, rank) => ({...item, rank}));
  }

  #item(manifest: Manifest, {card, score, reason}: ListedCard, rank: number, locale: string): RecommendedItem {
    const base = new URL(this.#options.shopUrl ?? "", globalThis.document?.baseURI ??
                         this.#bundle.baseUrl).href;
    const price = parsePrice(card.price);
    const originalPrice = parsePrice(card.original_price);
    return {
      id: card.id, rank, score, reason,
      reasonText: reasonText(reason, locale, (id) => this.#titles.get(id) ?? ""),
      title: safeText(card.title) || safeText(card.id),
      ...(price !== undefined && {price}),
      ...(originalPrice !== undefined && {originalPrice}),
      currency: safeText(card.currency ?? manifest.shop.currency, 8),
      image: safeUrl(card.image, base),
      url: safeUrl(card.url, base),
      availability: safeText(card.availability, 40),
      brand: safeText(card.brand, 80),
      audience: safeText(card.audience, 40),
      colour: safeText(card.colour, 80),
      department: safeText(card.department, 80),
      attributes: {...card.attributes},
    };
  }

  // Which products' shards are on the device tells what was looked at: so only with consent.
  async #keepFiles(): Promise<void> {
    const kept = this.#bundle.keeps;
    this.#bundle.keeps = this.#session.consent === "granted";
    if (kept && !this.#bundle.keeps) await import("./store.js").then((store) => store.clear()).catch(() => {});
  }

  #report(error: unknown): void {
    const problem = error instanceof Error ? error : new Error(messageOf(error));
    this.#options.onError?.(problem);
    this.dispatchEvent(new CustomEvent("error", {detail: problem}));
  }

  #changed(what = "session"): void {
    this.dispatchEvent(new CustomEvent("change", {detail: what}));
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function isRefined({filters, threshold, diversity, hydrate}: Query): boolean {
  return (filters ?? threshold ?? diversity ?? hydrate) !== undefined;
}
