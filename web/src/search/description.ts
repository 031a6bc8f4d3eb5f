// search.json: what the bundle has for search (docs/bundle_format.md). Read once and checked, so that
// nothing after it has to.
import {BundleError, type FileEntry} from "../bundle.js";

export interface Shards {
  count: number;
  stamp: string;
}

interface Tower {
  /** Pieces of one ONNX file, in order. */
  model: FileEntry[];
  inputs: Record<string, {type: "float32" | "int64" | "int32"; shape: number[]}>;
  output: string;
  pooling: "none" | "mean" | "first";
}

export interface ImageTower extends Tower {
  input: string;
  fit: "shortest" | "squash" | "pad";
  width: number;
  height: number;
  filter: string;
  crop_width: number;
  crop_height: number;
  scale: number;
  offset: number;
  mean: [number, number, number];
  std: [number, number, number];
}

export interface TextTower extends Tower {
  ids_input: string;
  mask_input: string;
  types_input: string;
  max_tokens: number;
  pad_to_max: boolean;
  pad_id: number;
  lower: boolean;
  tokenizer: FileEntry;
  tokenizer_gzip: boolean;
}

export interface EncoderDescription {
  name: string;
  licence: string;
  joint: boolean;
  image?: ImageTower;
  text?: TextTower;
}

export interface SearchDescription {
  format: string;
  version: number;
  engine?: FileEntry;
  index: FileEntry;
  postings: Shards;
  queries: Shards;
  space?: FileEntry;
  thumbs?: FileEntry;
  encoder?: EncoderDescription;
}

const READS_VERSION = 1;

export function readDescription(json: unknown, url: string): SearchDescription {
  const description = json as Partial<SearchDescription> | null;
  if (typeof description !== "object" || description?.format !== "vitrine-search") {
    throw new BundleError(`${url}: not a search description`);
  }
  if (description.version !== READS_VERSION) {
    throw new BundleError(`${url}: version ${String(description.version)}, this page reads ${READS_VERSION}`);
  }
  const {encoder} = description;
  const towers = [encoder?.image, encoder?.text].filter((tower) => tower !== undefined);
  const files = [description.index, description.engine, description.space, description.thumbs, encoder?.text?.tokenizer,
                 ...towers.flatMap((tower) => (Array.isArray(tower.model) ? tower.model : [null]))];
  if (!description.index || files.some((file) => file !== undefined && !isFile(file))) {
    throw new BundleError(`${url}: a file is not named with its size and sha256`);
  }
  if (![description.postings, description.queries].every(isShards)) {
    throw new BundleError(`${url}: postings and queries need count and stamp`);
  }
  return description as SearchDescription;
}

export function bytesOf(tower: Tower | undefined): number {
  return tower?.model.reduce((sum, {bytes}) => sum + bytes, 0) ?? 0;
}

function isFile(file: unknown): boolean {
  const {file: name, bytes, sha256} = (file ?? {}) as Partial<FileEntry>;
  return typeof name === "string" && /^search\/[\w.-]+$/.test(name) && Number.isInteger(bytes) &&
    typeof sha256 === "string";
}

function isShards(shards: unknown): boolean {
  const {count, stamp} = (shards ?? {}) as Partial<Shards>;
  return Number.isInteger(count) && typeof stamp === "string" && /^[0-9a-f]{16}$/.test(stamp);
}
