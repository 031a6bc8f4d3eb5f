// ONNX Runtime Web on one tower at a time: texts and photos to vectors. One session is open at once
// and it is released after a while without questions, since a tower takes as much memory as its file,
// and twice that while it opens.
import type {ImageTower, TextTower} from "./description.js";

/** The part of onnxruntime-web that is used (its ort.wasm.min.mjs). */
interface Ort {
  env: {wasm: {numThreads?: number; proxy?: boolean; wasmPaths?: unknown}; logLevel?: string};
  InferenceSession: {create(model: Uint8Array, options: object): Promise<Session>};
  Tensor: new (type: string, data: Float32Array | BigInt64Array | Int32Array, dims: number[]) => Tensor;
}
interface Session {
  run(feeds: Record<string, Tensor>, outputs: string[]): Promise<Record<string, Tensor>>;
  release(): Promise<void>;
}
interface Tensor {
  data: Float32Array;
  dims: readonly number[];
}

const PAD_STEP = 16;
const IDLE_MS = 60_000;

export class Encoder {
  #ortUrl: string;
  #ort: Promise<Ort> | undefined;
  #attempts = 0;
  #open: {tower: object; session: Session} | undefined;
  #queue: Promise<unknown> = Promise.resolve();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param ortUrl folder of ort.wasm.min.js and its WebAssembly, ending with "/" */
  constructor(ortUrl: string) {
    this.#ortUrl = ortUrl;
  }

  /** Is the session of this tower open? */
  has(tower: object): boolean {
    return this.#open?.tower === tower;
  }

  text(tower: TextTower, ids: Int32Array, model: () => Promise<Uint8Array>): Promise<Float32Array> {
    return this.#inTurn(async () => {
      const {ids: padded, mask} = paddedTokens(tower, ids);
      const batch = fixed(tower.inputs[tower.ids_input]?.shape[0]);
      const feeds: Record<string, [number[], number[]]> = {
        [tower.ids_input]: [padded, [batch, padded.length]],
        [tower.mask_input]: [mask, [batch, padded.length]],
        [tower.types_input]: [padded.map(() => 0), [batch, padded.length]],
      };
      const session = await this.#session(tower, model);
      const tensors: Record<string, Tensor> = {};
      for (const [name, {type}] of Object.entries(tower.inputs)) {
        const [values, dims] = feeds[name] ?? unknownInput(name);
        tensors[name] = await this.#tensor(type, repeated(values, batch), dims);
      }
      return pool((await session.run(tensors, [tower.output]))[tower.output]!, tower.pooling, mask);
    });
  }

  image(tower: ImageTower, pixels: Float32Array, model: () => Promise<Uint8Array>): Promise<Float32Array> {
    return this.#inTurn(async () => {
      const session = await this.#session(tower, model);
      const batch = fixed(tower.inputs[tower.input]?.shape[0]);
      const filled = new Float32Array(batch * pixels.length);
      filled.set(pixels);
      const {Tensor} = await this.#runtime();
      const width = tower.crop_width || tower.width;
      const height = tower.crop_height || tower.height;
      const feed = new Tensor("float32", filled, [batch, 3, height, width]);
      return pool((await session.run({[tower.input]: feed}, [tower.output]))[tower.output]!, tower.pooling);
    });
  }

  async release(): Promise<void> {
    clearTimeout(this.#timer);
    const open = this.#open;
    this.#open = undefined;
    await open?.session.release();
  }

  // One question after the other: there is one session.
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    clearTimeout(this.#timer);
    const turn = this.#queue.then(work);
    this.#queue = turn.catch(() => {}).then(() => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => void this.#inTurn(() => this.release()).catch(() => {}), IDLE_MS);
    });
    return turn;
  }

  async #session(tower: object, model: () => Promise<Uint8Array>): Promise<Session> {
    if (this.#open?.tower === tower) return this.#open.session;
    await this.release();
    const [{InferenceSession}, bytes] = await Promise.all([this.#runtime(), model()]);
    const session = await InferenceSession.create(bytes, {
      executionProviders: ["wasm"], graphOptimizationLevel: "all", logSeverityLevel: 3,
    }).catch((error: unknown) => {
      this.#ort = undefined;  // it remembers what it could not fetch
      throw error;
    });
    this.#open = {tower, session};
    return session;
  }

  #runtime(): Promise<Ort> {
    this.#ort ??= (async () => {
      // Browsers remember a module that could not be fetched: another fragment is another module.
      const again = this.#attempts++ > 0 ? `#${this.#attempts}` : "";
      const ort = await import(/* @vite-ignore */ /* webpackIgnore: true */ `${this.#ortUrl}ort.wasm.min.js${again}`) as Ort;
      ort.env.wasm.numThreads = 1;  // more need cross-origin isolation
      ort.env.wasm.proxy = false;
      ort.env.logLevel = "error";
      ort.env.wasm.wasmPaths = {
        mjs: `${this.#ortUrl}ort-wasm-simd-threaded.js${again}`, wasm: `${this.#ortUrl}ort-wasm-simd-threaded.wasm`,
      };
      return ort;
    })();
    this.#ort.catch(() => (this.#ort = undefined));
    return this.#ort;
  }

  async #tensor(type: string, values: number[], dims: number[]): Promise<Tensor> {
    const {Tensor} = await this.#runtime();
    return new Tensor(type, type === "int64" ? BigInt64Array.from(values, BigInt) : type === "int32"
      ? Int32Array.from(values) : Float32Array.from(values), dims);
  }
}

