// Reads a bundle (docs/bundle_format.md): the manifest, then only the shards that a page needs.
//
// Every file but the manifest is immutable and has a hash in its path, so it is fetched at most once
// and taken from the browser's cache afterwards. Requests are plain GETs without cookies, query strings
// or a referrer.
import {cardReader, isRecord, readList, readTable, type CardTemplates, type ListedCard} from "./cards.js";
import {pageShard} from "./hash.js";
import type {Card} from "./types.js";

export type {ListedCard};

export interface FileEntry {
  file: string;
  bytes: number;
  sha256: string;
  /** Where they are named, they are the file, one after the other. */
  pieces?: FileEntry[];
  /** How to make it from the file of the build before. */
  delta?: FileEntry & {from: string};
}

export type SectionName = "catalogue" | "rules" | "vectors" | "taste" | `vectors_${string}`;

interface ShardSet {
  count: number;
  stamp: string;
}

export interface Manifest {
  format: string;
  version: number;
  build: string;
  shop: {name?: string; currency?: string; locale?: string; numbers?: unknown};
  items: number;
  pages: ShardSet;
  cards: ShardSet & CardTemplates & {items_per_file: number};
  /** What differs from `pages` and `cards`. */
  changes?: ShardSet;
  popular?: FileEntry;
  sections: Partial<Record<SectionName, FileEntry>>;
  engine?: {wasm?: FileEntry; worker?: FileEntry};
  search?: FileEntry;
}

export interface ProductPage {
  index: number;
  boughtTogether: ListedCard[];
  similar: ListedCard[];
}

/** What went wrong with the bundle, with the file's address; the message is for the shop's engineer. */
export class BundleError extends Error {
  constructor(message: string, readonly status = 0) {
    super(message);
    this.name = "BundleError";
  }
}

const READS_VERSION = 1;
// A file must come at this rate at least, after this long for a start.
const SLOWEST_BYTES_PER_MS = 8;
const FETCH_TIMEOUT_MS = 15_000;

export class Bundle {
  #baseUrl: string;
  #manifest: Promise<Manifest> | undefined;
  // Parsed shards by file name; promises, so that two questions at once fetch once.
  #files = new Map<string, Promise<Record<string, unknown>>>();
  #keeps = false;

  /** @param baseUrl absolute address of the bundle's folder, ending with "/" */
  constructor(baseUrl: string) {
    this.#baseUrl = baseUrl;
  }

  get baseUrl(): string {
    return this.#baseUrl;
  }

  /** Are the files that were read kept on this device, for when there is no network? */
  get keeps(): boolean {
    return this.#keeps;
  }

