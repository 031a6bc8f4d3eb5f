// Search by words and by photo, on the device. A part of its own that a page loads when it is first
// searched: an answer comes at once from what the indexer prepared, and is sharpened by the encoder's
// own model where the shopper wants that.
import {BundleError, fetchBytes, type Bundle, type ListedCard} from "./bundle.js";
import {bytesOf, readDescription, type SearchDescription} from "./search/description.js";
import {startSearch} from "./search/client.js";
import type {Hit, SearchFilter} from "./search/engine.js";
import type {Call, ModelCost, Question, SearchHost, Target} from "./search/host.js";
import type {CropBox} from "./search/picture.js";
import type {Filters, Query, RecommendedItem, Status} from "./types.js";

export type {Call, Target} from "./search/host.js";
export type {CropBox} from "./search/picture.js";

/**
 * - `instant`: from the words and likely queries of the bundle; no model was asked.
 * - `sharpening`: the same, and the model is on its way.
 * - `done`: as good as it gets, by meaning and words.
 * - `offline`: what was needed could not be fetched; `detail` says what.
 */
export type SearchState = "instant" | "sharpening" | "done" | "offline";

export interface SearchAnswer {
  /** What was asked for; "" for a photo alone. */
  text: string;
  items: RecommendedItem[];
  state: SearchState;
  status: Status;
  detail?: string;
  /** Names this answer in the shop's own analytics; holds nothing about the shopper. */
  searchId: string;
}

export interface SearchOptions extends Query {
  /**
   * May the encoder's model be loaded? `true`: yes, whatever its size. `"cached"`: only when it is on
   * this device already. `false`: never. Default: when it is on the device or small (8 MB).
   */
  meaning?: boolean | "cached";
  /** Called with each answer before the last one. */
  onUpdate?: (answer: SearchAnswer) => void;
  /** How far the download of a model is. */
  onProgress?: (loadedBytes: number, totalBytes: number) => void;
  /** Gives up the download; the instant answer stays. */
  signal?: AbortSignal;
}

export interface PhotoOptions extends SearchOptions {
  /** The part of the photo that shows the garment. */
  crop?: CropBox;
  /** Words that the products should also match: "but red". */
  text?: string;
}

/** What this bundle and device can do. */
export interface SearchAbilities {
  words: boolean;
  /** By the meaning of words, with a model of so many bytes of which so many are still to fetch. */
  meaning: {bytes: number; missingBytes: number; refused?: string} | undefined;
  photo: {bytes: number; missingBytes: number; refused?: string} | undefined;
  /** Why words alone are searched, and simply, where that is so. */
  problem?: string;
}

export interface SearchSettings {
  /** Folder of ONNX Runtime Web's files; by default `ort/` beside this script. */
  ortUrl?: string;
  /** The search worker; by default beside this script. */
  searchWorkerUrl?: string;
}

/** Cuts, words and makes safe what is shown, as for every list. */
export type Present = (lines: ListedCard[], query: Query, limit: number) => Promise<RecommendedItem[]>;

const DEFAULT_LIMIT = 24;
const SMALL_MODEL_BYTES = 8 * 2 ** 20;
// Room for products that a query drops after the engine answered.
const OVERSAMPLE = 2;
const CHEAPER = /\b(cheap(er)?|less expensive|günstiger|billiger|moins cher|más barato)\b/giu;

interface Opened {
  host: SearchHost;
  description: SearchDescription;
  problem?: string;
}

export class Search {
  readonly #bundle: Bundle;
  readonly #settings: SearchSettings;
  readonly #present: Present;
  #opened: Promise<Opened> | undefined;
  #answers = 0;

  constructor(bundle: Bundle, settings: SearchSettings, present: Present) {
    this.#bundle = bundle;
    this.#settings = settings;
    this.#present = present;
  }

  /** Fetches what a first answer needs; for example when the field gets the focus. */
  async warmUp(): Promise<void> {
    await this.#open().catch(() => {});
  }

