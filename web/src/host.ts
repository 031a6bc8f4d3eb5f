// The engine with its files: fetches the module and the sections of a bundle and answers questions.
// One of these lives in the worker; in the page where a worker cannot be had.
import {fetchBytes, fetchFile, type FileEntry, type SectionName} from "./bundle.js";
import {applyDelta} from "./delta.js";
import {Engine, type EngineFilter, type EngineQuestion, type EngineResult} from "./engine.js";
import {find, forget, isWhole, keep} from "./store.js";

/** Where an engine finds its files; plain data, so that it can be posted to a worker. */
export interface EngineFiles {
  wasm: {url: string; sha256?: string};
  baseUrl: string;
  sections: Partial<Record<SectionName, FileEntry>>;
  /** Keep the files on this device, and start from those that an earlier build left there. */
  keep: boolean;
}

export interface EngineReport {
  items: number;
  /** Sections that are in use. */
  loaded: SectionName[];
  /** What could not be loaded, and why; answers go without it. */
  missing: string[];
  /** Downloaded; what this device had is not counted. */
  bytes: number;
}

export interface EngineHost {
  /** Resolves when the first questions can be answered; the other sections follow. */
  open(files: EngineFiles): Promise<EngineReport>;
  /** Resolves when every section is in use or missing. */
  complete(): Promise<EngineReport>;
  answer(question: EngineQuestion, limit: number, filter?: EngineFilter): Promise<EngineResult[]>;
}

// In the order of downloads, so that a slow line brings what is asked for first. The catalogue is first:
// the other sections are checked against it.
const SECTION_ORDER: readonly SectionName[] = ["catalogue", "taste", "rules", "vectors"];
// Sections that make the vectors exact, in the order of products (indexer/publish/bundle.h).
const REFINEMENTS = /^vectors_\d+$/;
const ITEMS_PER_REFINEMENT = 32 * 1024;
// What a question cannot do without.
const NEEDED: Record<EngineQuestion["ask"], SectionName> = {
  "for-you": "taste", popular: "taste", "bought-together": "rules", similar: "vectors",
};
// Sections that are fetched at once; the others follow when these are there.
const AT_ONCE = 2;

export class LocalEngineHost implements EngineHost {
  #engine: Engine | undefined;
  #sections = new Map<SectionName, Promise<void>>();
  #lastAsked = 0;  // a product; what is near it is refined first
  #report: EngineReport = {items: 0, loaded: [], missing: [], bytes: 0};

  async open({wasm, baseUrl, sections, keep: keeps}: EngineFiles): Promise<EngineReport> {
    const report = this.#report;
    const load = async (file: FileEntry) => {
      const {bytes, fetched} = await loadFile(file, baseUrl, keeps);
      report.bytes += fetched;
      return new Uint8Array(bytes);
    };
    const named = SECTION_ORDER.filter((name) => sections[name]);
    if (named[0] !== "catalogue") throw new Error("the bundle has no catalogue section");
    const first = named.slice(0, AT_ONCE).map((name) => load(sections[name]!));
    first.forEach((download) => download.catch(() => {}));  // looked at below, in order
    const module = await this.#module(wasm, keeps);
    const engine = await Engine.open(module);
    engine.addSection(await first[0]!);
    report.items = engine.itemCount;
    report.loaded.push("catalogue");
    this.#engine = engine;
    // The others wait for the second: on a slow line they would only delay it.
    const add = async (name: SectionName, i: number): Promise<void> => {
      try {
        if (i >= AT_ONCE) await this.#sections.get(named[AT_ONCE - 1]!);
        engine.addSection(await (first[i] ?? load(sections[name]!)));
        report.loaded.push(name);
      } catch (error) {
        report.missing.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
      }
    };
    named.forEach((name, i) => i > 0 && this.#sections.set(name, add(name, i)));
    void this.#refine(Object.keys(sections).filter((name) => REFINEMENTS.test(name)).sort() as SectionName[], add);
    await this.#sections.get("taste");
    return report;
  }

  // One after the other when all else is there: answers are good without, and better with them.
  async #refine(parts: SectionName[], add: (name: SectionName, i: number) => Promise<void>): Promise<void> {
    await this.complete();
    const wanted = [...parts];
    while (wanted.length > 0) {
      const near = parts[Math.floor(this.#lastAsked / ITEMS_PER_REFINEMENT)]!;
      const [next] = wanted.splice(Math.max(0, wanted.indexOf(near)), 1);
      await add(next!, AT_ONCE);
    }
  }

  async complete(): Promise<EngineReport> {
    await Promise.all(this.#sections.values());
    return this.#report;
  }

  async answer(question: EngineQuestion, limit: number, filter?: EngineFilter): Promise<EngineResult[]> {
    if (!this.#engine) throw new Error("the engine is not open");
    const id = productOf(question);
    this.#lastAsked = (id !== undefined && this.#engine.find(id)) || this.#lastAsked;
    await this.#sections.get(NEEDED[question.ask]);
    // Without partners of its own a cart lives on its look-alikes'.
    if (question.ask === "bought-together") await this.#sections.get("vectors");
    return this.#engine.answer(question, limit, filter);
  }

  async #module({url, sha256}: EngineFiles["wasm"], keeps: boolean): Promise<BufferSource> {
    const kept = sha256 ? await findWhole(url, sha256) : undefined;
    if (kept) return kept;
    const {bytes} = await fetchBytes(url, sha256 ? {integrity: `sha256-${sha256}`} : {});
    this.#report.bytes += bytes.byteLength;
    if (keeps && sha256) void keep(url, bytes);
    return bytes;
  }
}

// What a question is about: a cart's first product, a session's last.
function productOf(question: EngineQuestion): string | undefined {
  if ("id" in question) return question.id;
  if ("ids" in question) return question.ids[0];
  return "events" in question ? question.events.at(-1)?.id : undefined;
}

async function findWhole(url: string, sha256: string): Promise<ArrayBuffer | undefined> {
  const kept = await find(url);
  if (!kept) return undefined;
  if (await isWhole(kept, sha256)) return kept;
  void forget(url);
  return undefined;
}

// A section: what this device has, else what it has of the build before and the difference, else all.
async function loadFile(
    entry: FileEntry, baseUrl: string, keeps: boolean,
): Promise<{bytes: ArrayBuffer; fetched: number}> {
  const url = new URL(entry.file, baseUrl).href;
  const whole = await findWhole(url, entry.sha256);
  if (whole) return {bytes: whole, fetched: 0};
  const amended = await fromDelta(entry, baseUrl).catch(() => undefined);
  if (amended) {
    if (keeps) void keep(url, amended);
    return {bytes: amended, fetched: entry.delta!.bytes};
  }
  const bytes = await fetchFile(entry, baseUrl);
  if (keeps) void keep(url, bytes);
  return {bytes, fetched: bytes.byteLength};
}

async function fromDelta({delta, bytes: size, sha256}: FileEntry, baseUrl: string): Promise<ArrayBuffer | undefined> {
  if (!delta) return undefined;
  const from = new URL(delta.from, baseUrl).href;
  const before = await find(from);
  if (!before) return undefined;
  const bytes = await fetchFile(delta, baseUrl);
  const after = applyDelta(new Uint8Array(before), new Uint8Array(bytes), size).buffer as ArrayBuffer;
  if (!(await isWhole(after, sha256))) return undefined;
  void forget(from);
  return after;
}
