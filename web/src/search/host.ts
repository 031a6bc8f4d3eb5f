// Search with its files: fetches what a question needs and answers it. One of these lives in the
// search worker; in the page where a worker cannot be had.
import {fetchBytes, fetchFile, type FileEntry} from "../bundle.js";
import {bytesOf, type ImageTower, type SearchDescription, type TextTower} from "./description.js";
import {Encoder} from "./encoder.js";
import {SearchEngine, type Asked, type Hit, type SearchFilter, type ShardName} from "./engine.js";
import {cachedBytes, keepOnly, loadPieces} from "./models.js";
import {pixelsOf, type CropBox} from "./picture.js";
import {PlainSearch} from "./plain.js";

/** Where search finds its files; plain data, so that it can be posted to a worker. */
export interface SearchFiles {
  baseUrl: string;
  description: SearchDescription;
  catalogue?: FileEntry;
  looks?: FileEntry;
  ortUrl: string;
}

/** What a model would cost before it can be asked; 0 bytes = nothing is missing. */
export interface ModelCost {
  there: boolean;
  missingBytes: number;
  /** Why this device should not load it. */
  refused?: string;
}

export interface Call {
  signal?: AbortSignal;
  progress?: (loadedBytes: number, totalBytes: number) => void;
}

export interface Question {
  text: string;
  filter: SearchFilter;
  limit: number;
}

/** What has a vector: a product, words, a photo. */
export type Target = {id: string} | {text: string} | Blob;

export interface SearchHost {
  /** False: WebAssembly is forbidden here, only words() and suggest() answer. */
  open(files: SearchFiles): Promise<{engine: boolean; problem?: string}>;
  suggest(text: string, limit: number): Promise<string[]>;
  words(question: Question): Promise<{hits: Hit[]; asked: Asked}>;
  cost(tower: "text" | "image"): Promise<ModelCost>;
  meaning(question: Question, call?: Call): Promise<Hit[]>;
  photo(photo: Blob, crop: CropBox | undefined, question: Question, call?: Call): Promise<Hit[]>;
  shift(id: string, question: Question, meaning: boolean, call?: Call): Promise<Hit[]>;
  labels(target: Target, labels: string[], call?: Call): Promise<number[]>;
  vector(target: Target, call?: Call): Promise<Float32Array>;
}

// A tower takes about three times its file while it opens; more of the memory than this is not ours.
const MEMORY_FACTOR = 3;
const MEMORY_SHARE = 0.3;

type Section = "space" | "thumbs" | "catalogue" | "looks" | "tokenizer";

export class LocalSearchHost implements SearchHost {
  #files!: SearchFiles;
  #engine: SearchEngine | undefined;
  #plain: PlainSearch | undefined;
  #encoder!: Encoder;
  #loading = new Map<string, Promise<void>>();

  async open(files: SearchFiles): Promise<{engine: boolean; problem?: string}> {
    this.#files = files;
    this.#encoder = new Encoder(files.ortUrl);
    const {engine, index} = files.description;
    const [module, section] = await Promise.all([
      engine ? this.#fetch(engine).catch((error: unknown) => error as Error) : new Error("the bundle has no engine for search"),
      this.#fetch(index),
    ]);
    try {
      if (module instanceof Error) throw module;
      const opened = await SearchEngine.open(module as BufferSource);
      opened.addSection(section);
      this.#engine = opened;
      return {engine: true};
    } catch (error) {
      this.#plain = new PlainSearch(section);
      return {engine: false, problem: error instanceof Error ? error.message : String(error)};
    }
  }