  /** Likely queries that go on from what is typed. */
  async suggest(text: string, limit = 8): Promise<string[]> {
    try {
      return await (await this.#open()).host.suggest(text, limit);
    } catch {
      return [];
    }
  }

  async abilities(): Promise<SearchAbilities> {
    const {host, description: {encoder}, problem} = await this.#open();
    const [text, image] = await Promise.all([host.cost("text"), host.cost("image")]);
    const ability = ({there, missingBytes, refused}: ModelCost, bytes: number) =>
      (there ? {bytes, missingBytes, ...(refused && {refused})} : undefined);
    return {
      words: true, meaning: ability(text, bytesOf(encoder?.text)), photo: ability(image, bytesOf(encoder?.image)),
      ...(problem !== undefined && {problem}),
    };
  }

  /** Products for these words. Resolves with the best answer; onUpdate gets the instant one before. */
  async byText(text: string, options: SearchOptions = {}): Promise<SearchAnswer> {
    return this.#answer(text, options, async (question, {host, problem}, answer) => {
      const {hits} = await host.words(question);
      const cost = await host.cost("text");
      const wanted = isWanted(options.meaning, cost);
      const detail = problem ?? (wanted ? undefined : cost.refused);
      const instant = await answer(hits, wanted ? "sharpening" : cost.there || problem ? "instant" : "done", detail);
      if (!wanted) return instant;
      options.onUpdate?.(instant);
      try {
        return await answer(await host.meaning(question, callOf(options)), "done");
      } catch (error) {
        return {...instant, state: "instant", detail: messageOf(error)};
      }
    });
  }

  /** Products that look like the photo, which never leaves the device. */
  async byImage(photo: Blob, options: PhotoOptions = {}): Promise<SearchAnswer> {
    const {crop, text = "", meaning = true} = options;
    return this.#answer(text, options, async (question, {host, problem}, answer) => {
      const cost = await host.cost("image");
      if (!cost.there || !isWanted(meaning, cost)) {
        const why = problem ?? cost.refused ?? (cost.there ? "the model for photos is not on this device" : "the bundle has no model for photos");
        return answer([], "instant", why);
      }
      try {
        return await answer(await host.photo(photo, crop, question, callOf(options)), "done");
      } catch (error) {
        return answer([], "instant", messageOf(error));
      }
    });
  }

  /** Like a product, but "red", "longer", "cheaper". */
  async like(id: string, change: string, options: SearchOptions = {}): Promise<SearchAnswer> {
    const price = change.search(CHEAPER) >= 0 ? await this.#priceOf(id) : undefined;
    const text = change.replace(CHEAPER, " ").trim();
    const cheaper = price === undefined ? {} : {priceMax: Math.min(price - 0.01, options.filters?.priceMax ?? Infinity)};
    const filters = {...options.filters, ...cheaper};
    return this.#answer(text, {...options, filters}, async (question, {host}, answer) => {
      const wanted = text !== "" && isWanted(options.meaning, await host.cost("text"));
      return answer(await host.shift(id, question, wanted, callOf(options)), "done");
    });
  }

  /** Which of these labels suits a product or photo best: one probability each. Labels that are no likely queries need the model for words. */
  async labels(target: Target, labels: string[], options: Call = {}): Promise<{label: string; probability: number}[]> {
    const {host} = await this.#open();
    const probabilities = await host.labels(target, labels, options);
    return labels.map((label, i) => ({label, probability: probabilities[i]!}));
  }

  /** The vector of a photo or of words, or of a product as the bundle has it. */
  async vector(target: Target, options: Call = {}): Promise<Float32Array> {
    return (await this.#open()).host.vector(target, options);
  }

  // Every question ends here: nothing that a bundle or a network does becomes an exception.
  async #answer(
      text: string, options: SearchOptions,
      ask: (question: Question, opened: Opened,
            answer: (hits: Hit[], state: SearchState, detail?: string) => Promise<SearchAnswer>) => Promise<SearchAnswer>,
  ): Promise<SearchAnswer> {
    const limit = Math.max(0, Math.min(options.limit ?? DEFAULT_LIMIT, 100));
    const searchId = `search:${++this.#answers}`;
    try {
      const opened = await this.#open();
      const question = {text, filter: filterOf(options.filters), limit: OVERSAMPLE * limit};
      return await ask(question, opened, async (hits, state, detail) => {
        const items = await this.#present(await this.#lines(hits.slice(0, 2 * limit)), options, limit);
        return {text, items, state, status: items.length > 0 ? "ready" : "empty", searchId, ...(detail !== undefined && {detail})};
      });
    } catch (error) {
      const offline = error instanceof BundleError || !navigator.onLine;
      return {text, items: [], state: offline ? "offline" : "instant", status: "error", detail: messageOf(error), searchId};
    }
  }

  async #lines(hits: Hit[]): Promise<ListedCard[]> {
    const cards = await this.#bundle.cards(hits.map(({index}) => index));
    return hits.flatMap(({score, words, likeness}, i) => {
      const card = cards[i];
      return card ? [{card, score, reason: {kind: "search", words, likeness}}] : [];
    });
  }

  async #priceOf(id: string): Promise<number | undefined> {
    const page = await this.#bundle.page(id);
    const [card] = page ? await this.#bundle.cards([page.index]) : [];
    return card?.price === undefined ? undefined : Number(card.price);
  }

  #open(): Promise<Opened> {
    this.#opened ??= this.#start();
    this.#opened.catch(() => (this.#opened = undefined));  // the next question tries again
    return this.#opened;
  }

  async #start(): Promise<Opened> {
    const manifest = await this.#bundle.manifest();
    if (!manifest.search) throw new Error("the bundle has no search (search.enabled of vitrine.toml)");
    const {baseUrl} = this.#bundle;
    const {ortUrl, searchWorkerUrl} = this.#settings;
    const [host, description] = await Promise.all([
      startSearch(searchWorkerUrl ? absolute(searchWorkerUrl) : new URL("./search_worker.js", import.meta.url).href),
      loadDescription(manifest.search, baseUrl),
    ]);
    const {catalogue, vectors} = manifest.sections;
    const {problem} = await host.open({
      baseUrl, description, ortUrl: ortUrl ? absolute(ortUrl) : new URL("./ort/", import.meta.url).href,
      ...(catalogue && {catalogue}), ...(vectors && {looks: vectors}),
    });
    return {host, description, ...(problem !== undefined && {problem})};
  }
}