  set keeps(keeps: boolean) {
    const begins = keeps && !this.#keeps;
    this.#keeps = keeps;
    if (!begins) return;
    for (const file of ["manifest.json", ...this.#files.keys()]) {
      this.#read(file, {cache: "force-cache"}).catch(() => {});  // reading keeps it, if it can
    }
  }

  manifest(): Promise<Manifest> {
    this.#manifest ??= this.#loadManifest("default").catch((error: unknown) => {
      this.#manifest = undefined;  // the next question tries again
      throw error;
    });
    return this.#manifest;
  }

  /** The lists of a product's page, or undefined when the shop has no such product. */
  page(id: string): Promise<ProductPage | undefined> {
    return this.#fresh(async (manifest) => {
      const number = pageShard(id, manifest.pages.count);
      const [shard, changes] = await Promise.all([
        this.#json(`pages/${manifest.pages.stamp}/${number}.json`), this.#changes(manifest, number)]);
      const amended = readTable(changes.cards, manifest.cards);
      const byId = new Map(amended.map((card) => [card?.id, card]));
      const own = (from: Record<string, unknown>) => (isRecord(from.pages) && Object.hasOwn(from.pages, id)
        ? from.pages[id] : undefined);
      const changed = own(changes);
      const page = changed === undefined ? own(shard) : changed;
      if (!Array.isArray(page)) return undefined;
      const published = cardReader(shard.cards, manifest.cards);
      const read = (row: number) => {
        const card = changed === undefined ? published(row) : amended[row];
        return byId.get(card?.id) ?? card;
      };
      const list = (numbers: unknown) =>
        readList(numbers, read).filter(({card}) => !byId.has(card.id) || card.availability !== "out_of_stock");
      return {index: Number(page[0]), boughtTogether: list(page[1]), similar: list(page[2])};
    });
  }

  /** The shop's popular products. */
  popular(): Promise<ListedCard[]> {
    return this.#fresh(async (manifest) => {
      if (!manifest.popular) return [];
      const {file, sha256} = manifest.popular;
      const {popular, cards} = await this.#json(file, {integrity: `sha256-${sha256}`});
      return readList(popular, cardReader(cards, manifest.cards));
    });
  }

  /** The cards of these dense indices, in their order; undefined where there is none. */
  cards(indices: readonly number[]): Promise<(Card | undefined)[]> {
    return this.#fresh(async (manifest) => {
      const {items_per_file: perFile, count, stamp} = manifest.cards;
      const known = indices.filter((index) => index >= 0 && index < manifest.items);
      const found = new Map<number | undefined, Card | undefined>();
      await Promise.all(Array.from(new Set(known.map((index) => Math.floor(index / perFile))), async (number) => {
        const [shard, changes] = await Promise.all([
          number < count ? this.#json(`cards/${stamp}/${number}.json`) : {}, this.#changes(manifest, number)]);
        const cards = [...readTable((shard as Record<string, unknown>).cards, manifest.cards, number * perFile),
                       ...readTable(changes.cards, manifest.cards)];
        for (const card of cards) found.set(card?.index, card);
      }));
      return indices.map((index) => found.get(index));
    });
  }

  // What differs from a shard since it was published, or nothing.
  #changes({changes}: Manifest, number: number): Promise<Record<string, unknown>> {
    if (!changes) return Promise.resolve({});
    return this.#json(`changes/${changes.stamp}/${(number & (changes.count - 1)) >>> 0}.json`);
  }

  // Runs `load` with the manifest; when a file is gone because the shop published a new bundle in
  // the meantime, once more with a fresh manifest.
  async #fresh<T>(load: (manifest: Manifest) => Promise<T>): Promise<T> {
    const manifest = await this.manifest();
    try {
      return await load(manifest);
    } catch (error) {
      if (!(error instanceof BundleError)) throw error;
      const newer = await this.#loadManifest("reload").catch(() => manifest);
      if (newer.build === manifest.build) throw error;
      this.#manifest = Promise.resolve(newer);
      return load(newer);
    }
  }

  async #loadManifest(cache: RequestCache): Promise<Manifest> {
    const {json, url} = await this.#read("manifest.json", {cache});
    return readManifest(json, url);
  }

  #json(file: string, init: RequestInit = {}): Promise<Record<string, unknown>> {
    let loading = this.#files.get(file);
    if (!loading) {
      loading = this.#read(file, init).then(({json}) => json);
      this.#files.set(file, loading);
      loading.catch(() => this.#files.delete(file));
    }
    return loading;
  }

  // From the network; where that fails, what an earlier visit kept.
  async #read(file: string, init: RequestInit): Promise<{json: Record<string, unknown>; url: string}> {
    const url = new URL(file, this.#baseUrl).href;
    try {
      const {bytes} = await fetchBytes(url, init);
      const json = parseJson(bytes, url);
      if (this.#keeps) {
        void import("./store.js").then(({keep}) => keep(url, bytes, () => this.#keeps)).catch(() => {});
      }
      return {json, url};
    } catch (error) {
      const gone = error instanceof BundleError && error.status > 0 && error.status < 500;
      const kept = gone ? undefined
        : await import("./store.js").then(({find}) => find(url)).catch(() => undefined);
      if (!kept) throw error;
      return {json: parseJson(kept, url), url};
    }
  }
}

// The page's own hint has asked for the file already, with the cookies of the page's own origin: taking
// that answer needs the same mode. Workers have no hints.
function isPreloaded(url: string): boolean {
  return [...(globalThis.document?.querySelectorAll("link") ?? [])].some(({rel, href}) => rel === "preload" && href === url);
}

/**
 * GETs a file of the bundle: no cookies, no referrer, an end to waiting.
 * @param size bytes that are expected, where that is known: large files may take longer
 */
export async function fetchBytes(
    url: string, init: RequestInit = {}, size = 0,
): Promise<{bytes: ArrayBuffer; url: string}> {
  const abort = new AbortController();
  const patience = FETCH_TIMEOUT_MS + size / SLOWEST_BYTES_PER_MS;
  const timer = setTimeout(() => abort.abort(), patience);
  try {
    const response = await fetch(url, {
      credentials: isPreloaded(url) ? "same-origin" : "omit", referrerPolicy: "no-referrer", signal: abort.signal, ...init,
    });
    if (!response.ok) {
      throw new BundleError(`${url}: the server answered ${response.status}`, response.status);
    }
    return {bytes: await response.arrayBuffer(), url};
  } catch (error) {
    if (error instanceof BundleError) throw error;
    const cause = abort.signal.aborted
      ? `no answer within ${Math.round(patience / 1000)} s`
      : String(error) + (init.integrity ? ", or not as published" : "");
    throw new BundleError(`${url}: could not be fetched (${cause})`);
  } finally {
    clearTimeout(timer);
  }
}

function parseJson(bytes: ArrayBuffer, url: string): Record<string, unknown> {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw new BundleError(`${url}: not JSON (${String(error)})`);
  }
  if (!isRecord(json)) throw new BundleError(`${url}: not a JSON object`);
  return json;
}