  async suggest(text: string, limit: number): Promise<string[]> {
    return (this.#engine ?? this.#plain)!.suggest(text, limit);
  }

  async words({text, filter, limit}: Question): Promise<{hits: Hit[]; asked: Asked}> {
    if (isFilter(filter) && this.#engine) await this.#need("catalogue");
    const ask = () => {
      this.#engine?.setFilter(filter);
      return (this.#engine ?? this.#plain)!.ask(text);
    };
    const asked = ask();
    await this.#addShards(this.#engine ? this.#engine.missing(false) : this.#plain!.missing());
    ask();  // others may have asked meanwhile
    return {hits: (this.#engine ?? this.#plain)!.byWords(limit), asked};
  }

  async cost(kind: "text" | "image"): Promise<ModelCost> {
    const tower = this.#files.description.encoder?.[kind];
    if (!tower || !this.#engine) return {there: false, missingBytes: 0};
    const missingBytes = bytesOf(tower) - await cachedBytes(tower.model, this.#files.baseUrl);
    const refused = memoryProblem(bytesOf(tower));
    return {there: true, missingBytes, ...(refused && {refused})};
  }

  async meaning(question: Question, call: Call = {}): Promise<Hit[]> {
    const engine = this.#needEngine();
    const vector = await this.#textVector(question.text, call);
    await this.#prepare(question, "space");
    return this.#asked(engine, question).byVector(vector, question.limit);
  }

  async photo(photo: Blob, crop: CropBox | undefined, question: Question, call: Call = {}): Promise<Hit[]> {
    const engine = this.#needEngine();
    const pixels = await pixelsOf(photo, crop);
    const vector = await this.#imageVector(pixels, call);
    const {thumbs} = this.#files.description;  // absent: an older bundle, whose engine knows none
    await this.#prepare(question, "space", ...(thumbs ? ["thumbs" as const] : []));
    const asked = this.#asked(engine, question);
    return thumbs ? asked.byPhoto(vector, pixels, question.limit) : asked.byVector(vector, question.limit);
  }

  async shift(id: string, question: Question, meaning: boolean, call: Call = {}): Promise<Hit[]> {
    const engine = this.#needEngine();
    let direction = meaning ? await this.#textVector(question.text, call) : new Float32Array();
    await this.#prepare(question, "catalogue", "looks", ...(this.#files.description.encoder?.joint ? ["space" as const] : []));
    const index = engine.find(id);
    if (index === undefined) return [];
    this.#asked(engine, question);
    if (!meaning) direction = engine.queryVector() as Float32Array<ArrayBuffer>;
    return engine.byShift(index, direction, question.limit);
  }

  async labels(target: Target, labels: string[], call: Call = {}): Promise<number[]> {
    const engine = this.#needEngine();
    const vector = await this.vector(target, call);
    const vectors: Float32Array[] = [];
    for (const label of labels) vectors.push(await this.#knownVector(label) ?? await this.#textVector(label, call));
    return [...engine.zeroShot(vector, vectors)];
  }

  async vector(target: Target, call: Call = {}): Promise<Float32Array> {
    const engine = this.#needEngine();
    if (target instanceof Blob) return this.#imageVector(await pixelsOf(target), call);
    if ("text" in target) return this.#textVector(target.text, call);
    await Promise.all([this.#need("space"), this.#need("catalogue")]);
    const index = engine.find(target.id);
    if (index === undefined) throw new Error(`no product has the id "${target.id}"`);
    return engine.itemVector(index);
  }

  // The pre-computed vector of a likely query, or undefined.
  async #knownVector(text: string): Promise<Float32Array | undefined> {
    const engine = this.#needEngine();
    if (engine.ask(text) !== "likely") return undefined;
    await this.#addShards(engine.missing(false).filter(({kind}) => kind === "queries"));
    engine.ask(text);
    const vector = engine.queryVector();
    return vector.length > 0 ? vector : undefined;
  }

  async #textVector(text: string, call: Call): Promise<Float32Array<ArrayBuffer>> {
    const tower = this.#tower("text") as TextTower;
    await this.#need("tokenizer");
    const ids = this.#needEngine().tokens(text, tower.max_tokens, tower.lower);
    return await this.#encoder.text(tower, ids, () => this.#model(tower, call)) as Float32Array<ArrayBuffer>;
  }

  async #imageVector(photo: ImageData, call: Call): Promise<Float32Array> {
    const tower = this.#tower("image") as ImageTower;
    const pixels = this.#needEngine().pixels(photo, tower);
    return this.#encoder.image(tower, pixels, () => this.#model(tower, call));
  }

  #tower(kind: "text" | "image"): TextTower | ImageTower {
    const tower = this.#files.description.encoder?.[kind];
    if (!tower) throw new Error(`the bundle has no model for ${kind === "text" ? "words" : "photos"}`);
    const refused = this.#encoder.has(tower) ? undefined : memoryProblem(bytesOf(tower));
    if (refused) throw new Error(refused);
    return tower;
  }

  async #model(tower: TextTower | ImageTower, {signal, progress}: Call): Promise<Uint8Array> {
    const {description: {encoder}, baseUrl} = this.#files;
    const all = [...encoder?.text?.model ?? [], ...encoder?.image?.model ?? []];
    void keepOnly(all, baseUrl).catch(() => {});
    return loadPieces(tower.model, baseUrl, progress ?? (() => {}), signal);
  }

  #needEngine(): SearchEngine {
    if (!this.#engine) throw new Error("WebAssembly is not available here");
    return this.#engine;
  }

  #asked(engine: SearchEngine, {text, filter}: Question): SearchEngine {
    engine.setFilter(filter);
    engine.ask(text);
    return engine;
  }

  // The sections, and the shards of all the words.
  async #prepare(question: Question, ...sections: Section[]): Promise<void> {
    const engine = this.#asked(this.#needEngine(), question);
    if (isFilter(question.filter)) sections.push("catalogue");
    await Promise.all([...sections.map((name) => this.#need(name)), this.#addShards(engine.missing(true))]);
  }

  #need(name: Section): Promise<void> {
    const {description, catalogue, looks} = this.#files;
    const file = {space: description.space, thumbs: description.thumbs, catalogue, looks, tokenizer: description.encoder?.text?.tokenizer}[name];
    return this.#once(name, async () => {
      if (!file) throw new Error(`the bundle has no ${name} to search with`);
      const bytes = await this.#fetch(file);
      if (name === "tokenizer") this.#engine!.openTokenizer(await unpacked(bytes, description.encoder!.text!.tokenizer_gzip));
      else if (name === "looks") this.#engine!.addLooks(bytes);
      else this.#engine!.addSection(bytes);
    });
  }

  async #addShards(shards: ShardName[]): Promise<void> {
    await Promise.all(shards.map((shard) => this.#once(`${shard.kind}/${shard.number}`, async () => {
      const {stamp} = this.#files.description[shard.kind];
      const {bytes} = await fetchBytes(new URL(`search/${stamp}/${shard.number}.bin`, this.#files.baseUrl).href);
      if (this.#engine) this.#engine.addSection(new Uint8Array(bytes));
      else this.#plain!.addShard(shard, new Uint8Array(bytes));
    })));
  }

  // Once, unless it failed.
  #once(name: string, work: () => Promise<void>): Promise<void> {
    let loading = this.#loading.get(name);
    if (!loading) {
      loading = work();
      this.#loading.set(name, loading);
      loading.catch(() => this.#loading.delete(name));
    }
    return loading;
  }

  async #fetch(file: FileEntry): Promise<Uint8Array> {
    return new Uint8Array(await fetchFile(file, this.#files.baseUrl));
  }
}

function isFilter(filter: SearchFilter): boolean {
  return Object.values(filter).some((wish) => wish !== undefined);
}

function memoryProblem(modelBytes: number): string | undefined {
  const {deviceMemory} = navigator as {deviceMemory?: number};  // in GiB, where the browser tells
  if (deviceMemory === undefined || MEMORY_FACTOR * modelBytes <= MEMORY_SHARE * deviceMemory * 2 ** 30) return undefined;
  return `this device reports ${deviceMemory} GB of memory, too little for a model of ${Math.round(modelBytes / 2 ** 20)} MB`;
}

async function unpacked(bytes: Uint8Array, gzip: boolean): Promise<Uint8Array> {
  if (!gzip) return bytes;
  const stream = new Blob([bytes as BlobPart]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