async function loadDescription({file, sha256}: {file: string; sha256: string}, baseUrl: string): Promise<SearchDescription> {
  const {bytes, url} = await fetchBytes(new URL(file, baseUrl).href, {integrity: `sha256-${sha256}`});
  return readDescription(JSON.parse(new TextDecoder().decode(bytes)), url);
}

function isWanted(meaning: SearchOptions["meaning"], {there, missingBytes, refused}: ModelCost): boolean {
  if (!there || refused || meaning === false) return false;
  if (meaning === true || missingBytes === 0) return true;
  return meaning === undefined && missingBytes <= SMALL_MODEL_BYTES && !savesData();
}

function savesData(): boolean {
  return (navigator as {connection?: {saveData?: boolean}}).connection?.saveData ?? false;
}

// What the engine can filter by; refine() does the rest.
function filterOf(filters: Filters | undefined): SearchFilter {
  const list = (wish: string | string[] | undefined) => (wish === undefined ? undefined : [wish].flat());
  const {priceMin, priceMax} = filters ?? {};
  const fields = {audience: list(filters?.audience), department: list(filters?.department),
                  colour: list(filters?.colour), brand: list(filters?.brand)};
  return {
    ...(priceMin !== undefined && {priceMin}), ...(priceMax !== undefined && Number.isFinite(priceMax) && {priceMax}),
    ...Object.fromEntries(Object.entries(fields).filter(([, values]) => values !== undefined)),
  };
}

function callOf({signal, onProgress}: SearchOptions): Call {
  return {...(signal && {signal}), ...(onProgress && {progress: onProgress})};
}

function absolute(url: string): string {
  return new URL(url, document.baseURI).href;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