/** Checks the shape of a manifest once, so that nothing after it has to. */
export function readManifest(json: unknown, url: string): Manifest {
  const fail = (what: string): never => {
    throw new BundleError(`${url}: ${what}`);
  };
  if (!isRecord(json) || json.format !== "vitrine-bundle") return fail("not a Vitrine bundle");
  if (json.version !== READS_VERSION) {
    return fail(`bundle version ${String(json.version)}, this page reads ${READS_VERSION}; ` +
                `publish the package and the bundle of one release`);
  }
  const {pages, cards, changes = pages} = json;
  if (!isSet(cards) || !isCount(cards.items_per_file)) return fail("field cards: needs count, items_per_file and stamp");
  for (const [name, set] of Object.entries({pages, changes})) {
    if (!isSet(set) || !isPowerOfTwo(set.count)) return fail(`field ${name}: needs count (a power of two) and stamp`);
  }
  const sections = isRecord(json.sections) ? json.sections : {};
  for (const [name, entry] of Object.entries(sections)) {
    if (!isFile(entry)) return fail(`field sections.${name}: needs file and sha256`);
  }
  if (json.popular !== undefined && !isFile(json.popular)) {
    return fail("field popular: needs file and sha256");
  }
  return {...json, shop: isRecord(json.shop) ? json.shop : {}, sections} as unknown as Manifest;
}

function isCount(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) > 0 && (value as number) <= 2 ** 31;
}

function isPowerOfTwo(value: unknown): boolean {
  return isCount(value) && Number.isInteger(Math.log2(value));
}

function isSet(value: unknown): value is Record<string, unknown> {
  return isRecord(value) && isCount(value.count) && isText(value.stamp, /^[0-9a-f]{16}$/);
}

// A file name of the bundle has an ending, and stays inside the bundle.
function isFile(value: unknown): boolean {
  return isRecord(value) && isText(value.file, /^([\w-]+\/)*[\w-]+(\.[\w-]+)+$/) && isText(value.sha256, /^/);
}

function isText(value: unknown, form: RegExp): boolean {
  return typeof value === "string" && form.test(value);
}

/** A file that the manifest names with its hash, whole. */
export async function fetchFile({file, bytes: size, sha256, pieces}: FileEntry, baseUrl: string): Promise<ArrayBuffer> {
  if (!pieces) return (await fetchBytes(new URL(file, baseUrl).href, {integrity: `sha256-${sha256}`}, size)).bytes;
  return new Blob(await Promise.all(pieces.map((piece) => fetchFile(piece, baseUrl)))).arrayBuffer();
}