/** As TextEncoder::Tokens() of the indexer pads them. */
export function paddedTokens(tower: TextTower, ids: Int32Array): {ids: number[]; mask: number[]} {
  const length = fixed(tower.inputs[tower.ids_input]?.shape[1], 0);
  const limit = length > 1 ? Math.min(length, tower.max_tokens) : tower.max_tokens;
  const size = length > 1 ? length : tower.pad_to_max
    ? limit : Math.min(limit, Math.ceil(ids.length / PAD_STEP) * PAD_STEP);
  return {
    ids: Array.from({length: size}, (_, i) => ids[i] ?? tower.pad_id),
    mask: Array.from({length: size}, (_, i) => (i < ids.length ? 1 : 0)),
  };
}

function fixed(size: number | undefined, otherwise = 1): number {
  return size !== undefined && size > 0 ? size : otherwise;
}

function repeated(values: number[], times: number): number[] {
  return Array.from({length: times}, () => values).flat();
}

function unknownInput(name: string): never {
  throw new Error(`the model wants an input "${name}" that its description does not name`);
}

/** The first vector of an output, as Pool() of the indexer takes it. */
export function pool({data, dims}: Tensor, pooling: string, mask?: number[]): Float32Array {
  if (pooling === "none" && dims.length === 2) return data.slice(0, dims[1]);
  if (pooling === "mean" && dims.length === 4) {
    const area = dims[2]! * dims[3]!;
    return Float32Array.from({length: dims[1]!}, (_, d) => sum(area, (i) => data[d * area + i]!) / area);
  }
  if (dims.length === 3 && pooling !== "none") {
    const [, positions, size] = dims as [number, number, number];
    const used = Array.from({length: pooling === "first" ? 1 : positions}, (_, t) => t)
      .filter((t) => pooling === "first" || !mask || mask[t] === 1);
    return Float32Array.from({length: size}, (_, d) =>
      sum(used.length, (i) => data[used[i]! * size + d]!) / Math.max(1, used.length));
  }
  throw new Error(`the model's output has the shape ${dims.join("x")}, which does not suit its description`);
}

function sum(count: number, value: (i: number) => number): number {
  let total = 0;
  for (let i = 0; i < count; i++) total += value(i);
  return total;
}
