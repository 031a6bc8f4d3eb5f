// An encoder's files: fetched piece by piece, each piece verified and kept in the Cache API, so that
// what was downloaded once is never downloaded again and a download that broke goes on where it was.
import {BundleError, type FileEntry} from "../bundle.js";

const CACHE = "vitrine-models";

export type Progress = (loadedBytes: number, totalBytes: number) => void;

/** The pieces as one; `signal` stops between two reads. Throws BundleError, or AbortError. */
export async function loadPieces(
    pieces: readonly FileEntry[], baseUrl: string, progress: Progress, signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const total = pieces.reduce((sum, {bytes}) => sum + bytes, 0);
  const whole = new Uint8Array(total);
  const cache = await openCache();
  let at = 0;
  for (const piece of pieces) {
    const url = new URL(piece.file, baseUrl).href;
    const bytes = await fromCache(cache, url, piece) ??
      await download(cache, url, piece, (loaded) => progress(at + loaded, total), signal);
    whole.set(bytes, at);
    at += bytes.length;
    progress(at, total);
  }
  return whole;
}

/** Bytes of these files that a visit before this one left here. */
export async function cachedBytes(pieces: readonly FileEntry[], baseUrl: string): Promise<number> {
  const cache = await openCache(true);
  if (!cache) return 0;
  const found = await Promise.all(pieces.map((piece) => cache.match(new URL(piece.file, baseUrl).href)));
  return pieces.reduce((sum, {bytes}, i) => sum + (found[i] ? bytes : 0), 0);
}

/** Forgets models of other builds. */
export async function keepOnly(pieces: readonly FileEntry[], baseUrl: string): Promise<void> {
  const cache = await openCache(true);
  if (!cache) return;
  const wanted = new Set(pieces.map((piece) => new URL(piece.file, baseUrl).href));
  for (const {url} of await cache.keys()) if (!wanted.has(url)) await cache.delete(url);
}

// Undefined in private windows, on insecure pages and where storage is forbidden: then nothing is kept.
// Looking must not leave a trace, so with `ifThere` no cache is made.
async function openCache(ifThere = false): Promise<Cache | undefined> {
  try {
    if (ifThere && !(await caches.has(CACHE))) return undefined;
    return await caches.open(CACHE);
  } catch {
    return undefined;
  }
}

async function fromCache(cache: Cache | undefined, url: string, piece: FileEntry): Promise<Uint8Array | undefined> {
  const kept = await cache?.match(url).catch(() => undefined);
  if (!kept) return undefined;
  const bytes = new Uint8Array(await kept.arrayBuffer());
  if (await matches(bytes, piece)) return bytes;
  await cache?.delete(url);  // damaged: fetched again
  return undefined;
}

async function download(
    cache: Cache | undefined, url: string, piece: FileEntry, progress: (loaded: number) => void, signal?: AbortSignal,
): Promise<Uint8Array> {
  const bytes = await read(url, piece, progress, signal);
  if (!(await matches(bytes, piece))) {
    throw new BundleError(`${url}: its content is not what the bundle says (corrupt copy?)`);
  }
  // A full device keeps nothing; the model works all the same.
  await cache?.put(url, new Response(bytes as BufferSource)).catch(() => {});
  return bytes;
}

async function read(
    url: string, piece: FileEntry, progress: (loaded: number) => void, signal?: AbortSignal,
): Promise<Uint8Array> {
  let response: Response;
  try {
    response = await fetch(url, {credentials: "omit", referrerPolicy: "no-referrer", ...(signal && {signal})});
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new BundleError(`${url}: could not be fetched (${String(error)})`);
  }
  if (!response.ok || !response.body) {
    throw new BundleError(`${url}: the server answered ${response.status}`, response.status);
  }
  const bytes = new Uint8Array(piece.bytes);
  let at = 0;
  const reader = response.body.getReader();
  for (;;) {
    const {done, value} = await reader.read();
    if (done) break;
    if (at + value.length > bytes.length) {
      await reader.cancel();
      throw new BundleError(`${url}: longer than the bundle says`);
    }
    bytes.set(value, at);
    at += value.length;
    progress(at);
  }
  if (at !== bytes.length) throw new BundleError(`${url}: ended after ${at} of ${bytes.length} bytes`);
  return bytes;
}

// Without crypto.subtle (insecure pages) the sizes were checked, and the model's own format is.
async function matches(bytes: Uint8Array, piece: FileEntry): Promise<boolean> {
  if (bytes.length !== piece.bytes) return false;
  if (!globalThis.crypto?.subtle) return true;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes as BufferSource));
  return btoa(String.fromCharCode(...digest)) === piece.sha256;
}
